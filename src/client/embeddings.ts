import { proxy } from 'comlink';
import type {
  DownloadEvent,
  EmbeddingLoadOptions,
  EmbedEvent,
  EmbedRequest,
  EmbedResult,
  LoadEvent,
  ModelSource,
} from '../protocol/index.ts';
import { SottoError, throwIfAborted } from '../shared/index.ts';
import {
  DEFAULT_EMBEDDING_MODEL,
  type EmbeddingCallOptions,
  type EmbeddingLoadRequest,
  type EmbeddingRequest,
  type EmbeddingResponse,
  type ReadyEncoder,
} from './embedding-types.ts';
import { checkOptions, type OptionTable, SIGNAL } from './options.ts';
import { abortByCallId } from './supervised-worker.ts';
import type { Workers } from './workers.ts';

interface Current {
  readonly encoder: ReadyEncoder;
  readonly source: string | File;
  readonly options: EmbeddingLoadOptions;
  readonly incarnation: number;
}

const CALL_OPTIONS: OptionTable<EmbeddingCallOptions> = { ...SIGNAL, onProgress: 'function' };
const LOAD_OPTIONS: OptionTable<EmbeddingLoadRequest> = {
  ...CALL_OPTIONS,
  backend: ['auto', 'cpu', 'webgpu'],
  threads: 'count',
  contextLength: 'count',
};

const FIELDS: ReadonlySet<string> = new Set([
  'model',
  'input',
  'encoding_format',
  'dimensions',
  'truncate',
  'user',
] satisfies (keyof EmbeddingRequest)[]);

/** An incarnation that no thread has. */
const GONE = -1;

/** `sotto.embeddings`: texts → unit vectors on our own engine, in a thread of its own beside the chat model. */
export class Embeddings {
  readonly #workers: Workers;
  #current: Current | undefined;
  /** Loads run one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  /** The loaded encoder, or null. */
  get loaded(): ReadyEncoder | null {
    return this.#alive?.encoder ?? null;
  }

  /** Makes an encoder ready: one of the catalogue (fetched and verified first) or a file of the person. */
  async load(
    source: string | File = DEFAULT_EMBEDDING_MODEL,
    options: EmbeddingLoadRequest = {},
  ): Promise<ReadyEncoder> {
    checkOptions(options, LOAD_OPTIONS);
    const result = this.#queue.then(() => this.#load(source, options));
    this.#queue = result.catch(() => {});
    return result;
  }

  /**
   * One vector a text, in the shape of the OpenAI API. An encoder of the catalogue that is not loaded yet is loaded first.
   * Rejects with `invalid-option`, `unsupported-option`, `empty-prompt`, `prompt-too-long`, `model-not-loaded` or what loading rejects with.
   */
  create(
    request: EmbeddingRequest & { readonly encoding_format?: 'float' | null | undefined },
    options?: EmbeddingCallOptions,
  ): Promise<EmbeddingResponse<readonly number[]>>;
  create(
    request: EmbeddingRequest & { readonly encoding_format: 'base64' },
    options?: EmbeddingCallOptions,
  ): Promise<EmbeddingResponse<string>>;
  create(request: EmbeddingRequest, options?: EmbeddingCallOptions): Promise<EmbeddingResponse>;
  async create(request: EmbeddingRequest, options: EmbeddingCallOptions = {}): Promise<EmbeddingResponse> {
    checkOptions(options, CALL_OPTIONS);
    const { signal, onProgress } = options;
    checkRequest(request);
    const texts = textsOf(request);
    const encoder = await this.#ready(request.model ?? this.#current?.encoder.id ?? DEFAULT_EMBEDDING_MODEL, signal);
    const dimensions = request.dimensions ?? encoder.dimensions;
    if (dimensions > encoder.dimensions) {
      throw invalid('dimensions', `be at most ${encoder.dimensions}, the model's own`);
    }
    const result = await this.#embed(texts, request.truncate ?? 'none', signal, onProgress);
    return {
      object: 'list',
      data: texts.map((_, index) => {
        const start = index * result.dimensions;
        const vector = shortened(result.vectors.subarray(start, start + result.dimensions), dimensions);
        const embedding = request.encoding_format === 'base64' ? toBase64(vector) : [...vector];
        return { object: 'embedding', index, embedding };
      }),
      model: encoder.id,
      usage: { prompt_tokens: result.tokens, total_tokens: result.tokens },
    };
  }

  /** The same as one array [texts × dimensions], for those who compute with it. */
  async vectors(
    texts: readonly string[],
    options: EmbeddingCallOptions & { readonly model?: string; readonly truncate?: 'none' | 'end' } = {},
  ): Promise<EmbedResult & { readonly model: string }> {
    checkOptions(options, { ...CALL_OPTIONS, model: 'text', truncate: ['none', 'end'] });
    const { model, truncate = 'none', signal, onProgress } = options;
    const encoder = await this.#ready(model ?? this.#current?.encoder.id ?? DEFAULT_EMBEDDING_MODEL, signal);
    return { ...(await this.#embed(texts, truncate, signal, onProgress)), model: encoder.id };
  }

  /** One vector a word, as the model sees it in its text: [all words × dimensions]. A text that is too long rejects with `prompt-too-long`. */
  async wordVectors(
    words: readonly (readonly string[])[],
    options: EmbeddingCallOptions & { readonly model?: string } = {},
  ): Promise<EmbedResult> {
    checkOptions(options, { ...CALL_OPTIONS, model: 'text' });
    const { model, signal, onProgress } = options;
    await this.#ready(model ?? this.#current?.encoder.id ?? DEFAULT_EMBEDDING_MODEL, signal);
    return this.#embed([], 'none', signal, onProgress, words);
  }

  /** Gives the memory back: the thread ends. A later call loads again. */
  async unload(): Promise<void> {
    this.#current = undefined;
    const { embedding } = this.#workers;
    if (!embedding.isRunning) return;
    await embedding.call(({ port }) => port.unload()).catch(() => {});
    embedding.stop();
  }

  get #alive(): Current | undefined {
    const { embedding } = this.#workers;
    return embedding.isRunning && this.#current?.incarnation === embedding.incarnation ? this.#current : undefined;
  }

  async #ready(modelId: string, signal: AbortSignal | undefined): Promise<ReadyEncoder> {
    throwIfAborted(signal);
    await this.#queue;
    if (this.#alive?.encoder.id === modelId) return this.#alive.encoder;
    const known = this.#current;
    if (known?.encoder.id === modelId) return this.load(known.source, { ...known.options, signal });
    return this.load(modelId, { signal });
  }

  async #load(source: string | File, { signal, onProgress, ...options }: EmbeddingLoadRequest): Promise<ReadyEncoder> {
    throwIfAborted(signal);
    if (typeof source !== 'string') await this.#workers.permit('file');
    const alive = this.#alive;
    if (![undefined, 'auto', 'cpu', 'webgpu'].includes(options.backend))
      throw invalid('backend', 'be auto, cpu or webgpu');
    const isSame = (['backend', 'threads', 'contextLength'] as const).every(
      (name) => alive?.options[name] === options[name],
    );
    if (alive?.source === source && isSame) return alive.encoder;
    const from: ModelSource =
      typeof source === 'string'
        ? await this.#stored(source, signal, onProgress)
        : { kind: 'file', file: source, name: source.name };
    const { embedding } = this.#workers;
    const listener = proxy((event: LoadEvent) => onProgress?.(event));
    // It makes room first: where the load fails, the encoder before is gone too, and is loaded again when it is next asked for.
    if (this.#current !== undefined) this.#current = { ...this.#current, incarnation: GONE };
    const loaded = await embedding.call(({ port, callId }) => port.load(callId, from, options, listener), {
      signal,
      abort: abortByCallId,
    });
    const encoder = { ...loaded, id: typeof source === 'string' ? source : source.name };
    this.#current = { encoder, source, options, incarnation: embedding.incarnation };
    return encoder;
  }

  /** Fetches what is missing; where the browser stores nothing, the bytes travel from thread to thread. */
  async #stored(
    modelId: string,
    signal: AbortSignal | undefined,
    onProgress: EmbeddingLoadRequest['onProgress'],
  ): Promise<ModelSource> {
    const { download } = this.#workers;
    const listener = proxy((event: DownloadEvent) => onProgress?.(event));
    const stored = await download.call(({ port, callId }) => port.download(callId, modelId, listener), {
      signal,
      abort: abortByCallId,
    });
    if (stored.medium !== 'memory') return { kind: 'stored', modelId };
    return { kind: 'file', file: await download.call(({ port }) => port.blob(modelId)), name: stored.name };
  }

  #embed(
    texts: readonly string[],
    truncate: 'none' | 'end',
    signal: AbortSignal | undefined,
    onProgress: EmbeddingCallOptions['onProgress'],
    words?: EmbedRequest['words'],
  ): Promise<EmbedResult> {
    const listener = proxy((event: EmbedEvent) => onProgress?.(event));
    const request = { texts, truncate, ...(words === undefined ? {} : { words }) };
    return this.#workers.embedding
      .call(({ port, callId }) => port.embed({ callId, ...request }, listener), { signal, abort: abortByCallId })
      .then((result) => {
        const current = this.#current;
        if (result.engine !== undefined && current !== undefined) {
          this.#current = { ...current, encoder: { ...current.encoder, ...result.engine } };
        }
        return result;
      });
  }
}

function textsOf({ input }: EmbeddingRequest): readonly string[] {
  const texts: readonly unknown[] = Array.isArray(input) ? input : [input];
  if (texts.length === 0) throw new SottoError('empty-prompt', '"input" holds no text.');
  return texts.map((text, index) => {
    if (typeof text === 'string' && text !== '') return text;
    if (text === '') throw new SottoError('empty-prompt', `Text ${index} of "input" is empty.`);
    const message = '"input" must be a text or a list of texts; token ids are not supported.';
    throw new SottoError('unsupported-option', message, { details: { option: 'input' } });
  });
}

function checkRequest(request: EmbeddingRequest): void {
  if (typeof request !== 'object' || request === null) throw invalid('request', 'be an object');
  for (const name of Object.keys(request)) {
    if (FIELDS.has(name)) continue;
    throw new SottoError('unsupported-option', `"${name}" is not supported.`, { details: { option: name } });
  }
  const { model, encoding_format: format, dimensions, truncate } = request;
  if (model !== undefined && typeof model !== 'string') throw invalid('model', 'be a text');
  if (!isOneOf(format, ['float', 'base64'])) throw invalid('encoding_format', 'be float or base64');
  if (!isOneOf(truncate, ['none', 'end'])) throw invalid('truncate', 'be none or end');
  const isCount = dimensions === undefined || dimensions === null || (Number.isInteger(dimensions) && dimensions > 0);
  if (!isCount) throw invalid('dimensions', 'be a whole number above 0');
}

function isOneOf(value: unknown, allowed: readonly string[]): boolean {
  return value === undefined || value === null || allowed.includes(value as string);
}

function invalid(option: string, rule: string): SottoError {
  return new SottoError('invalid-option', `"${option}" must ${rule}.`, { details: { option } });
}

function shortened(vector: Float32Array, dimensions: number): Float32Array {
  if (dimensions === vector.length) return vector;
  const kept = vector.slice(0, dimensions);
  const length = Math.hypot(...kept);
  return length > 0 ? kept.map((value) => value / length) : kept;
}

/** 32-bit floats, little-endian: the order of every machine a browser runs on. */
function toBase64(vector: Float32Array): string {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  return btoa(String.fromCharCode(...bytes));
}
