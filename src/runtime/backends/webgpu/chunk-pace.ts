/** A submit that takes longer risks the driver's watchdog and keeps an abort waiting. */
const LONG_MS = 200;
const SHORT_MS = 50;
const LEAST_TOKENS = 32;
const FIRST_TOKENS = 128;

/** How many tokens a prefill chunk takes on this device: more where chunks are quick, fewer where they are slow. */
export class ChunkPace {
  readonly #most: number;
  #tokens: number;

  constructor(most: number) {
    this.#most = most;
    this.#tokens = Math.min(FIRST_TOKENS, most);
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** Takes note of a chunk of the full size that took `ms` milliseconds. */
  record(count: number, ms: number): void {
    if (count < this.#tokens) return;
    if (ms > LONG_MS) this.#tokens = Math.max(Math.min(LEAST_TOKENS, this.#most), this.#tokens / 2);
    else if (ms < SHORT_MS) this.#tokens = Math.min(this.#most, this.#tokens * 2);
  }
}
