import { type Draft, type Drafter, NO_DRAFT } from './drafter.ts';

/** Places looked at for each pair of tokens, latest first. */
const MOST_PLACES = 24;
/** A longer match says no more. */
const LONGEST_MATCH = 16;
/** Shortest match of each confidence. */
const SHORTEST: readonly number[] = [2, 3, 5, 9];

/**
 * Guesses that a text goes on as it did before (prompt lookup decoding, Saxena 2023): finds the longest stretch that ends
 * like the text does now and proposes what followed it. Good for summaries, edits, extraction, code.
 */
export class PromptLookup implements Drafter {
  readonly #tokens: number[] = [];
  /** Where each pair of neighbouring tokens occurred: index of the token behind it. */
  readonly #places = new Map<number, number[]>();

  append(tokens: readonly number[]): void {
    for (const token of tokens) {
      this.#tokens.push(token);
      const end = this.#tokens.length;
      if (end < 2) continue;
      const key = pairKey(this.#tokens[end - 2]!, token);
      const places = this.#places.get(key);
      if (places === undefined) this.#places.set(key, [end]);
      else places.push(end);
    }
  }

  draft(most: (confidence: number) => number): Draft {
    const { place, length } = this.#longestMatch();
    if (length < 2) return NO_DRAFT;
    const confidence = SHORTEST.findLastIndex((shortest) => length >= shortest);
    const count = most(confidence);
    return count === 0 ? NO_DRAFT : { tokens: this.#tokens.slice(place, place + count), confidence };
  }

  #longestMatch(): { readonly place: number; readonly length: number } {
    const tokens = this.#tokens;
    const end = tokens.length;
    let best = { place: 0, length: 0 };
    if (end < 2) return best;
    const places = this.#places.get(pairKey(tokens[end - 2]!, tokens[end - 1]!)) ?? [];
    // The last place is where the text ends now: nothing follows it.
    for (let index = places.length - 2; index >= 0 && index >= places.length - 1 - MOST_PLACES; index--) {
      const place = places[index]!;
      let length = 2;
      while (length < LONGEST_MATCH && place > length && tokens[place - length - 1] === tokens[end - length - 1])
        length += 1;
      if (length > best.length) best = { place, length };
      if (length === LONGEST_MATCH) break;
    }
    return best;
  }
}

/** One number for two token ids: a vocabulary has fewer than 2²⁰ tokens, and a number holds 53 bits. */
function pairKey(first: number, second: number): number {
  return first * 2 ** 26 + second;
}
