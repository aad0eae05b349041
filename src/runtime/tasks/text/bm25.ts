import { contentStems } from './words.ts';

/** BM25 (Robertson & Zaragoza 2009) over a handful of passages: no index is worth its upkeep at this size. */
export class KeywordIndex {
  readonly #documents: readonly ReadonlyMap<string, number>[];
  readonly #lengths: readonly number[];
  readonly #frequency = new Map<string, number>();
  readonly #meanLength: number;

  constructor(texts: readonly string[]) {
    this.#documents = texts.map((text) => {
      const counts = new Map<string, number>();
      for (const word of contentStems(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
      for (const word of counts.keys()) this.#frequency.set(word, (this.#frequency.get(word) ?? 0) + 1);
      return counts;
    });
    this.#lengths = this.#documents.map((counts) => [...counts.values()].reduce((sum, count) => sum + count, 0));
    this.#meanLength = this.#lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, texts.length);
  }

  /** One score a passage; 0 where no word is shared. */
  scores(query: string): number[] {
    const words = [...new Set(contentStems(query))];
    const total = this.#documents.length;
    return this.#documents.map((counts, index) => {
      const length = (this.#lengths[index] ?? 0) / Math.max(1, this.#meanLength);
      return words.reduce((sum, word) => {
        const count = counts.get(word) ?? 0;
        const holders = this.#frequency.get(word) ?? 0;
        const rarity = Math.log(1 + (total - holders + 0.5) / (holders + 0.5));
        return sum + (rarity * count * 2.2) / (count + 1.2 * (0.25 + 0.75 * length));
      }, 0);
    });
  }
}
