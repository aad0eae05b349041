/** Words a cache holds before it starts afresh: several pages of text, about a megabyte. */
const MOST_WORDS = 10_000;
/** Longer ones hardly ever come again. */
const LONGEST_CACHED = 64;

/** Remembers the tokens of words: text repeats itself, and a look-up is many times cheaper than merging. */
export class WordCache {
  readonly #words = new Map<string, readonly number[]>();

  get(word: string, encode: (word: string) => readonly number[]): readonly number[] {
    const known = this.#words.get(word);
    if (known) return known;
    const ids = encode(word);
    if (word.length <= LONGEST_CACHED) {
      if (this.#words.size >= MOST_WORDS) this.#words.clear();
      this.#words.set(word, ids);
    }
    return ids;
  }
}
