import { proxy } from 'comlink';
import type {
  Embedded,
  LoadedOnnxModel,
  OnnxLoadRequest,
  OnnxModelFile,
  OnnxModelSource,
  OnnxTask,
  TaskEvent,
  TaskJobName,
  TaskJobs,
} from '../../protocol/index.ts';
import { abortByCallId } from '../supervised-worker.ts';
import type { Workers } from '../workers.ts';

export interface TaskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: TaskEvent) => void) | undefined;
}

/** Runs one job in the tasks worker. */
export function runJob<Name extends TaskJobName>(
  workers: Workers,
  name: Name,
  input: TaskJobs[Name]['input'],
  { signal, onEvent }: TaskOptions = {},
): Promise<TaskJobs[Name]['output']> {
  const listener = proxy((event: TaskEvent) => onEvent?.(event));
  return workers.tasks.call(({ port, callId }) => port.run(callId, name, input, listener), {
    signal,
    abort: abortByCallId,
  });
}

/**
 * `sotto.onnx`: ONNX models by transformers.js on onnxruntime-web. A model comes from the catalogue (fetched, verified and stored
 * first) or from files of the person; nothing of it comes from anywhere else.
 */
export class OnnxModelsClient {
  readonly #workers: Workers;
  /** Requests by model and task: loaded again where the thread died since. */
  readonly #loaded = new Map<string, { readonly request: OnnxLoadRequest; readonly incarnation: number }>();

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  /** Makes a model ready for a task. `source`: an id of the catalogue, or the files of a model's folder. */
  async load(
    source: string | { readonly name: string; readonly files: readonly OnnxModelFile[] },
    task: OnnxTask,
    options: TaskOptions & { readonly device?: 'wasm' | 'webgpu' } = {},
  ): Promise<LoadedOnnxModel> {
    const request = {
      source:
        typeof source === 'string' ? await this.#stored(source, options) : ({ kind: 'files', ...source } as const),
      task,
      ...(options.device === undefined ? {} : { device: options.device }),
    };
    const model = await runJob(this.#workers, 'onnx.load', request, options);
    this.#loaded.set(`${model.id} ${task}`, { request, incarnation: this.#workers.tasks.incarnation });
    return model;
  }

  /** What the pipeline of transformers.js gives for these arguments, as plain data. Text is streamed through `onEvent`. */
  async run(
    modelId: string,
    task: OnnxTask,
    inputs: readonly unknown[],
    options: TaskOptions & { readonly parameters?: Readonly<Record<string, unknown>> } = {},
  ): Promise<unknown> {
    await this.#revive(modelId, task, options);
    const request = { modelId, task, inputs, options: options.parameters ?? {} };
    return runJob(this.#workers, 'onnx.run', request, options);
  }

  /** One unit vector a text. Rejects with `model-not-loaded` until `load(…, 'feature-extraction')`. */
  async embed(modelId: string, texts: readonly string[], options: TaskOptions = {}): Promise<Embedded> {
    await this.#revive(modelId, 'feature-extraction', options);
    return runJob(this.#workers, 'onnx.embed', { modelId, texts }, options);
  }

  async unload(modelId: string): Promise<void> {
    for (const place of this.#loaded.keys()) if (place.startsWith(`${modelId} `)) this.#loaded.delete(place);
    if (this.#workers.tasks.isRunning) await runJob(this.#workers, 'onnx.unload', { modelId });
  }

  /** A model that was loaded into a thread that died is loaded again. */
  async #revive(modelId: string, task: OnnxTask, options: TaskOptions): Promise<void> {
    const known = this.#loaded.get(`${modelId} ${task}`);
    const { tasks } = this.#workers;
    if (known === undefined || (tasks.isRunning && known.incarnation === tasks.incarnation)) return;
    await runJob(this.#workers, 'onnx.load', known.request, options);
    this.#loaded.set(`${modelId} ${task}`, { ...known, incarnation: tasks.incarnation });
  }

  /** Fetches what is missing; where the browser stores nothing, the bytes travel from thread to thread. */
  async #stored(modelId: string, { signal }: TaskOptions): Promise<OnnxModelSource> {
    const { download } = this.#workers;
    const options = { signal, abort: abortByCallId };
    const silent = proxy(() => {});
    const stored = await download.call(({ port, callId }) => port.download(callId, modelId, silent), options);
    if (stored.medium !== 'memory') return { kind: 'stored', modelId };
    const files = await download.call(({ port }) => port.files(modelId));
    return { kind: 'files', name: modelId, files };
  }
}
