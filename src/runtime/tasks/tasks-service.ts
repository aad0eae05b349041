import { settle, type TaskEvent, type TaskJobName, type TaskJobs, type TasksPort } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { OnnxModels } from './onnx/index.ts';

/** What the service stands on. */
export interface TasksServiceOptions {
  readonly onnx: OnnxModels;
}

/** What a job gets besides its input. */
interface JobContext {
  readonly signal: AbortSignal;
  readonly tell: (event: TaskEvent) => void;
}

type Jobs = {
  readonly [Name in TaskJobName]: (
    input: TaskJobs[Name]['input'],
    context: JobContext,
  ) => Promise<TaskJobs[Name]['output']>;
};

/** Everything behind the tasks worker's port but its greeting. Every method settles with an envelope; none rejects. */
export function createTasksService({ onnx }: TasksServiceOptions): Omit<TasksPort, 'hello'> {
  const running = new Map<string, AbortController>();
  const jobs: Jobs = {
    'onnx.load': (request) => onnx.load(request),
    'onnx.unload': async ({ modelId }) => {
      await onnx.unload(modelId);
      return null;
    },
    'onnx.run': (request, { signal, tell }) => onnx.run(request, signal, (text) => tell({ type: 'text-delta', text })),
    'onnx.embed': ({ modelId, texts }, { signal, tell }) =>
      onnx.embed(modelId, texts, signal, (done) => tell({ type: 'task-progress', done, total: texts.length })),
  };
  return {
    run: (callId, name, input, onEvent) =>
      settle(async () => {
        if (!Object.hasOwn(jobs, name)) throw new SottoError('unsupported-option', `There is no task "${name}".`);
        const controller = new AbortController();
        running.set(callId, controller);
        // Events go to another thread; that it no longer listens is no reason for a task to fail.
        const tell = (event: TaskEvent) => void (async () => onEvent(event))().catch(() => {});
        try {
          return await jobs[name](input, { signal: controller.signal, tell });
        } finally {
          running.delete(callId);
        }
      }),
    abort: (callId) => running.get(callId)?.abort(),
  };
}
