/** How much a new measurement counts. */
const WEIGHT = 0.2;
/** Passes after which the other way is tried again. */
const RETRY_PASSES = 48;

/**
 * Whether several answers are sooner computed in one pass or one after the other, by measurement: a pass over several tokens
 * reads the weights once, but where they take long to unpack, or a tile is half empty, it can cost more than it saves.
 */
export class PassPace {
  /** Milliseconds of a pass, by how many answers it had. */
  readonly #milliseconds = new Map<number, number>();
  #passes = 0;

  /** Whether the next tokens of `count` answers are computed together. */
  joins(count: number): boolean {
    if (count === 1) return true;
    const together = this.#milliseconds.get(count);
    const alone = this.#milliseconds.get(1);
    if (together === undefined) return true;
    if (alone === undefined) return false;
    this.#passes += 1;
    const pays = together < count * alone;
    return this.#passes % RETRY_PASSES === 0 ? !pays : pays;
  }

  record(count: number, milliseconds: number): void {
    const before = this.#milliseconds.get(count) ?? milliseconds;
    this.#milliseconds.set(count, before + WEIGHT * (milliseconds - before));
  }
}
