import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../protocol/index.ts';
import { chunkBlocks } from './chunker.ts';
import { fuseRanks } from './fusion.ts';
import { RetrievalIndex } from './retrieval-index.ts';
import { PASSAGES, QUESTIONS, UNANSWERABLE } from './testing/labelled-set.ts';
import { VectorIndex } from './vector-index.ts';

const chunk = (text: string, index = 0): Chunk => ({ index, text, page: null, headings: [] });

const block = (
  text: string,
  kind: 'heading' | 'paragraph' | 'row' = 'paragraph',
  level = 0,
  page: number | null = null,
) => ({
  kind,
  text,
  level,
  page,
});

describe('passages', () => {
  it('keep to headings and know those above them', () => {
    const chunks = chunkBlocks([
      block('One', 'heading', 1),
      block('a'),
      block('b'),
      block('Deep', 'heading', 3),
      block('c'),
      block('Two', 'heading', 1),
      block('d'),
    ]);
    expect(chunks.map(({ text, headings }) => [text, headings])).toEqual([
      ['a\n\nb', ['One']],
      ['c', ['One', 'Deep']],
      ['d', ['Two']],
    ]);
  });

  it('never cross a page', () => {
    const chunks = chunkBlocks([
      block('a', 'paragraph', 0, 1),
      block('b', 'paragraph', 0, 1),
      block('c', 'paragraph', 0, 2),
    ]);
    expect(chunks.map(({ text, page }) => [text, page])).toEqual([
      ['a\n\nb', 1],
      ['c', 2],
    ]);
  });

  it('of a long paragraph end with sentences and lose nothing', () => {
    const sentences = Array.from(
      { length: 60 },
      (_, index) => `Sentence number ${index} says a little more than nothing. `,
    );
    const chunks = chunkBlocks([block(sentences.join(''))]);
    expect(chunks.length).toBeGreaterThan(2);
    for (const { text } of chunks) {
      expect(text.length).toBeLessThanOrEqual(1100);
      expect(text).toMatch(/nothing\.$/);
    }
    for (const sentence of sentences) expect(chunks.some(({ text }) => text.includes(sentence.trim()))).toBe(true);
  });

  it('of a text without any end stay small', () => {
    for (const { text } of chunkBlocks([block('x'.repeat(10_000))])) expect(text.length).toBeLessThanOrEqual(1100);
  });

  it('say at least the headings of a document that has nothing else', () => {
    expect(chunkBlocks([block('Only', 'heading', 1)])).toMatchObject([{ text: 'Only' }]);
    expect(chunkBlocks([])).toEqual([]);
  });
});

describe('vectors', () => {
  it('are found by cosine, best first, and gone when removed', () => {
    const index = new VectorIndex();
    index.add([1, 2, 3], new Float32Array([1, 0, 0, 1, 0.6, 0.8]), 2);
    const all = () => true;
    expect(index.find(new Float32Array([1, 0]), 2, all).map(({ id }) => id)).toEqual([1, 3]);
    index.remove(new Set([1]));
    expect(index.find(new Float32Array([1, 0]), 5, all).map(({ id }) => id)).toEqual([3, 2]);
    index.add([4], new Float32Array([1, 0]), 2);
    expect(index.find(new Float32Array([1, 0]), 1, all)).toEqual([{ id: 4, cosine: 1 }]);
    expect(index.find(new Float32Array([1, 0]), 5, (id) => id === 2).map(({ id }) => id)).toEqual([2]);
  });
});

it('fusion lifts what several rankings name', () => {
  expect(
    fuseRanks([
      [1, 2, 3],
      [3, 4],
    ])[0],
  ).toBe(3);
  expect(fuseRanks([[], []])).toEqual([]);
});

describe('a search', () => {
  const document = { id: 'd', name: 'Leaflets.md', chunks: PASSAGES.map(chunk), vectors: null };
  const search = (index: RetrievalIndex, query: string, documentIds = ['d'], vector: Float32Array | null = null) =>
    index.search({ query, vector, documentIds, limit: 5 }).hits;

  it('by words alone finds the right passage among the first five', () => {
    const index = new RetrievalIndex();
    index.put(document);
    const found = QUESTIONS.filter(({ question, passage }) =>
      search(index, question).some(({ chunk: { index: place } }) => place === passage),
    );
    // Measured: 24 of 24.
    expect(found.length / QUESTIONS.length).toBeGreaterThanOrEqual(0.95);
  });

  it('finds nothing where nothing fits', () => {
    const index = new RetrievalIndex();
    index.put(document);
    for (const question of UNANSWERABLE) expect(search(index, question), question).toEqual([]);
  });

  it('looks only at the documents that were asked for, and at what a document says now', () => {
    const index = new RetrievalIndex();
    index.put(document);
    expect(search(index, 'swimming pool', ['other'])).toEqual([]);
    index.put({ ...document, chunks: [chunk('A kite is flown in wind.')] });
    expect(search(index, 'swimming pool')).toEqual([]);
    expect(search(index, 'kites')).toHaveLength(1);
    index.remove('d');
    expect(search(index, 'kites')).toEqual([]);
  });

  it('finds by meaning what shares no word', () => {
    const index = new RetrievalIndex();
    const vectors = { values: new Float32Array([1, 0, 0, 1]), dimensions: 2 };
    index.put({ id: 'd', name: 'x', chunks: [chunk('alpha'), chunk('beta', 1)], vectors });
    expect(search(index, 'unrelated', ['d'], new Float32Array([0.1, 0.99]))[0]?.chunk.text).toBe('beta');
  });

  it('refuses vectors that cannot be compared with those that are there, and keeps what it had', () => {
    const index = new RetrievalIndex();
    const document = { id: 'd', name: 'x', chunks: [chunk('alpha')] };
    const other = { ...document, id: 'e', vectors: { values: new Float32Array([1, 0, 0]), dimensions: 3 } };
    index.put({ ...document, vectors: { values: new Float32Array([1, 0]), dimensions: 2 } });
    expect(() => index.put(other)).toThrow('"vectors" has 3 dimensions; the vectors of the documents have 2.');
    expect(() => search(index, 'x', ['d'], new Float32Array(3))).toThrow('"vector" has 3 dimensions');
    expect(search(index, 'unrelated', ['d'], new Float32Array([1, 0]))).toHaveLength(1);
    index.remove('d');
    index.put(other);
    expect(search(index, 'unrelated', ['e'], new Float32Array([1, 0, 0]))).toHaveLength(1);
  });

  it('finds parts of languages without spaces', () => {
    const index = new RetrievalIndex();
    index.put({
      id: 'd',
      name: 'x',
      chunks: [chunk('図書館の貸出期間は四週間です。'), chunk('犬は公園で放せません。', 1)],
      vectors: null,
    });
    expect(search(index, '図書館')[0]?.chunk.index).toBe(0);
  });
});
