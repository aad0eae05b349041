import { signal } from '@preact/signals';
import {
  type FlowDocument,
  type FlowEvent,
  type FlowResult,
  type FlowStep,
  type FlowSummary,
  isAbortError,
  type Sotto,
  SottoError,
} from '../client/index.ts';
import type { NodeStatus } from './graph.tsx';
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

/** The state of the flow page, and what can be done on it. */
export function createFlowState(sotto: Sotto) {
  const flows = signal<readonly FlowSummary[]>([]);
  const flow = signal<FlowDocument | null>(null);
  const input = signal('');
  const statuses = signal<ReadonlyMap<string, NodeStatus>>(new Map());
  const steps = signal<readonly FlowStep[]>([]);
  const result = signal<FlowResult | null>(null);
  const message = signal<string>(TEXT.loading);
  const chosen = signal<string | null>(null);
  const running = signal<AbortController | null>(null);

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
    chosen.value = null;
  };
  const choose = async (id: string) => {
    running.value?.abort();
    clear();
    flow.value = await sotto.flows.document(id);
    input.value = toField(flows.value.find((summary) => summary.id === id)?.sample ?? '');
    message.value = '';
  };
  const run = async (resume?: { readonly node: string; readonly answer: string }) => {
    const document = flow.value;
    if (document === null) return;
    const before = result.value;
    const controller = new AbortController();
    clear();
    running.value = controller;
    message.value = TEXT.running;
    const options = {
      signal: controller.signal,
      onEvent: (event: { readonly type: string }) => {
        if (event.type === 'flow-step' || event.type === 'flow-started') tell(event as FlowEvent);
      },
    };
    try {
      const given = fromField(input.value, document);
      const done =
        resume === undefined || before === null
          ? await sotto.flows.run(document, given, options)
          : await sotto.flows.resume(
              document,
              given,
              before.trace,
              { answers: { [resume.node]: { answer: resume.answer } } },
              options,
            );
      result.value = done;
      steps.value = done.trace.steps;
      message.value = done.status === 'waiting' ? TEXT.waiting : TEXT.done(done.trace.ms);
    } catch (error) {
      const isOurs = SottoError.isInstance(error);
      message.value = isAbortError(error)
        ? TEXT.stopped
        : isOurs
          ? `${error.message} ${error.userAction}`
          : String(error);
    } finally {
      if (running.value === controller) running.value = null;
    }
  };
  const start = async () => {
    try {
      flows.value = await sotto.flows.list();
      const [first] = flows.value;
      if (first !== undefined) await choose(first.id);
    } catch (error) {
      message.value = SottoError.isInstance(error) ? `${error.message} ${error.userAction}` : String(error);
    }
  };
  return { flows, flow, input, statuses, steps, result, message, chosen, running, choose, run, start };
}

export type FlowState = ReturnType<typeof createFlowState>;
