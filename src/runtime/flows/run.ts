import type {
  FlowDocument,
  FlowEdge,
  FlowEvent,
  FlowNode,
  FlowResult,
  FlowStep,
  FlowTrace,
} from '../../protocol/index.ts';
import { isAbortError, SottoError, throwIfAborted, toHex } from '../../shared/index.ts';
import { stableJson } from '../experts/index.ts';
import { type OperationContext, type Operations, type Settings, WaitsForPerson } from './operation.ts';
import { replyOf } from './template.ts';
import { holds, valueAt } from './value-path.ts';

export interface RunOptions {
  readonly operations: Operations;
  readonly context: Omit<OperationContext, 'signal' | 'seed'>;
  readonly signal: AbortSignal;
  readonly seed: number;
  readonly tell: (event: FlowEvent) => void;
  readonly cache: ResultCache;
  /** Results that are taken over, by node. */
  readonly given?: ReadonlyMap<string, unknown>;
}

/** What came out before for the same operation, settings and arguments. */
export type ResultCache = Map<string, Readonly<Record<string, unknown>>>;

const MOST_CACHED = 500;
/** Rows handled side by side: the embedding model takes them one batch at a time anyway. */
const AT_ONCE = 4;

interface Progress {
  readonly results: Map<string, unknown>;
  readonly steps: FlowStep[];
  tokens: number;
}

/**
 * Runs a flow that was found right. A node runs when a live edge reaches it: its source ran and its condition holds. Nodes run one
 * after the other in the order of the document as far as the edges allow, so that the same input gives the same trace.
 * Rejects with `flow-failed` (details: node), AbortError.
 */
export async function runFlow(flow: FlowDocument, input: unknown, options: RunOptions): Promise<FlowResult> {
  const start = performance.now();
  const limits = new AbortController();
  const { milliseconds } = flow.budget ?? {};
  const timer =
    milliseconds === undefined
      ? undefined
      : setTimeout(
          () => limits.abort(new SottoError('flow-failed', `The flow took longer than ${milliseconds} ms.`)),
          milliseconds,
        );
  const progress: Progress = { results: new Map([['input', input]]), steps: [], tokens: 0 };
  const signal = AbortSignal.any([options.signal, limits.signal]);
  try {
    for (const node of inOrder(flow)) {
      throwIfAborted(options.signal);
      if (limits.signal.aborted) throw limits.signal.reason;
      const request = await runNode(node, flow, progress, { ...options, signal });
      if (request !== undefined) {
        const output = { node: node.id, ...request };
        return {
          status: 'waiting',
          isEscalated: true,
          output,
          reply: replyOf(['{question}'], output),
          trace: traceOf(),
        };
      }
    }
    const last = flow.output.find((id) => progress.results.has(id));
    if (last === undefined) throw new SottoError('flow-failed', 'No node of the output was reached.');
    const output = progress.results.get(last);
    const isEscalated = flow.queue !== undefined && holds(flow.queue, output);
    return { status: 'done', isEscalated, output, reply: replyOf(flow.reply ?? [], output), trace: traceOf() };
  } finally {
    clearTimeout(timer);
  }

  function traceOf(): FlowTrace {
    const { steps, tokens } = progress;
    return { flow: flow.id, version: flow.version, seed: options.seed, steps, tokens, ms: performance.now() - start };
  }
}

/** A node after all it waits for; otherwise as the document has them. */
function inOrder({ nodes, edges }: FlowDocument): FlowNode[] {
  const ordered: FlowNode[] = [];
  const waiting = [...nodes];
  while (waiting.length > 0) {
    const isReady = (node: FlowNode) =>
      !edges.some(({ from, to }) => to === node.id && waiting.some(({ id }) => id === from));
    const next = waiting.findIndex(isReady);
    ordered.push(...waiting.splice(Math.max(0, next), 1));
  }
  return ordered;
}

/** Resolves with what a person is asked, where the node waits for one. */
async function runNode(
  node: FlowNode,
  flow: FlowDocument,
  progress: Progress,
  options: RunOptions,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { results, steps } = progress;
  const note = (step: Omit<FlowStep, 'node' | 'uses'>) => {
    const whole = { node: node.id, uses: node.uses, ...step };
    steps.push(whole);
    options.tell({ type: 'flow-step', step: whole });
  };
  const idle = { attempts: 0, ms: 0, tokens: 0 };
  const edges = flow.edges.filter(({ to }) => to === node.id);
  const live = edges.filter((edge) => isLive(edge, results));
  if (live.length === 0 || !hasItsConditions(edges, live)) {
    note({ status: 'skipped', ...idle });
    return undefined;
  }
  const given: Record<string, unknown> = {};
  for (const { from, as, path } of live) {
    const value = valueAt(results.get(from), path);
    if (as !== undefined && !Object.hasOwn(given, as) && value !== undefined) given[as] = value;
  }
  if (options.given?.has(node.id)) {
    const output = options.given.get(node.id);
    results.set(node.id, output);
    note({ status: 'replayed', input: given, output, ...idle });
    return undefined;
  }
  options.tell({ type: 'flow-started', node: node.id });
  const start = performance.now();
  const tokensBefore = progress.tokens;
  const spent = () => ({ ms: performance.now() - start, tokens: progress.tokens - tokensBefore });
  let failure: unknown;
  for (let attempt = 1; attempt <= 1 + (node.retries ?? 0); attempt++) {
    try {
      const { output, isCached } = await compute(node, flow, given, progress, options);
      results.set(node.id, output);
      const { score, model } = output;
      note({
        status: isCached ? 'cached' : 'done',
        input: given,
        output,
        attempts: attempt,
        ...(typeof score === 'number' ? { score } : {}),
        ...(typeof model === 'string' ? { model } : {}),
        ...spent(),
      });
      return undefined;
    } catch (error) {
      if (error instanceof WaitsForPerson) {
        note({ status: 'waiting', input: given, output: error.request, attempts: attempt, ...spent() });
        return error.request;
      }
      // The flow's own limits give a reason of their own.
      if (options.signal.aborted) throw options.signal.reason;
      failure = error;
    }
  }
  const code = SottoError.isInstance(failure) ? failure.code : 'internal';
  const message = failure instanceof Error ? failure.message : String(failure);
  const attempts = 1 + (node.retries ?? 0);
  if (node.fallback !== undefined) {
    results.set(node.id, node.fallback);
    note({ status: 'fallback', input: given, output: node.fallback, attempts, error: { code, message }, ...spent() });
    return undefined;
  }
  note({ status: 'failed', input: given, attempts, error: { code, message }, ...spent() });
  // What is missing or wrong is said as what it is; the place is added.
  const kept =
    code === 'task-unavailable' || code === 'task-input' || code === 'model-not-loaded' ? code : 'flow-failed';
  throw new SottoError(kept, `Node "${node.id}" (${node.uses}): ${message}`, {
    cause: failure,
    details: { node: node.id },
  });
}

function isLive({ from, when }: FlowEdge, results: ReadonlyMap<string, unknown>): boolean {
  return results.has(from) && (when === undefined || holds(when, results.get(from)));
}

/** A condition on an edge without argument is a gate: one of the gates must be open. */
function hasItsConditions(edges: readonly FlowEdge[], live: readonly FlowEdge[]): boolean {
  const gates = edges.filter(({ as }) => as === undefined);
  return gates.length === 0 || gates.some((gate) => live.includes(gate));
}

async function compute(
  node: FlowNode,
  flow: FlowDocument,
  given: Readonly<Record<string, unknown>>,
  progress: Progress,
  options: RunOptions,
): Promise<{ output: Readonly<Record<string, unknown>>; isCached: boolean }> {
  const { each } = node;
  const items = each === undefined ? undefined : given[each];
  const once = (args: Readonly<Record<string, unknown>>) => computeOnce(node, flow, args, progress, options);
  if (each === undefined) return once(given);
  if (!Array.isArray(items)) throw new SottoError('task-input', `"${each}" is no list.`);
  const done: Readonly<Record<string, unknown>>[] = [];
  let isCached = items.length > 0;
  for (let at = 0; at < items.length; at += AT_ONCE) {
    if (options.signal.aborted) throw options.signal.reason;
    const part = await Promise.all(
      items.slice(at, at + AT_ONCE).map((item: unknown) => once({ ...given, [each]: item })),
    );
    for (const { output, isCached: wasCached } of part) {
      done.push(output);
      isCached &&= wasCached;
    }
  }
  return { output: { items: done }, isCached };
}

async function computeOnce(
  node: FlowNode,
  flow: FlowDocument,
  given: Readonly<Record<string, unknown>>,
  progress: Progress,
  { operations, context, signal, seed, cache }: RunOptions,
): Promise<{ output: Readonly<Record<string, unknown>>; isCached: boolean }> {
  const operation = operations[node.uses];
  if (operation === undefined) throw new SottoError('flow-invalid', `There is no operation "${node.uses}".`);
  const settings = withResources(node.with ?? {}, flow.resources ?? {});
  const expert = typeof settings['expert'] === 'string' ? context.expert(settings['expert']).artefact : undefined;
  const key = await contentKey([node.uses, settings, given, seed, expert?.dataHash, expert?.version]);
  const known = cache.get(key);
  if (known !== undefined) return { output: known, isCached: true };

  const stop = new AbortController();
  const timer = node.timeoutMs === undefined ? undefined : setTimeout(() => stop.abort(), node.timeoutMs);
  const within = AbortSignal.any([signal, stop.signal]);
  const generate: OperationContext['generate'] = async (request) => {
    // What is left of the budget is all that a model may write.
    const most = flow.budget?.tokens ?? Number.POSITIVE_INFINITY;
    const left = most - progress.tokens;
    const spent = () => new SottoError('flow-failed', `The flow has written all of its ${most} tokens.`);
    if (left < 1) throw spent();
    // What is told to stop does stop: a model that writes on would keep the engine from the next node.
    const result = await context.generate({ ...request, maxTokens: Math.min(request.maxTokens, left) }, within);
    progress.tokens += result.tokens;
    if (progress.tokens > most || (result.isCut === true && request.maxTokens > left)) throw spent();
    return result;
  };
  try {
    const timeout = new Promise<never>((_, reject) => {
      const end = () =>
        reject(
          stop.signal.aborted
            ? new SottoError('flow-failed', `It took longer than ${node.timeoutMs} ms.`)
            : (signal.reason ?? new SottoError('flow-failed', 'It was stopped.')),
        );
      within.addEventListener('abort', end, { once: true });
    });
    timeout.catch(() => {});
    const output = await Promise.race([
      operation.run(given, settings, { ...context, generate, signal: within, seed }),
      timeout,
    ]);
    if (cache.size >= MOST_CACHED) cache.delete(cache.keys().next().value ?? '');
    cache.set(key, output);
    return { output, isCached: false };
  } catch (error) {
    if (isAbortError(error) && stop.signal.aborted) {
      throw new SottoError('flow-failed', `It took longer than ${node.timeoutMs} ms.`);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Puts the flow's own data where its settings name them. */
function withResources(settings: Settings, resources: Readonly<Record<string, unknown>>): Settings {
  const prefix = '$resources.';
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      if (typeof value !== 'string' || !value.startsWith(prefix)) return [name, value];
      return [name, valueAt(resources, value.slice(prefix.length))];
    }),
  );
}

async function contentKey(parts: unknown): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(stableJson(parts)));
  return toHex(new Uint8Array(digest));
}
