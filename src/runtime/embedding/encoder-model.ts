import { readGguf } from '../../formats/gguf/index.ts';
import type { GgufFile } from '../../formats/gguf/types.ts';
import type {
  EmbeddingLoadOptions,
  EmbedRequest,
  EmbedResult,
  EncoderEngine,
  LoadEvent,
  LoadedEncoder,
} from '../../protocol/index.ts';
import { type ByteSource, SottoError, throwIfAborted } from '../../shared/index.ts';
import { encoderSpecFromGguf } from '../architectures/index.ts';
import type { EncoderRequest } from '../backends/create-encoder.ts';
import type { EncodeOptions, EncoderBackend } from '../backends/encoder-backend.ts';
import { holdCodebooks } from '../backends/hold-codebooks.ts';
import { createTokenizer, type Tokenizer } from '../text/index.ts';

export type CreateEncoder = (request: EncoderRequest) => Promise<EncoderBackend>;

export interface LoadTools {
  readonly fallbackName: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: LoadEvent) => void;
}

/** Why the engine was taken; changes when it does. */
interface Choice {
  reason: EncoderEngine['engineReason'];
  trial: EncoderEngine['engineTrial'];
}

/** A loaded encoder: texts in, unit vectors out. */
export class EncoderModel {
  readonly description: LoadedEncoder;
  readonly #tokenizer: Tokenizer;
  readonly #backend: EncoderBackend;
  readonly #choice: Choice;
  /** Of the engine, when somebody was last told. */
  #told: string;

  private constructor(description: LoadedEncoder, tokenizer: Tokenizer, backend: EncoderBackend, choice: Choice) {
    this.description = description;
    this.#tokenizer = tokenizer;
    this.#backend = backend;
    this.#choice = choice;
    this.#told = JSON.stringify(engineOf(backend, choice));
  }

  /** Rejects with the coded errors of the reader, the tokenizer, the architectures and the engine, or with an AbortError. */
  static async load(
    source: ByteSource,
    { backend: wanted = 'auto', threads, contextLength }: EmbeddingLoadOptions,
    create: CreateEncoder,
    { fallbackName, signal, onEvent }: LoadTools,
  ): Promise<EncoderModel> {
    const started = performance.now();
    const gguf = await readGguf(source, signal);
    const held = await holdCodebooks(gguf, source);
    const spec = encoderSpecFromGguf(held.gguf);
    const tokenizer = createTokenizer(gguf);
    if (tokenizer.vocabularySize > spec.vocabularySize) {
      const message = `The tokenizer has ${tokenizer.vocabularySize} tokens, the model only ${spec.vocabularySize}.`;
      throw new SottoError('gguf-invalid', message);
    }
    const choice: Choice = { reason: 'asked-for', trial: undefined };
    const backend = await create({
      ...{ spec, gguf: held.gguf, source: held.source, threads, contextLength, signal },
      backend: wanted,
      onProgress: (loadedBytes, totalBytes) => onEvent({ type: 'load-progress', loadedBytes, totalBytes }),
      onCompiled: (doneKernels, totalKernels) => onEvent({ type: 'kernel-progress', doneKernels, totalKernels }),
      onChoice: (reason, trial) => {
        choice.reason = reason;
        choice.trial = trial;
      },
    });
    const name = gguf.metadata.get('general.name');
    const description: LoadedEncoder = {
      name: typeof name === 'string' && name !== '' ? name : fallbackName,
      architecture: spec.architecture,
      fileBytes: source.size,
      parameters: parameterCount(gguf),
      dimensions: backend.dimensions,
      contextLength: backend.contextLength,
      ...engineOf(backend, choice),
      loadMs: performance.now() - started,
    };
    return new EncoderModel(description, tokenizer, backend, choice);
  }

  /** One unit vector a text. Rejects with `prompt-too-long` where nothing may be left out, else as the engine does. */
  async embed(
    { texts, truncate, words }: Pick<EmbedRequest, 'texts' | 'truncate' | 'words'>,
    options: EncodeOptions,
  ): Promise<EmbedResult> {
    if (words !== undefined) return this.#embedWords(words, options);
    const { contextLength, dimensions } = this.description;
    const ids: number[][] = [];
    for (const text of texts) {
      throwIfAborted(options.signal);
      const all = this.#tokenizer.encodeDocument(text);
      ids.push(truncate === 'end' ? shortened(all, contextLength, this.#closing(all)) : all);
    }
    try {
      const vectors = await this.#backend.encode(ids, options);
      for (let start = 0; start < vectors.length; start += dimensions) {
        toUnitLength(vectors.subarray(start, start + dimensions));
      }
      return { vectors, dimensions, tokens: ids.reduce((sum, { length }) => sum + length, 0), ...this.#news() };
    } finally {
      this.#backend.park();
    }
  }

  /**
   * One vector a word: the mean of its pieces, as the model sees them among the others. Words are cut into pieces by themselves, which for encoders
   * that split at spaces and punctuation is how they cut whole texts.
   */
  async #embedWords(words: readonly (readonly string[])[], options: EncodeOptions): Promise<EmbedResult> {
    const frame = this.#tokenizer.encodeDocument('');
    const opening = frame[0] === this.#tokenizer.beginTokenId ? frame.slice(0, 1) : frame.slice(0, -1);
    const closing = frame.slice(opening.length);
    const ids: number[][] = [];
    const spans: [number, number][][] = [];
    for (const text of words) {
      throwIfAborted(options.signal);
      const own = [...opening];
      spans.push(
        text.map((word) => {
          const start = own.length;
          own.push(
            ...this.#tokenizer
              .encodeDocument(word)
              .slice(opening.length, closing.length > 0 ? -closing.length : undefined),
          );
          return [start, own.length];
        }),
      );
      ids.push([...own, ...closing]);
    }
    try {
      const vectors = await this.#backend.encode(ids, { ...options, spans });
      const count = spans.reduce((sum, { length }) => sum + length, 0);
      const dimensions = count === 0 ? this.description.dimensions : vectors.length / count;
      for (let start = 0; start < vectors.length; start += dimensions) {
        toUnitLength(vectors.subarray(start, start + dimensions));
      }
      return { vectors, dimensions, tokens: ids.reduce((sum, { length }) => sum + length, 0), ...this.#news() };
    } finally {
      this.#backend.park();
    }
  }

  dispose(): void {
    this.#backend.dispose();
  }

  /** The engine, where it is another than when it was last told. */
  #news(): { readonly engine?: EncoderEngine } {
    const engine = engineOf(this.#backend, this.#choice);
    const now = JSON.stringify(engine);
    if (now === this.#told) return {};
    this.#told = now;
    return { engine };
  }

  /** The token that closes a document, which must not be left out with its end. */
  #closing(ids: readonly number[]): number | undefined {
    const last = ids.at(-1);
    const empty = this.#tokenizer.encodeDocument('');
    return last !== undefined && empty.at(-1) === last && last !== this.#tokenizer.beginTokenId ? last : undefined;
  }
}

function engineOf(backend: EncoderBackend, { reason, trial }: Choice): EncoderEngine {
  return {
    backend: backend.kind,
    backendDescription: backend.description,
    engineReason: reason,
    ...(trial === undefined ? {} : { engineTrial: trial }),
    threads: backend.threads,
    memoryBytes: backend.memoryBytes,
  };
}

function shortened(ids: readonly number[], most: number, closing: number | undefined): number[] {
  if (ids.length <= most) return [...ids];
  return closing === undefined ? ids.slice(0, most) : [...ids.slice(0, most - 1), closing];
}

function toUnitLength(vector: Float32Array): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let i = 0; i < vector.length; i++) vector[i]! *= factor;
}

function parameterCount({ tensors }: GgufFile): number {
  return [...tensors.values()].reduce((count, { dimensions }) => count + dimensions.reduce((a, b) => a * b, 1), 0);
}
