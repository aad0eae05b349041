import { ChunkPace } from './chunk-pace.ts';
import { encodeSteps } from './kernel-library.ts';
import type { LoadedDecoder } from './loaded-decoder.ts';

/**
 * Chunks of a prompt on their way to the GPU. One runs while the next one waits, so that the GPU never idles and the queue
 * stays short enough to abort.
 */
export class ChunkQueue {
  readonly #parts: LoadedDecoder;
  readonly #pace: ChunkPace;
  #last: Promise<void> = Promise.resolve();
  #lastEnd = 0;

  constructor(parts: LoadedDecoder) {
    this.#parts = parts;
    this.#pace = new ChunkPace(parts.plan.chunk);
  }

  /** Tokens the next chunk should have. */
  get tokens(): number {
    return this.#pace.tokens;
  }

  /**
   * Submits a chunk that begins at `position`; `record` may add commands behind it. The promise settles when the chunk
   * before this one has run, or rejects with the device's fault.
   */
  submit(
    tokens: Uint32Array<ArrayBuffer>,
    position: number,
    record: (encoder: GPUCommandEncoder) => void,
  ): Promise<void> {
    const { gpu, buffers, prefill } = this.#parts;
    const { device } = gpu;
    const { buffer, layout } = buffers.chunk;
    device.queue.writeBuffer(buffer, layout.tokensOffset, tokens);
    device.queue.writeBuffer(buffer, 0, Uint32Array.of(position, tokens.length));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeSteps(pass, prefill, tokens.length);
    pass.end();
    record(encoder);
    device.queue.submit([encoder.finish()]);
    const before = this.#last;
    this.#last = this.#time(tokens.length);
    // Awaited when the next chunk is submitted, if there is one; a fault shows at the next call in any case.
    this.#last.catch(() => {});
    return before;
  }

  async #time(count: number): Promise<void> {
    const submitted = performance.now();
    await this.#parts.gpu.idle();
    const now = performance.now();
    this.#pace.record(count, now - Math.max(submitted, this.#lastEnd));
    this.#lastEnd = now;
  }
}
