/**
 * Which tokens may come next: a grammar, as the sampler sees it. One mask serves one answer.
 *
 * The order of calls for each token: `forced`, and where that is empty `allowed`, then `accept` with the chosen token.
 * The end token is chosen like any other where `allowed` has its bit; it is never accepted, because the answer is over.
 */
export interface TokenMask {
  /**
   * Tokens that must come next, one after the other, whatever the logits say; empty where there is a choice. They are
   * appended without being computed one by one, and accepted one by one.
   */
  forced(): readonly number[];
  /**
   * Bit `id & 31` of word `id >>> 5` is set where token `id` may come next; words that are missing allow nothing. Undefined
   * where every token may. A view that the next call may overwrite.
   */
  allowed(): Uint32Array | undefined;
  /** Moves on by a token that was allowed or forced. */
  accept(token: number): void;
}

/** Makes every token impossible whose bit is not set. Changes the logits `[vocabulary]` in place. */
export function applyMask(logits: Float32Array, allowed: Uint32Array): void {
  for (let start = 0, index = 0; start < logits.length; start += 32, index++) {
    const word = allowed[index] ?? 0;
    if (word === ALL) continue;
    const end = Math.min(start + 32, logits.length);
    if (word === 0) logits.fill(Number.NEGATIVE_INFINITY, start, end);
    else for (let id = start; id < end; id++) if (!((word >>> (id - start)) & 1)) logits[id] = Number.NEGATIVE_INFINITY;
  }
}

const ALL = 0xffff_ffff;
