import type {
  ExpertArtefact,
  FlowDocument,
  FlowEvent,
  FlowProblem,
  FlowResult,
  FlowRunRequest,
  FlowSummary,
  OnnxTask,
  TaskBatch,
  TaskEvent,
  TaskJobName,
  TaskJobs,
  TasksHost,
  TasksPort,
  TextGenerationRequest,
  TextGenerationResult,
} from '../../protocol/index.ts';
import { settle } from '../../protocol/index.ts';
import { SottoError, throwIfAborted } from '../../shared/index.ts';
import type { ExpertStore } from '../../storage/experts/index.ts';
import {
  distill,
  type Embedder,
  evaluate,
  evaluateNames,
  findNames,
  keepExpert,
  openExpert,
  predict,
  signExpert,
  trainEntities,
  trainExpert,
  verifyExpert,
  withNearest,
} from '../experts/index.ts';
import { hostEmbedder, opened } from './host-embedder.ts';
import type { LoadedPipeline, OnnxModels } from './onnx/index.ts';

interface Tools {
  readonly embedder: () => Promise<Embedder>;
  readonly generate: (request: TextGenerationRequest, signal?: AbortSignal) => Promise<TextGenerationResult>;
  readonly pipeline: (task: OnnxTask) => LoadedPipeline | undefined;
  readonly keptExpert: (id: string) => Promise<unknown>;
}

/** What runs flows; handed in, because flows stand on tasks and not the other way round. */
export interface Flows {
  list(): Promise<readonly FlowSummary[]>;
  document(flow: string): Promise<FlowDocument>;
  /** An expert of the product, or undefined. */
  expert(id: string): Promise<unknown>;
  validate(
    flow: string | FlowDocument,
    experts?: readonly ExpertArtefact[],
    kept?: (id: string) => Promise<unknown>,
  ): Promise<readonly FlowProblem[]>;
  run(
    request: FlowRunRequest,
    tools: Tools,
    signal: AbortSignal,
    tell: (event: FlowEvent) => void,
  ): Promise<FlowResult>;
  runTask(
    task: string,
    given: Readonly<Record<string, unknown>>,
    settings: Readonly<Record<string, unknown>>,
    tools: Tools,
    options: { readonly experts: readonly unknown[]; readonly seed: number; readonly signal: AbortSignal },
  ): Promise<Readonly<Record<string, unknown>>>;
  runMany(
    task: string,
    inputs: readonly Readonly<Record<string, unknown>>[],
    settings: Readonly<Record<string, unknown>>,
    tools: Tools,
    options: {
      readonly experts: readonly unknown[];
      readonly seed: number;
      readonly signal: AbortSignal;
      readonly onProgress: (done: number) => void;
    },
  ): Promise<TaskBatch>;
}

/** What the service stands on. */
export interface TasksServiceOptions {
  readonly onnx: OnnxModels;
  readonly flows: Flows;
  /** Experts that are kept in this browser; opened when they are first asked for. */
  readonly experts: () => Promise<ExpertStore>;
}

/** What a job gets besides its input. */
interface JobContext {
  readonly signal: AbortSignal;
  readonly tell: (event: TaskEvent) => void;
  readonly tools: Tools;
}

type Jobs = {
  readonly [Name in TaskJobName]: (
    input: TaskJobs[Name]['input'],
    context: JobContext,
  ) => Promise<TaskJobs[Name]['output']>;
};

/** Everything behind the tasks worker's port but its greeting. Every method settles with an envelope; none rejects. */
export function createTasksService({ onnx, flows, experts }: TasksServiceOptions): Omit<TasksPort, 'hello'> {
  const running = new Map<string, AbortController>();
  // One's own version comes before the product's.
  const keptExpert = async (id: string) => (await experts()).current(id);
  const expertOf = async (expert: ExpertArtefact | string) => {
    const artefact = typeof expert === 'string' ? ((await keptExpert(expert)) ?? (await flows.expert(expert))) : expert;
    if (artefact === undefined) throw new SottoError('task-unavailable', `There is no expert "${String(expert)}".`);
    return openExpert(artefact);
  };
  const jobs: Jobs = {
    'onnx.load': (request) => onnx.load(request),
    'onnx.unload': async ({ modelId }) => {
      await onnx.unload(modelId);
      return null;
    },
    'onnx.run': (request, { signal, tell }) => onnx.run(request, signal, (text) => tell({ type: 'text-delta', text })),
    'onnx.embed': ({ modelId, texts }, { signal, tell }) =>
      onnx.embed(modelId, texts, signal, (done) => tell({ type: 'task-progress', done, total: texts.length })),
    'task.run': ({ task, given, settings, experts, seed }, { signal, tools }) =>
      flows.runTask(task, given, settings ?? {}, tools, { experts: experts ?? [], seed: seed ?? 1, signal }),
    'task.many': ({ task, inputs, settings, experts, seed }, { signal, tell, tools }) =>
      flows.runMany(task, inputs, settings ?? {}, tools, {
        experts: experts ?? [],
        seed: seed ?? 1,
        signal,
        onProgress: (done) => tell({ type: 'task-progress', done, total: inputs.length }),
      }),
    'expert.train': async (request, { signal, tell, tools }) =>
      trainExpert(request, await tools.embedder(), signal, (done, total) =>
        tell({ type: 'task-progress', done, total }),
      ),
    'expert.predict': async ({ expert, texts, examples = [] }, { signal, tell, tools }) => {
      const embedder = await tools.embedder();
      const predictions = await predict(await expertOf(expert), texts, embedder, signal, (done) =>
        tell({ type: 'task-progress', done, total: texts.length }),
      );
      return examples.length === 0 ? predictions : withNearest(predictions, texts, examples, embedder, signal);
    },
    'expert.evaluate': async ({ expert, rows }, { signal, tools }) =>
      evaluate(await expertOf(expert), rows, await tools.embedder(), signal),
    'expert.distill': async (request, { signal, tell, tools }) =>
      distill(
        request,
        { embedder: await tools.embedder(), generate: tools.generate },
        signal,
        (done, total) => tell({ type: 'task-progress', done, total }),
        (row, isChecked) => tell({ type: 'row-labelled', ...row, isChecked }),
      ),
    'expert.train-entities': async (request, { signal, tell, tools }) =>
      trainEntities(request, await tools.embedder(), signal, (done, total) =>
        tell({ type: 'task-progress', done, total }),
      ),
    'expert.find': async ({ expert, texts }, { signal, tell, tools }) =>
      findNames(await expertOf(expert), texts, await tools.embedder(), signal, (done) =>
        tell({ type: 'task-progress', done: Math.min(done, texts.length), total: texts.length }),
      ),
    'expert.evaluate-entities': async ({ expert, rows }, { signal, tools }) =>
      evaluateNames(await expertOf(expert), rows, await tools.embedder(), signal),
    'expert.keep': async (request, { signal, tools }) => keepExpert(request, await experts(), tools.embedder, signal),
    'expert.versions': async ({ id }) => (await experts()).versions(id),
    'expert.use': async ({ id, version }) => openExpert(await (await experts()).use(id, version)).artefact,
    'expert.get': async ({ id, version }) =>
      (version === undefined ? await expertOf(id) : openExpert(await (await experts()).version(id, version))).artefact,
    'expert.forget': async ({ id, version }) => {
      await (await experts()).forget(id, version);
      return null;
    },
    'expert.check': async ({ expert, trustedKeys }) => {
      const { artefact } = openExpert(expert);
      if (trustedKeys !== undefined) await verifyExpert(artefact, trustedKeys);
      return artefact;
    },
    'expert.sign': ({ expert, keys }) => signExpert(openExpert(expert).artefact, keys),
    'flow.list': () => flows.list(),
    'flow.document': ({ flow }) => flows.document(flow),
    'flow.validate': ({ flow, experts }) => flows.validate(flow, experts, keptExpert),
    'flow.run': (request, { signal, tell, tools }) => flows.run(request, tools, signal, tell),
  };
  return {
    run: (callId, name, input, host, onEvent) =>
      settle(async () => {
        if (!Object.hasOwn(jobs, name)) throw new SottoError('unsupported-option', `There is no task "${name}".`);
        const controller = new AbortController();
        running.set(callId, controller);
        // Events go to another thread; that it no longer listens is no reason for a task to fail.
        const tell = (event: TaskEvent) => void (async () => onEvent(event))().catch(() => {});
        try {
          return await jobs[name](input, {
            signal: controller.signal,
            tell,
            tools: toolsOf(host, onnx, keptExpert, controller.signal),
          });
        } finally {
          running.delete(callId);
        }
      }),
    abort: (callId) => running.get(callId)?.abort(),
  };
}

function toolsOf(host: TasksHost, onnx: OnnxModels, keptExpert: Tools['keptExpert'], jobSignal: AbortSignal): Tools {
  return {
    keptExpert,
    embedder: () => hostEmbedder(host),
    pipeline: (task) => onnx.pipeline(task),
    generate: async (request, signal = jobSignal) => {
      throwIfAborted(signal);
      const id = crypto.randomUUID();
      const stop = () => void (async () => host.stop(id))().catch(() => {});
      signal.addEventListener('abort', stop, { once: true });
      try {
        return await opened(host.generate(request, id));
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
