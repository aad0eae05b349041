import type { ConvolutionPlace } from './layer-place.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { CHECKPOINT_TOKENS, CONVOLUTION_RING } from './plan-fields.ts';

/**
 * What convolutions remember, told from outside: the last positions in a ring, and a copy of the few vectors before every
 * 64th position, so that a text can be cut anywhere near its end, and at those positions elsewhere.
 */
export class ConvolutionState {
  readonly #places: readonly ConvolutionPlace[];
  readonly #hiddenSize: number;
  readonly #memory: WebAssembly.Memory;
  /** First position that the rings still hold. */
  #first = 0;

  constructor({ layers, spec }: MemoryPlan, memory: WebAssembly.Memory) {
    this.#places = layers.flatMap(({ mixer }) => (mixer !== undefined && 'ring' in mixer ? [mixer] : []));
    this.#hiddenSize = spec.hiddenSize;
    this.#memory = memory;
  }

  /** To be called before tokens up to `end` are written: they take the place of older ones, even if the call fails. */
  willWrite(end: number): void {
    this.#first = Math.max(this.#first, end - CONVOLUTION_RING);
  }

  /** Where a text that is to be cut at `position` can be cut: there, or at the last checkpoint before it. */
  cut(position: number): number {
    const needed = Math.max(0, ...this.#places.map(({ spec }) => spec.length - 1));
    if (needed === 0 || position === 0 || Math.max(0, position - needed) >= this.#first) return position;
    const checkpoint = Math.floor(position / CHECKPOINT_TOKENS);
    const start = checkpoint * CHECKPOINT_TOKENS;
    const rowBytes = this.#hiddenSize * 4;
    const bytes = new Uint8Array(this.#memory.buffer);
    for (const { spec, ring, checkpoints } of this.#places) {
      const kept = spec.length - 1;
      for (let i = 0; i < kept && start > 0; i++) {
        const from = checkpoints + (checkpoint * kept + i) * rowBytes;
        const to = ring + ((start - kept + i) % CONVOLUTION_RING) * rowBytes;
        bytes.copyWithin(to, from, from + rowBytes);
      }
    }
    this.#first = Math.max(0, start - needed);
    return start;
  }
}
