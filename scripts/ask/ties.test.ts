import { expect, test } from 'vitest';
import { greedyPage, totalsOf } from './greedy-page.mjs';
import { judge } from './ties.mjs';

/** llama.cpp takes 5, 6 and the end; at the second token it errs by 0.3 in what exact arithmetic has 0.1 apart. */
const oracle = {
  promptTokenIds: [1, 2],
  tokenIds: [5, 6, 2],
  places: [
    { ids: [5, 6, 7], quantised: [9, 3, 2], exact: [9.1, 3, 2] },
    { ids: [6, 7, 8], quantised: [8.2, 7.9, 4], exact: [8.05, 7.95, 4.15] },
    { ids: [2, 6], quantised: [7, 1], exact: [6.9, 1.1] },
  ],
};
const verdict = (tokenIds: number[], promptTokenIds = [1, 2]) => judge(oracle, { promptTokenIds, tokenIds });

test('an answer is equal whether or not it holds the token that ends it', () => {
  expect(verdict([5, 6, 2])).toMatchObject({ kind: 'equal', tokens: 3 });
  expect(verdict([5, 6])).toMatchObject({ kind: 'equal', tokens: 3 });
});

test('a tie is where exact arithmetic has the two nearer than llama.cpp errs', () => {
  const tie = verdict([5, 7, 2]);
  expect(tie).toMatchObject({ kind: 'tie', tokens: 1, right: 'llama.cpp' });
  expect(tie.margin).toBeCloseTo(0.1);
  expect(tie.error).toBeCloseTo(0.3);
});

test('it is nearly one where llama.cpp errs by as much elsewhere in the text', () => {
  const exactly = { ids: [6, 7], quantised: [8, 7.9], exact: [8, 7.9] };
  const near = { ...oracle, places: [oracle.places[0]!, exactly, oracle.places[2]!] };
  expect(judge(near, { promptTokenIds: [1, 2], tokenIds: [5, 7] })).toMatchObject({ kind: 'near', tokens: 1 });
  const calm = { ...oracle, places: [exactly, exactly, exactly] };
  expect(judge(calm, { promptTokenIds: [1, 2], tokenIds: [5, 7] })).toMatchObject({ kind: 'apart', tokens: 1 });
});

test('everything else is apart', () => {
  // Far behind in exact arithmetic, or not even among the likeliest.
  expect(verdict([5, 8])).toMatchObject({ kind: 'apart', tokens: 1 });
  expect(verdict([5, 9])).toMatchObject({ kind: 'apart', margin: Number.POSITIVE_INFINITY });
  expect(verdict([6, 6, 2])).toMatchObject({ kind: 'apart', tokens: 0 });
  expect(verdict([5])).toMatchObject({ kind: 'apart', tokens: 1 });
  expect(verdict([5, 6, 2], [1])).toMatchObject({ kind: 'other-prompt', tokens: 0 });
});

test('an answer that ended before took the token that ends it', () => {
  const places = [oracle.places[0]!, { ids: [6, 2], quantised: [8.2, 8], exact: [8, 8.1] }, oracle.places[2]!];
  expect(judge({ ...oracle, places, endTokenIds: [2] }, { promptTokenIds: [1, 2], tokenIds: [5] })).toMatchObject({
    kind: 'tie',
    tokens: 1,
    right: 'sotto',
  });
});

test('whose token exact arithmetic takes is said', () => {
  const wrong = { ids: [6, 7], quantised: [8, 7.9], exact: [7.9, 8] };
  const other = { ...oracle, places: [oracle.places[0]!, wrong, oracle.places[2]!] };
  expect(judge(other, { promptTokenIds: [1, 2], tokenIds: [5, 7] })).toMatchObject({ kind: 'tie', right: 'sotto' });
});

test('the page counts a file’s texts', () => {
  const verdicts = [verdict([5, 6, 2]), verdict([5, 7]), verdict([5, 9]), verdict([5, 6], [1])];
  expect(totalsOf(verdicts)).toMatchObject({ texts: 4, tokens: 5, equal: 1, ties: 1, apart: 2, theirs: 2, ours: 0 });
  const page = greedyPage(['F16', 'Q4_0'], { Q4_0: verdicts });
  expect(page.replace(/ +/g, ' ')).toContain('| Q4_0 | 5 | 1 | 1 | 0 | 2 | 0 | 2 | 0 |');
});
