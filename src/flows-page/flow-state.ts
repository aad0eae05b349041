import { computed, effect, signal } from '@preact/signals';
import { sayError } from '../app/i18n/index.ts';
import type { FlowDocument, FlowEvent, FlowResult, FlowStep, FlowSummary, Sotto } from '../client/index.ts';
import type { NodeStatus } from './graph.tsx';
import { keptList } from './kept.ts';
import type { QueueState } from './queue-state.ts';
import { readFiles } from './read-files.ts';
import { TEXT } from './text.ts';

/** What a person sees in the field for a sample, and what a flow gets for what stands there. */
export const toField = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

export function fromField(text: string, flow: FlowDocument): unknown {
  if (flow.input.type === 'text' || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Why what stands in the field is no input of a flow that takes records or lists; null where it may be one. */
function jsonProblem(text: string, { input }: FlowDocument): string | null {
  if (input.type === 'text' || input.type === 'any') return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `${TEXT.badJson} ${error instanceof Error ? error.message : ''}`;
  }
}

function isFlow(value: unknown): value is FlowDocument {
  const flow = (value ?? {}) as Partial<FlowDocument>;
  return (
    flow.flowVersion === 1 && typeof flow.id === 'string' && Array.isArray(flow.nodes) && Array.isArray(flow.edges)
  );
}

/** The state of the flow page, and what can be done on it. */
export function createFlowState(sotto: Sotto, queue: QueueState) {
  const flows = signal<readonly FlowSummary[]>([]);
  const { items: own, change: changeOwn } = keptList<FlowDocument>('sotto-flows', isFlow);
  const flow = signal<FlowDocument | null>(null);
  const input = signal('');
  const statuses = signal<ReadonlyMap<string, NodeStatus>>(new Map());
  const steps = signal<readonly FlowStep[]>([]);
  const result = signal<FlowResult | null>(null);
  const message = signal<string>(TEXT.loading);
  const chosen = signal<string | null>(null);
  const running = signal<AbortController | null>(null);
  /** What was chosen and is still on its way: until it is there, nothing runs. */
  const coming = signal<string | null>(null);
  /** Names under which flows are chosen: one's own come with a mark, for they may be called like the product's. */
  const choices = computed(() => ({
    product: flows.value.map(({ id, name }) => ({ value: id, name })),
    own: own.value.map(({ id, name }) => ({ value: `own:${id}`, name: name || id })),
  }));

  const tell = (event: FlowEvent) => {
    const [node, status] =
      event.type === 'flow-started' ? [event.node, 'running' as const] : [event.step.node, event.step.status];
    statuses.value = new Map([...statuses.value, [node, status]]);
    if (event.type === 'flow-step') steps.value = [...steps.value, event.step];
  };
  const clear = () => {
    statuses.value = new Map();
    steps.value = [];
    result.value = null;
  };
  /** The document behind a choice. */
  const documentOf = async (value: string): Promise<FlowDocument> =>
    own.value.find(({ id }) => `own:${id}` === value) ?? sotto.flows.document(value);
  const open = (document: FlowDocument, sample?: unknown) => {
    running.value?.abort();
    // What is still under way belongs to another flow: it says no more.
    running.value = null;
    coming.value = null;
    clear();
    chosen.value = null;
    flow.value = document;
    if (sample !== undefined) input.value = toField(sample);
    message.value = '';
  };
  const isThere = () => coming.value === null && flow.value !== null;
  const arrived = async () => {
    let stop = () => {};
    await new Promise<void>((resolve) => {
      stop = effect(() => {
        if (isThere()) resolve();
      });
    });
    stop();
  };
  const choose = async (value: string) => {
    const { sample } = flows.value.find(({ id }) => id === value) ?? {};
    const before = input.value;
    coming.value = value;
    try {
      const document = await documentOf(value);
      // Meanwhile another may have been chosen, and a text typed: neither is undone.
      if (coming.value === value) open(document, input.value === before ? sample : undefined);
    } catch (error) {
      const words = await sayError(error, TEXT.stopped);
      if (coming.value !== value) return;
      coming.value = null;
      message.value = words;
    }
  };
  const run = async (change?: { readonly answers?: Readonly<Record<string, unknown>>; readonly from?: string }) => {
    const document = flow.value;
    if (document === null || running.value !== null || coming.value !== null) return;
    const problem = jsonProblem(input.value, document);
    if (problem !== null) {
      clear();
      message.value = problem;
      return;
    }
    const before = result.value;
    const controller = new AbortController();
    clear();
    running.value = controller;
    message.value = TEXT.running;
    const isLatest = () => running.value === controller;
    const options = {
      signal: controller.signal,
      onEvent: (event: { readonly type: string }) => {
        if (!isLatest()) return;
        if (event.type === 'flow-step' || event.type === 'flow-started') tell(event as FlowEvent);
      },
    };
    try {
      const given = fromField(input.value, document);
      const done =
        change === undefined || before === null
          ? await sotto.flows.run(document, given, options)
          : await sotto.flows.resume(document, given, before.trace, change, options);
      if (!isLatest()) return;
      result.value = done;
      steps.value = done.trace.steps;
      if (done.isEscalated && done.status === 'done') await queue.add(document, given, done);
      if (!isLatest()) return;
      message.value =
        done.status === 'waiting' ? TEXT.waiting : done.isEscalated ? TEXT.queued : TEXT.done(done.trace.ms);
    } catch (error) {
      const words = await sayError(error, TEXT.stopped);
      if (isLatest()) message.value = words;
    } finally {
      if (isLatest()) running.value = null;
    }
  };
  let opening: readonly File[] | null = null;
  const openFiles = async (files: readonly File[]) => {
    if (files.length === 0) return;
    opening = files;
    // They are for the flow that was chosen, also while it is on its way.
    if (!isThere()) await arrived();
    const document = flow.value;
    const isLatest = () => opening === files && flow.value === document;
    if (document === null || !isLatest()) return;
    message.value = TEXT.reading;
    const read = await readFiles(sotto, files, document, input);
    if (!isLatest()) return;
    input.value = read.text;
    message.value = read.problems.join(' ');
  };
  const start = async () => {
    try {
      flows.value = await sotto.flows.list();
      const [first] = flows.value;
      if (first !== undefined) await choose(first.id);
    } catch (error) {
      message.value = await sayError(error, TEXT.stopped);
    }
  };
  /** Resolves with whether it lies on disk. */
  const keepOwn = (document: FlowDocument) =>
    changeOwn((now) => [...now.filter(({ id }) => id !== document.id), document]);
  const removeOwn = (id: string) => changeOwn((now) => now.filter((one) => one.id !== id));
  return {
    sotto,
    flows,
    own,
    choices,
    flow,
    input,
    statuses,
    steps,
    result,
    message,
    chosen,
    running,
    coming,
    choose,
    documentOf,
    open,
    openFiles,
    run,
    start,
    keepOwn,
    removeOwn,
  };
}

export type FlowState = ReturnType<typeof createFlowState>;
