import type { Embedded, LoadedOnnxModel, OnnxLoadRequest, OnnxModelFile, OnnxTask } from '../../protocol/index.ts';
import { checkOptions, SIGNAL } from '../options.ts';
import type { Workers } from '../workers.ts';
import type { JobRunner, TaskOptions } from './job-runner.ts';
import { storedSource } from './stored-source.ts';

/**
 * `sotto.onnx`: ONNX models by transformers.js on onnxruntime-web. A model comes from the catalogue (fetched, verified and stored
 * first) or from files of the person; nothing of it comes from anywhere else.
 */
export class OnnxModelsClient {
  readonly #workers: Workers;
  readonly #jobs: JobRunner;
  /** Requests by model and task: loaded again where the thread died since. */
  readonly #loaded = new Map<string, { readonly request: OnnxLoadRequest; readonly incarnation: number }>();

  constructor(workers: Workers, jobs: JobRunner) {
    this.#workers = workers;
    this.#jobs = jobs;
  }

  /** Makes a model ready for a task. `source`: an id of the catalogue, or the files of a model's folder. */
  async load(
    source: string | { readonly name: string; readonly files: readonly OnnxModelFile[] },
    task: OnnxTask,
    { device, ...options }: TaskOptions & { readonly device?: 'wasm' | 'webgpu' } = {},
  ): Promise<LoadedOnnxModel> {
    checkOptions({ device, ...options }, { ...SIGNAL, onEvent: 'function', device: ['wasm', 'webgpu'] });
    if (typeof source !== 'string') await this.#workers.permit('file');
    const request = {
      source:
        typeof source === 'string'
          ? await storedSource(this.#workers, source, options.signal)
          : ({ kind: 'files', ...source } as const),
      task,
      ...(device === undefined ? {} : { device }),
    };
    const model = await this.#jobs.run('onnx.load', request, options);
    this.#loaded.set(`${model.id} ${task}`, { request, incarnation: this.#workers.tasks.incarnation });
    return model;
  }

  /** What the pipeline of transformers.js gives for these arguments, as plain data. Text is streamed through `onEvent`. */
  async run(
    modelId: string,
    task: OnnxTask,
    inputs: readonly unknown[],
    { parameters = {}, ...options }: TaskOptions & { readonly parameters?: Readonly<Record<string, unknown>> } = {},
  ): Promise<unknown> {
    await this.#revive(modelId, task, options);
    const request = { modelId, task, inputs, options: parameters };
    return this.#jobs.run('onnx.run', request, options);
  }

  /** One unit vector a text. Rejects with `model-not-loaded` until `load(…, 'feature-extraction')`. */
  async embed(modelId: string, texts: readonly string[], options: TaskOptions = {}): Promise<Embedded> {
    await this.#revive(modelId, 'feature-extraction', options);
    return this.#jobs.run('onnx.embed', { modelId, texts }, options);
  }

  async unload(modelId: string): Promise<void> {
    for (const place of this.#loaded.keys()) if (place.startsWith(`${modelId} `)) this.#loaded.delete(place);
    if (this.#workers.tasks.isRunning) await this.#jobs.run('onnx.unload', { modelId });
  }

  /** A model that was loaded into a thread that died is loaded again. */
  async #revive(modelId: string, task: OnnxTask, options: TaskOptions): Promise<void> {
    const known = this.#loaded.get(`${modelId} ${task}`);
    const { tasks } = this.#workers;
    if (known === undefined || (tasks.isRunning && known.incarnation === tasks.incarnation)) return;
    await this.#jobs.run('onnx.load', known.request, options);
    this.#loaded.set(`${modelId} ${task}`, { ...known, incarnation: tasks.incarnation });
  }
}
