import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import { checkTokens } from '../check-tokens.ts';
import type {
  AdapterChoice,
  Adapters,
  AheadOptions,
  AheadStep,
  CachePages,
  DecoderBackend,
  EngineProfile,
  ForwardOptions,
  RequantisedWeights,
} from '../decoder-backend.ts';
import { AdapterRack } from './adapters/index.ts';
import { AllLogits } from './all-logits.ts';
import { GpuCachePages } from './cache-pages.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { encodeSteps } from './kernel-library.ts';
import type { LoadedDecoder } from './loaded-decoder.ts';
import { profileDecoder } from './profile-decoder.ts';
import { Readback } from './readback.ts';
import { RunAhead } from './run-ahead.ts';

/** The decoder on the GPU. Commands are the same for every token: position and token lie in GPU buffers. */
export class WebGpuBackend implements DecoderBackend {
  readonly kind = 'webgpu';
  readonly description: string;
  readonly threads = 1;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly requantised: readonly RequantisedWeights[];
  readonly adapters: Adapters;
  readonly rewindsFreely: boolean;

  readonly #parts: LoadedDecoder;
  readonly #chunks: ChunkQueue;
  readonly #logits: Float32Array;
  readonly #readback: Readback;
  readonly #ahead: RunAhead;
  readonly #rack: AdapterRack;
  readonly #pages: CachePages | undefined;
  #chosen: readonly AdapterChoice[] = [];
  #allLogits: AllLogits | undefined;
  #position = 0;
  #isRunning = false;

  constructor(parts: LoadedDecoder) {
    const { gpu, plan } = parts;
    this.#parts = parts;
    this.description = `WebGPU, ${gpu.name}`;
    this.vocabularySize = plan.spec.vocabularySize;
    this.contextLength = plan.shape.capacity;
    this.requantised = parts.requantised;
    this.rewindsFreely = parts.state.rewindsFreely;
    this.#pages = parts.state.hasPagesOnly ? this.#pagesOf(new GpuCachePages(parts)) : undefined;
    this.#rack = new AdapterRack(parts);
    this.adapters = this.#adaptersOf(this.#rack);
    this.#chunks = new ChunkQueue(parts);
    this.#logits = new Float32Array(this.vocabularySize);
    this.#readback = new Readback(gpu, this.#logits.byteLength);
    this.#ahead = new RunAhead(parts);
  }

  #pagesOf(cache: GpuCachePages): CachePages {
    return {
      pageBytes: cache.pageBytes,
      format: cache.format,
      read: (from, to) => this.#alone(() => cache.read(from, to)),
      write: (from, pages, { length: position }) =>
        this.#alone(async () => {
          await cache.write(from, pages, position, this.#position);
          this.#position = position;
        }),
    };
  }

  get memoryBytes(): number {
    return this.#parts.buffers.memoryBytes + this.#rack.memoryBytes;
  }

  /** None while adapters apply: copies say nothing of the adapters that they were computed with. */
  get pages(): CachePages | undefined {
    return this.#chosen.length === 0 ? this.#pages : undefined;
  }

  get position(): number {
    return this.#position;
  }

  async forward(tokens: ArrayLike<number>, options: ForwardOptions = {}): Promise<Float32Array> {
    this.#parts.gpu.check();
    checkTokens(tokens, this);
    return this.#alone(() => this.#forward(tokens, options));
  }

  async *decodeAhead(token: number, options: AheadOptions): AsyncGenerator<AheadStep, void, undefined> {
    this.#parts.gpu.check();
    checkTokens([token], this);
    this.#enter();
    const start = this.#position;
    const count = Math.min(options.maxTokens, this.contextLength - start);
    // Of `token` nothing is known before the first choice after it has come back; then it is in the cache.
    let kept = 0;
    try {
      for await (const step of this.#ahead.run(token, start, count, options)) {
        kept += 1;
        this.#position = start + kept;
        yield step;
      }
    } finally {
      // Steps that ran for nothing are no part of the text.
      this.#position = this.#parts.state.cut(this.#position);
      this.#isRunning = false;
    }
  }

  async profile(): Promise<EngineProfile> {
    this.#parts.gpu.check();
    return this.#alone(async () => {
      this.#parts.state.willTry(this.#position);
      try {
        return await profileDecoder(this.#parts, this.#position);
      } finally {
        this.#position = this.#parts.state.cut(this.#position);
      }
    });
  }

  truncate(position: number): void {
    this.#parts.gpu.check();
    if (!Number.isInteger(position) || position < 0 || position > this.#position) {
      throw new SottoError('internal', `Cannot truncate ${this.#position} tokens to ${position}.`);
    }
    this.#position = this.#parts.state.cut(position);
  }

  /** Nothing to do: a GPU without work sleeps by itself. */
  park(): void {}

  dispose(): void {
    this.#parts.gpu.dispose();
  }

  #adaptersOf(rack: AdapterRack): Adapters {
    return {
      get loaded() {
        return rack.names;
      },
      load: (name, gguf, source, signal) =>
        this.#alone(async () => {
          this.#parts.gpu.check();
          await rack.load(name, gguf, source, signal);
          this.#forgetAllLogits();
        }),
      use: (chosen) => {
        this.#parts.gpu.check();
        if (JSON.stringify(chosen) === JSON.stringify(this.#chosen)) return;
        if (this.#isRunning) throw new SottoError('internal', 'Adapters cannot change while the engine runs.');
        rack.use(chosen);
        this.#chosen = [...chosen];
        this.#position = this.#parts.state.cut(0);
        this.#forgetAllLogits();
      },
    };
  }

  /** Its commands are those of the adapters that were in use. */
  #forgetAllLogits(): void {
    this.#allLogits?.dispose();
    this.#allLogits = undefined;
  }

  #enter(): void {
    if (this.#isRunning) throw new SottoError('internal', 'A forward pass is running already.');
    this.#isRunning = true;
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    this.#enter();
    try {
      return await work();
    } finally {
      this.#isRunning = false;
    }
  }

  async #forward(tokens: ArrayLike<number>, { logits = 'last', signal }: ForwardOptions): Promise<Float32Array> {
    throwIfAborted(signal);
    const all = logits === 'all' ? new Float32Array(tokens.length * this.vocabularySize) : undefined;
    if (tokens.length === 1 && all === undefined) {
      this.#submitOne(tokens[0]!, logits === 'last');
    } else {
      await this.#submitChunks(tokens, logits, all, signal);
    }
    if (logits === 'none') return new Float32Array(0);
    if (all === undefined) {
      await this.#parts.gpu.hurry(this.#readback.read(this.#logits));
    }
    return this.#checkFinite(all ?? this.#logits);
  }

  #checkFinite(logits: Float32Array): Float32Array {
    if (areFinite(logits)) return logits;
    throw new SottoError('numeric-fault', 'The logits hold values that are not finite.', {
      details: { position: this.#position },
    });
  }

  #submitOne(token: number, wantsLogits: boolean): void {
    const { gpu, buffers, decode, state } = this.#parts;
    const { device } = gpu;
    const { buffer, layout } = buffers.token;
    state.willWrite(this.#position, 1);
    device.queue.writeBuffer(buffer, layout.tokensOffset, Uint32Array.of(token));
    device.queue.writeBuffer(buffer, 0, Uint32Array.of(this.#position, 1));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeSteps(pass, decode.embed, 1);
    encodeSteps(pass, decode.layers, 1);
    if (wantsLogits) encodeSteps(pass, decode.head, 1);
    pass.end();
    if (wantsLogits) this.#copyLogits(encoder);
    device.queue.submit([encoder.finish()]);
    this.#position += 1;
  }

  async #submitChunks(
    tokens: ArrayLike<number>,
    logits: ForwardOptions['logits'],
    all: Float32Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (let done = 0; done < tokens.length; ) {
      const count = Math.min(this.#chunks.tokens, tokens.length - done);
      const wantsLast = logits === 'last' && done + count === tokens.length;
      const chunk = Uint32Array.from({ length: count }, (_, i) => tokens[done + i]!);
      this.#parts.state.willWrite(this.#position, count);
      const before = this.#chunks.submit(chunk, this.#position, (encoder) => {
        if (wantsLast) this.#encodeHead(encoder, count);
      });
      this.#position += count;
      if (all !== undefined) await this.#readAllLogits(count, all.subarray(done * this.vocabularySize));
      await before;
      throwIfAborted(signal);
      done += count;
    }
  }

  /** The head on the last token of a chunk. */
  #encodeHead(encoder: GPUCommandEncoder, tokens: number): void {
    const { buffers, decode, plan } = this.#parts;
    const rowBytes = plan.shape.hiddenStride * 4;
    const { token, chunk } = buffers;
    const from = chunk.layout.hiddenOffset + (tokens - 1) * rowBytes;
    encoder.copyBufferToBuffer(chunk.buffer, from, token.buffer, token.layout.hiddenOffset, rowBytes);
    const pass = encoder.beginComputePass();
    encodeSteps(pass, decode.head, 1);
    pass.end();
    this.#copyLogits(encoder);
  }

  #copyLogits(encoder: GPUCommandEncoder): void {
    const { byteLength } = this.#logits;
    encoder.copyBufferToBuffer(this.#parts.buffers.logits, 0, this.#readback.buffer, 0, byteLength);
  }

  /** Logits of a whole chunk. Their buffer is large and few callers want it: it is made at the first call. */
  async #readAllLogits(count: number, to: Float32Array): Promise<void> {
    const { gpu, library, plan, buffers } = this.#parts;
    this.#allLogits ??= await AllLogits.create(gpu, library, plan, buffers);
    await this.#allLogits.read(count, to);
  }
}

/** A number less itself is 0, or not a number. A sum, because `every` takes a millisecond for 49,152 values. */
function areFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! - values[i]!;
  return sum === 0;
}
