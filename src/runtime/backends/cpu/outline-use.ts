/** Of the head's groups, how many may be read in full beside the outline before reading all of them is as fast. */
const MOST_SHARE = 0.25;
/** Tokens without it after one where it did not pay; twice as many each time that it does not. */
const SHORTEST_PAUSE = 16;
const LONGEST_PAUSE = 256;

/**
 * Whether likely tokens are looked for in the outline of the head (assembly/outline.ts). Where many tokens are about as likely, most
 * of the head has to be read in full behind it.
 */
export class OutlineUse {
  #tokensLeft = 0;
  #pause = SHORTEST_PAUSE;

  /** Whether the next token's logits should come from it. */
  next(): boolean {
    if (this.#tokensLeft === 0) return true;
    this.#tokensLeft -= 1;
    return false;
  }

  /** Records what share of the head was read in full for a token. */
  record(share: number): void {
    if (share <= MOST_SHARE) {
      this.#pause = SHORTEST_PAUSE;
      return;
    }
    this.#tokensLeft = this.#pause;
    this.#pause = Math.min(LONGEST_PAUSE, 2 * this.#pause);
  }
}
