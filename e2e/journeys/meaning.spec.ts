import { PARAPHRASED, PASSAGES, QUESTIONS, UNANSWERABLE } from '../../src/runtime/retrieval/testing/labelled-set.ts';
import { expect, returning as test } from '../kit/index.ts';
import { openLibrary } from '../tasks/library-page.ts';

test('by meaning and words together the right passage is among the first five; what nobody wrote of finds nothing', async ({
  page,
}) => {
  await openLibrary(page);
  const questions = [...QUESTIONS, ...PARAPHRASED];
  const found = await page.evaluate(
    async ({ passages, asked }) => {
      const { vectors: values, dimensions } = await sotto.embeddings.vectors(passages);
      const chunks = passages.map((text, index) => ({ index, text, page: null, headings: [] }));
      await sotto.retrieval.put([{ id: 'd', name: 'Leaflets', chunks, vectors: { values, dimensions } }]);
      const search = async (query: string, isByMeaning: boolean) => {
        const vector = isByMeaning ? (await sotto.embeddings.vectors([query])).vectors : null;
        const { hits } = await sotto.retrieval.search({ query, vector, documentIds: ['d'], limit: 5 });
        return hits.map(({ chunk }) => chunk.index);
      };
      const both = [];
      const words = [];
      for (const query of asked) {
        both.push(await search(query, true));
        words.push(await search(query, false));
      }
      return { both, words };
    },
    { passages: PASSAGES, asked: [...questions.map(({ question }) => question), ...UNANSWERABLE] },
  );
  const recall = (hits: readonly (readonly number[])[], from: number, to: number) =>
    questions.slice(from, to).filter(({ passage }, index) => hits[from + index]?.includes(passage)).length;
  const middle = QUESTIONS.length;
  const figures = {
    plain: [recall(found.words, 0, middle), recall(found.both, 0, middle)],
    paraphrased: [recall(found.words, middle, questions.length), recall(found.both, middle, questions.length)],
  };
  console.log(`recall@5 by words / by words and meaning: ${JSON.stringify(figures)} of ${middle} each`);
  expect(figures.plain[1]).toBe(middle);
  expect(figures.paraphrased[1]).toBeGreaterThanOrEqual(22);
  // Meaning has to be worth its model.
  expect(figures.paraphrased[1]).toBeGreaterThan(2 * (figures.paraphrased[0] ?? 0));
  expect(found.both.slice(questions.length)).toEqual(UNANSWERABLE.map(() => []));
});
