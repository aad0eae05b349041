import type {
  FlowDocument,
  FlowEvent,
  FlowProblem,
  FlowResult,
  FlowRunRequest,
  FlowSummary,
  FlowTrace,
  TaskBatch,
} from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { type Embedder, type LoadedExpert, openExpert } from '../experts/index.ts';
import type { FlowTools, Settings } from './operation.ts';
import { OPERATIONS } from './operations/index.ts';
import { type ResultCache, runFlow } from './run.ts';
import { type Given, openTask, type TaskRunOptions } from './single-task.ts';
import { systemExpert, systemFlow, systemIds, systemSummaries } from './systems/index.ts';
import { validateFlow } from './validate.ts';

/** Runs and checks flows: those of the product by name, any other by its document. */
export class FlowService {
  readonly #cache: ResultCache = new Map();

  list(): Promise<readonly FlowSummary[]> {
    return systemSummaries();
  }

  /** An expert of the product, or undefined. */
  expert(id: string): Promise<unknown> {
    return systemExpert(id);
  }

  /** Everything that is wrong with a flow. */
  async validate(
    flow: string | FlowDocument,
    experts: readonly unknown[] = [],
    kept?: FlowTools['keptExpert'],
  ): Promise<readonly FlowProblem[]> {
    const document = await this.#document(flow);
    const known = await expertsOf(document, experts, kept);
    return validateFlow(document, OPERATIONS, (id) => known.has(id));
  }

  /** Rejects with `flow-invalid` (the first place that is wrong), `flow-failed`, `task-input`, `task-unavailable`, AbortError. */
  async run(
    request: FlowRunRequest,
    tools: FlowTools,
    signal: AbortSignal,
    tell: (event: FlowEvent) => void,
  ): Promise<FlowResult> {
    const flow = await this.#document(request.flow);
    const experts = await expertsOf(flow, request.experts ?? [], tools.keptExpert);
    const [problem] = validateFlow(flow, OPERATIONS, (id) => experts.has(id));
    if (problem !== undefined) {
      throw new SottoError('flow-invalid', `${problem.place}: ${problem.message}`, {
        details: { place: problem.place },
      });
    }
    const { input } = request;
    if (flow.input.type === 'text' && typeof input !== 'string')
      throw new SottoError('task-input', 'This flow takes a text.');
    const expert = (id: string): LoadedExpert => {
      const found = experts.get(id);
      if (found === undefined) throw new SottoError('task-unavailable', `There is no expert "${id}".`);
      return found;
    };
    // Where the sentence vectors come from is asked for when they are first needed.
    let embedder: Promise<Embedder> | undefined;
    const context = {
      embedder: () => {
        embedder ??= tools.embedder();
        return embedder;
      },
      expert,
      generate: tools.generate,
      ...(tools.pipeline === undefined ? {} : { pipeline: tools.pipeline }),
    };
    return runFlow(flow, input, {
      operations: OPERATIONS,
      context,
      signal,
      tell,
      seed: request.seed ?? 1,
      cache: request.isFresh === true ? new Map() : this.#cache,
      given: givenResults(flow, request.replay),
    });
  }

  /** One operation by itself. Rejects as the operation does, or with `unsupported-option` where there is none of that name. */
  async runTask(
    task: string,
    given: Given,
    settings: Settings,
    tools: FlowTools,
    options: TaskRunOptions,
  ): Promise<Readonly<Record<string, unknown>>> {
    return (await openTask(task, settings, tools, options)).run(given);
  }

  /** One operation for each of many inputs. */
  async runMany(
    task: string,
    inputs: readonly Given[],
    settings: Settings,
    tools: FlowTools,
    options: TaskRunOptions & { readonly onProgress: (done: number) => void },
  ): Promise<TaskBatch> {
    return (await openTask(task, settings, tools, options)).runMany(inputs, options.onProgress);
  }

  /** The document of a flow of the product. Rejects with `flow-invalid` where there is none of that name. */
  document(flow: string): Promise<FlowDocument> {
    return this.#document(flow);
  }

  async #document(flow: string | FlowDocument): Promise<FlowDocument> {
    if (typeof flow !== 'string') return flow;
    const found = await systemFlow(flow);
    if (found !== undefined) return found;
    throw new SottoError('flow-invalid', `There is no flow "${flow}". There are: ${systemIds().join(', ')}.`);
  }
}

async function expertsOf(
  flow: FlowDocument,
  given: readonly unknown[],
  kept: FlowTools['keptExpert'],
): Promise<ReadonlyMap<string, LoadedExpert>> {
  const experts = new Map<string, LoadedExpert>();
  for (const artefact of given) {
    const expert = openExpert(artefact);
    experts.set(expert.artefact.id, expert);
  }
  for (const node of Array.isArray(flow?.nodes) ? flow.nodes : []) {
    const id = node?.with?.['expert'];
    if (typeof id !== 'string' || experts.has(id)) continue;
    const own = (await kept?.(id)) ?? (await systemExpert(id));
    if (own !== undefined) experts.set(id, openExpert(own));
  }
  return experts;
}

/** Results taken over from a trace: all before a node and all that do not hang on it; and what a person answered. */
function givenResults(flow: FlowDocument, replay: FlowRunRequest['replay']): ReadonlyMap<string, unknown> {
  const given = new Map<string, unknown>();
  if (replay === undefined) return given;
  const anew = new Set<string>();
  if (replay.from !== undefined) {
    if (!flow.nodes.some(({ id }) => id === replay.from)) {
      throw new SottoError('flow-invalid', `There is no node "${replay.from}" to replay from.`);
    }
    const queue = [replay.from];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      anew.add(id);
      for (const { from, to } of flow.edges) if (from === id && !anew.has(to)) queue.push(to);
    }
  }
  const { steps }: FlowTrace = replay.trace;
  for (const { node, output, status } of steps) {
    if (output !== undefined && status !== 'waiting' && !anew.has(node)) given.set(node, output);
  }
  for (const [node, answer] of Object.entries(replay.answers ?? {})) given.set(node, answer);
  return given;
}
