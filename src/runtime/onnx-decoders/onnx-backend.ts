import type { Tensor } from '@xenova/transformers';
import { SottoError, throwIfAborted } from '../../shared/index.ts';
import { checkTokens } from '../backends/check-tokens.ts';
import type { DecoderBackend, ForwardOptions } from '../backends/decoder-backend.ts';
import type { TransformersLibrary } from '../tasks/onnx/index.ts';
import { DecoderCache } from './decoder-cache.ts';

/** The part of a model of the library that is used: one step, and its sessions. */
export interface OnnxDecoder {
  (inputs: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, Tensor>>>;
  readonly sessions: Readonly<
    Record<string, { readonly inputNames: readonly string[]; readonly inputMetadata: readonly CacheInput[] }>
  >;
  dispose(): Promise<unknown>;
}

interface CacheInput {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxBackendParts {
  readonly library: TransformersLibrary;
  readonly decoder: OnnxDecoder;
  readonly device: 'wasm' | 'webgpu';
  readonly threads: number;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly weightBytes: number;
}

const ONE = 1n;

/** A decoder of onnxruntime-web as an engine. */
export class OnnxBackend implements DecoderBackend {
  readonly kind: 'cpu' | 'webgpu';
  readonly description: string;
  readonly threads: number;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly memoryBytes: number;
  readonly rewindsFreely: boolean;
  readonly #library: TransformersLibrary;
  readonly #cache: DecoderCache;
  #decoder: OnnxDecoder | undefined;

  constructor(parts: OnnxBackendParts) {
    const { library, decoder, device, threads, vocabularySize, contextLength, weightBytes } = parts;
    this.#library = library;
    this.#decoder = decoder;
    this.#cache = new DecoderCache((source, data, dims) => new library.Tensor(source.type, data, dims));
    this.kind = device === 'webgpu' ? 'webgpu' : 'cpu';
    this.description = `onnxruntime-web, ${device === 'webgpu' ? 'WebGPU' : 'WebAssembly'}`;
    this.threads = device === 'webgpu' ? 0 : threads;
    this.vocabularySize = vocabularySize;
    this.contextLength = contextLength;
    const inputs = decoder.sessions['model']?.inputMetadata.filter(({ name }) => name.startsWith('past_')) ?? [];
    // States that every token changes cannot be cut, and what lies on the device is not.
    this.rewindsFreely = device === 'wasm' && inputs.every(({ name }) => name.startsWith('past_key_values.'));
    const tokenBytes = inputs.reduce((sum, input) => sum + bytesAToken(input), 0);
    this.memoryBytes = weightBytes + tokenBytes * contextLength;
  }

  get position(): number {
    return this.#cache.position;
  }

  async forward(
    tokens: ArrayLike<number>,
    { logits: wanted = 'last', signal }: ForwardOptions = {},
  ): Promise<Float32Array> {
    throwIfAborted(signal);
    const decoder = this.#usable();
    checkTokens(tokens, this);
    const outputs = await decoder(this.#inputs(tokens, wanted === 'all'));
    this.#cache.update(outputs, tokens.length);
    // The runtime computes on this thread: an abort that came meanwhile is heard here.
    await new Promise((resolve) => setTimeout(resolve));
    if (wanted === 'none') return new Float32Array(0);
    return this.#logits(outputs['logits'], wanted === 'all' ? tokens.length : 1);
  }

  truncate(position: number): void {
    this.#cache.truncate(position);
  }

  park(): void {}

  dispose(): void {
    this.#cache.truncate(0);
    void this.#decoder?.dispose();
    this.#decoder = undefined;
  }

  #inputs(tokens: ArrayLike<number>, wantsAll: boolean): Record<string, unknown> {
    const { DynamicCache, Tensor } = this.#library;
    const integers = (values: readonly bigint[], dims: number[]) =>
      new Tensor('int64', BigInt64Array.from(values), dims);
    const count = this.position + tokens.length;
    const entries = this.#cache.entries;
    const takes = this.#decoder?.sessions['model']?.inputNames ?? [];
    return {
      input_ids: integers(Array.from(tokens, BigInt), [1, tokens.length]),
      attention_mask: integers(new Array<bigint>(count).fill(ONE), [1, count]),
      ...(entries === undefined ? {} : { past_key_values: new DynamicCache(entries) }),
      ...(takes.includes('num_logits_to_keep') ? { num_logits_to_keep: integers([wantsAll ? 0n : ONE], []) } : {}),
    };
  }

  /** The last rows of the logits. */
  #logits(tensor: Tensor | undefined, rows: number): Float32Array {
    const width = tensor?.dims.at(-1);
    if (tensor === undefined || width !== this.vocabularySize) {
      throw new SottoError(
        'model-unsupported',
        `The graph gives ${width ?? 'no'} logits for ${this.vocabularySize} tokens.`,
      );
    }
    const values = tensor.type === 'float32' ? tensor : tensor.to('float32');
    return (values.data as Float32Array).subarray(-rows * width);
  }

  #usable(): OnnxDecoder {
    if (this.#decoder === undefined) throw new SottoError('disposed', 'This engine was disposed of.');
    return this.#decoder;
  }
}

/** Bytes that a token adds to an input that grows with the text. */
function bytesAToken({ type, shape }: CacheInput): number {
  const values = shape.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
  return values * (type === 'float16' ? 2 : 4);
}
