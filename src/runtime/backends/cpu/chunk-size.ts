import { TILE_TOKENS } from './plan-fields.ts';

/** Most tokens of one call: beyond it the kernels gain nothing, and buffers grow. */
export const MOST_CHUNK_TOKENS = 64;
const FEWEST_CHUNK_TOKENS = 8;
/** A chunk cannot be interrupted, so its length is how late an abort is noticed. */
const TARGET_MS = 100;

/**
 * Tokens of the next prefill chunk, from how long the last ones took. The size changes only when work is handed over,
 * never a result: each token is computed alike whatever chunk it is in.
 */
export class ChunkSize {
  #tokens = 16;

  get tokens(): number {
    return this.#tokens;
  }

  /** Records that `tokens` took `milliseconds`. */
  record(tokens: number, milliseconds: number): void {
    if (tokens < FEWEST_CHUNK_TOKENS) return;
    const fitting = (tokens * TARGET_MS) / Math.max(milliseconds, 0.1);
    const whole = Math.floor(fitting / TILE_TOKENS) * TILE_TOKENS;
    this.#tokens = Math.min(MOST_CHUNK_TOKENS, Math.max(FEWEST_CHUNK_TOKENS, whole));
  }
}
