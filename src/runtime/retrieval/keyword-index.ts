import MiniSearch from 'minisearch';
import { contentWordsOf, wordsOf } from './words.ts';

interface Entry {
  readonly id: number;
  readonly text: string;
  readonly headings: string;
}

/** BM25 over passages by number; headings count for more than the text below them. */
export class KeywordIndex {
  readonly #search = new MiniSearch<Entry>({
    fields: ['headings', 'text'],
    storeFields: [],
    tokenize: (text) => [...wordsOf(text)],
    // Words are folded already.
    processTerm: (term) => term,
    searchOptions: {
      boost: { headings: 1.5 },
      prefix: (term) => term.length >= 5,
      weights: { prefix: 0.2, fuzzy: 0.2 },
    },
  });

  add(entries: readonly Entry[]): void {
    this.#search.addAll(entries);
  }

  remove(ids: readonly number[]): void {
    this.#search.discardAll(ids);
  }

  /** Passages by BM25, best first. */
  find(query: string, limit: number, isWanted: (id: number) => boolean): readonly number[] {
    const words = contentWordsOf(query);
    if (words.length === 0) return [];
    const results = this.#search.search(words.join(' '), {
      tokenize: () => [...words],
      filter: ({ id }) => isWanted(id),
    });
    return results.slice(0, limit).map(({ id }) => id as number);
  }
}
