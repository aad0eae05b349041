import type { MixerBuffers } from './gpu-buffers.ts';
import type { ConvolutionShape } from './mixer-shapes.ts';
import { CHECKPOINT_TOKENS, CONVOLUTION_RING } from './state-room.ts';

/** What short convolutions remember, told from outside: how far back their rings reach, and checkpoints put back into them. */
export class ConvolutionRings {
  readonly #device: GPUDevice;
  readonly #mixers: readonly MixerBuffers<ConvolutionShape>[];
  /** First position that the rings still hold. */
  #first = 0;

  constructor(device: GPUDevice, mixers: readonly MixerBuffers<ConvolutionShape>[]) {
    this.#device = device;
    this.#mixers = mixers;
  }

  /** To be called before tokens up to `end` are written: they take the place of older ones, even if nobody keeps them. */
  willWrite(end: number): void {
    this.#first = Math.max(this.#first, end - CONVOLUTION_RING);
  }

  /** Where a text that is to be cut at `position` can be cut: there, or at the last checkpoint before it. */
  cut(position: number): number {
    const needed = Math.max(0, ...this.#mixers.map(({ shape }) => shape.spec.length - 1));
    if (needed === 0 || position === 0 || Math.max(0, position - needed) >= this.#first) return position;
    const checkpoint = Math.floor(position / CHECKPOINT_TOKENS);
    const start = checkpoint * CHECKPOINT_TOKENS;
    this.#first = Math.max(0, start - needed);
    if (start === 0) return 0;
    const encoder = this.#device.createCommandEncoder();
    for (const { shape, cache, past } of this.#mixers) {
      const kept = shape.spec.length - 1;
      const rowBytes = 4 * shape.width;
      // A ring is whole stretches between checkpoints: those few rows end where one begins, and do not wrap around.
      const to = ((start - kept) % CONVOLUTION_RING) * rowBytes;
      encoder.copyBufferToBuffer(past!, checkpoint * kept * rowBytes, cache, to, kept * rowBytes);
    }
    this.#device.queue.submit([encoder.finish()]);
    return start;
  }
}
