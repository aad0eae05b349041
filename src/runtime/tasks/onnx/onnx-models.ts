import type { Embedded, LoadedOnnxModel, OnnxLoadRequest, OnnxRunRequest, OnnxTask } from '../../../protocol/index.ts';
import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import { onDevice } from './device.ts';
import { checkModel, type ModelFiles } from './model-files.ts';
import { loadTransformers, sessionOptions, threadCount, withOfferedFiles } from './transformers-library.ts';

/** Texts embedded at once: enough to fill the threads, few enough that an abort is heard. */
const BATCH = 16;

/** A loaded pipeline: callable, and as wide open as the library types it. */
interface Pipeline {
  (...inputs: unknown[]): Promise<unknown>;
  readonly tokenizer: (
    texts: unknown,
    options: unknown,
  ) => { readonly input_ids: { readonly dims: readonly number[] } };
  dispose(): Promise<unknown>;
}

/** A model that is loaded for a task, ready to be asked. */
export interface LoadedPipeline {
  readonly model: string;
  run(inputs: readonly unknown[], options: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown>;
}

interface Loaded {
  readonly model: LoadedOnnxModel;
  /** Not always the one it got. */
  readonly asked: 'wasm' | 'webgpu';
  readonly run: Pipeline;
}

/** The ONNX models of one thread, by id and task. */
export class OnnxModels {
  readonly #open: (request: OnnxLoadRequest) => Promise<ModelFiles>;
  readonly #loaded = new Map<string, Promise<Loaded>>();

  /** @param open Gives the files of a source. */
  constructor(open: (request: OnnxLoadRequest) => Promise<ModelFiles>) {
    this.#open = open;
  }

  /** Loads a model for one task; a second time it is there already. */
  async load(request: OnnxLoadRequest): Promise<LoadedOnnxModel> {
    const id = request.source.kind === 'stored' ? request.source.modelId : request.source.name;
    const place = `${id} ${request.task}`;
    const before = await this.#loaded.get(place)?.catch(() => undefined);
    if (before !== undefined && before.asked === (request.device ?? 'wasm')) return before.model;
    if (before !== undefined) await before.run.dispose();
    const loading = this.#load(id, request);
    this.#loaded.set(place, loading);
    loading.catch(() => this.#loaded.delete(place));
    return (await loading).model;
  }

  async unload(id: string): Promise<void> {
    for (const [place, loading] of this.#loaded) {
      if (!place.startsWith(`${id} `)) continue;
      this.#loaded.delete(place);
      const loaded = await loading.catch(() => undefined);
      await loaded?.run.dispose();
    }
  }

  /** Any model that is loaded for a task; the last one loaded, where there are several. */
  pipeline(task: OnnxTask): LoadedPipeline | undefined {
    const place = [...this.#loaded.keys()].findLast((key) => key.endsWith(` ${task}`));
    if (place === undefined) return undefined;
    const modelId = place.slice(0, -task.length - 1);
    return {
      model: modelId,
      run: (inputs, options, signal) => this.run({ modelId, task, inputs, options }, signal, () => {}),
    };
  }

  /** What the pipeline gives, as plain data. Rejects with `model-not-loaded`, `task-input`, or AbortError. */
  async run({ modelId, task, inputs, options }: OnnxRunRequest, signal: AbortSignal, onText: (text: string) => void) {
    const { run } = await this.#find(modelId, task);
    const isWriting = task === 'text-generation' || task === 'text2text-generation' || GENERATIVE.has(task);
    const extra = isWriting ? await this.#streaming(run, signal, onText) : {};
    throwIfAborted(signal);
    try {
      return plain(await run(...inputs, { ...options, ...extra }));
    } catch (cause) {
      throw new SottoError('task-input', `"${modelId}" could not do this: ${messageOf(cause)}`, { cause });
    }
  }

  /** Mean of the token vectors, scaled to length 1. */
  async embed(
    modelId: string,
    texts: readonly string[],
    signal: AbortSignal,
    onProgress: (done: number) => void,
  ): Promise<Embedded> {
    const { run, model } = await this.#find(modelId, 'feature-extraction');
    // Alike in length, little is padded.
    const order = texts.map((text, index) => ({ text, index })).sort((a, b) => a.text.length - b.text.length);
    let vectors = new Float32Array(0);
    let dimensions = 0;
    let tokens = 0;
    for (let at = 0; at < order.length; at += BATCH) {
      throwIfAborted(signal);
      const batch = order.slice(at, at + BATCH);
      const asked = batch.map(({ text }) => text);
      const result = (await run(asked, { pooling: 'mean', normalize: true })) as { data: Float32Array; dims: number[] };
      dimensions = result.dims[1] ?? 0;
      if (vectors.length === 0) vectors = new Float32Array(dimensions * texts.length);
      for (const [row, { index, text }] of batch.entries()) {
        vectors.set(result.data.subarray(row * dimensions, (row + 1) * dimensions), index * dimensions);
        tokens += run.tokenizer(text, { truncation: true }).input_ids.dims.at(-1) ?? 0;
      }
      onProgress(Math.min(at + BATCH, order.length));
    }
    return { vectors, dimensions, modelId, modelHash: model.hash, tokens };
  }

  async #find(modelId: string, task: OnnxTask): Promise<Loaded> {
    const loading = this.#loaded.get(`${modelId} ${task}`);
    if (loading === undefined) {
      throw new SottoError('model-not-loaded', `The ONNX model "${modelId}" is not loaded for ${task}.`);
    }
    return loading;
  }

  async #load(id: string, request: OnnxLoadRequest): Promise<Loaded> {
    const { task } = request;
    const start = performance.now();
    const files = await this.#open(request);
    const { pipeline } = await loadTransformers();
    const create = async (device: 'wasm' | 'webgpu') => {
      const checked = await checkModel(files);
      const run = await withOfferedFiles(checked.files, (key) =>
        pipeline(task as 'feature-extraction', key, { device, ...sessionOptions(checked) }),
      );
      return { checked, run: run as unknown as Pipeline };
    };
    try {
      const { made, device, deviceReason } = await onDevice(request.device, create);
      const { architecture, parameters, fileBytes, hash } = made.checked;
      const facts = { id, task, architecture, threads: threadCount(), parameters, fileBytes, hash };
      const model = { ...facts, device, ...(deviceReason && { deviceReason }), loadMs: performance.now() - start };
      return { model, asked: request.device ?? 'wasm', run: made.run };
    } catch (cause) {
      if (SottoError.isInstance(cause)) throw cause;
      throw new SottoError('model-unsupported', `"${id}" cannot be used for ${task}: ${messageOf(cause)}`, { cause });
    }
  }

  /** What makes a writing model stream, and stop when asked. */
  async #streaming({ tokenizer }: Pipeline, signal: AbortSignal, onText: (text: string) => void) {
    const { TextStreamer, InterruptableStoppingCriteria } = await loadTransformers();
    const stop = new InterruptableStoppingCriteria();
    signal.addEventListener('abort', () => stop.interrupt(), { once: true });
    const streamer = new TextStreamer(tokenizer as never, {
      skip_prompt: true,
      skip_special_tokens: true,
      callback_function: onText,
    });
    return { streamer, stopping_criteria: stop };
  }
}

const GENERATIVE: ReadonlySet<OnnxTask> = new Set(['summarization', 'translation']);

/** Tensors and class instances do not cross threads; numbers and texts do. */
function plain(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'dims' in value && 'tolist' in value) {
    return (value as { tolist(): unknown }).tolist();
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
  }
  return value;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}
