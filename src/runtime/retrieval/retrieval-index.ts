import type { Chunk, IndexedDocument, SearchRequest, SearchResult } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { fuseRanks } from './fusion.ts';
import { KeywordIndex } from './keyword-index.ts';
import { VectorIndex } from './vector-index.ts';
import { contentWordsOf, wordsOf } from './words.ts';

/** How many of each ranking are fused. */
const CANDIDATES = 40;

/** A passage fits where it is this near in meaning by all-MiniLM-L6-v2 (measured: docs/decisions/0010-retrieval.md), */
const NEAR = 0.28;

/** or where it holds this share of the words the question is about; */
const COVERED = 0.5;

/** this share where words are all there is to go by: people ask in other words than are written. */
const COVERED_BY_WORDS = 0.2;

interface Entry {
  readonly documentId: string;
  readonly documentName: string;
  readonly chunk: Chunk;
}

/** The documents that can be searched now: keyword and vector index over their passages. */
export class RetrievalIndex {
  readonly #keywords = new KeywordIndex();
  readonly #vectors = new VectorIndex();
  readonly #entries = new Map<number, Entry>();
  readonly #idsOf = new Map<string, readonly number[]>();
  #next = 0;

  /** Replaces what was known of the document. */
  put({ id, name, chunks, vectors }: IndexedDocument): void {
    this.remove(id);
    if (vectors !== null && chunks.length > 0) this.#assertComparable('vectors', vectors.dimensions);
    const ids = chunks.map(() => this.#next++);
    this.#idsOf.set(id, ids);
    chunks.forEach((chunk, index) => {
      this.#entries.set(ids[index] ?? -1, { documentId: id, documentName: name, chunk });
    });
    this.#keywords.add(
      chunks.map(({ text, headings }, index) => ({
        id: ids[index] ?? -1,
        text,
        headings: [name, ...headings].join(' '),
      })),
    );
    if (vectors !== null && chunks.length > 0) this.#vectors.add(ids, vectors.values, vectors.dimensions);
  }

  remove(documentId: string): void {
    const ids = this.#idsOf.get(documentId);
    if (ids === undefined) return;
    this.#idsOf.delete(documentId);
    this.#keywords.remove(ids);
    this.#vectors.remove(new Set(ids));
    for (const id of ids) this.#entries.delete(id);
  }

  /** Vectors of two models cannot be compared: whoever changes the model removes all, and embeds and puts them anew. */
  #assertComparable(option: string, dimensions: number): void {
    const there = this.#vectors.dimensions;
    if (there === 0 || there === dimensions) return;
    const message = `"${option}" has ${dimensions} dimensions; the vectors of the documents have ${there}. Use one model for all.`;
    throw new SottoError('invalid-option', message, { details: { option } });
  }

  /** Passages that fit the question, best first; none where nothing fits. */
  search({ query, vector, documentIds, limit }: SearchRequest): SearchResult {
    if (vector !== null) this.#assertComparable('vector', vector.length);
    const wanted = new Set(documentIds);
    const isWanted = (id: number) => wanted.has(this.#entries.get(id)?.documentId ?? '');
    const byWords = this.#keywords.find(query, CANDIDATES, isWanted);
    const byMeaning = vector === null ? [] : this.#vectors.find(vector, CANDIDATES, isWanted);
    const cosines = new Map(byMeaning.map(({ id, cosine }) => [id, cosine]));
    const words = contentWordsOf(query);
    const ranked = fuseRanks([byWords, byMeaning.map(({ id }) => id)]).flatMap((id) => {
      const entry = this.#entries.get(id);
      return entry === undefined ? [] : [{ entry, cosine: cosines.get(id) ?? null }];
    });
    const covered = vector === null ? COVERED_BY_WORDS : COVERED;
    // Nearness is known already; the words of a passage are looked at only where it does not decide.
    const fits =
      ranked.some(({ cosine }) => (cosine ?? 0) >= NEAR) ||
      ranked.some(({ entry }) => coverageOf(words, entry) >= covered);
    const best = fits ? ranked.slice(0, limit) : [];
    return {
      hits: best.map(({ entry, cosine }) => ({ ...entry, cosine, coverage: coverageOf(words, entry) })),
      considered: ranked.length,
    };
  }
}

function coverageOf(words: readonly string[], { chunk, documentName }: Entry): number {
  if (words.length === 0) return 0;
  const held = new Set(wordsOf([documentName, ...chunk.headings, chunk.text].join(' ')));
  return words.filter((word) => held.has(word)).length / words.length;
}
