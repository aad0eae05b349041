import { expect, test } from 'vitest';
import { compareGreedy } from './greedy.mjs';

const golden = { prompt: 'One', promptTokenIds: [1, 2], tokenIds: [5, 6, 7, 2], margins: [3, 0.004, 2, 1] };
const answer = (tokenIds: number[], promptTokenIds = [1, 2]) => ({ tokenIds, promptTokenIds, backend: 'webgpu' });
const totalsOf = (given: ReturnType<typeof answer>, tokens = 64) =>
  compareGreedy([golden], [given], { nearTie: 0.01, tokens }).totals;

test('an answer is equal to its end, whether or not it holds the token that ends it', () => {
  expect(totalsOf(answer([5, 6, 7, 2]))).toMatchObject({ whole: 1, equal: 4, wrong: 0 });
  expect(totalsOf(answer([5, 6, 7]))).toMatchObject({ whole: 1, wrong: 0 });
  expect(totalsOf(answer([5, 6]), 2)).toMatchObject({ whole: 1, equal: 2, wrong: 0 });
});

test('it may part where two tokens are nearly equal, and nowhere else', () => {
  expect(totalsOf(answer([5, 9, 9, 9]))).toMatchObject({ tied: 1, equal: 1, wrong: 0 });
  expect(totalsOf(answer([9, 6, 7, 2]))).toMatchObject({ wrong: 1, equal: 0 });
  expect(totalsOf(answer([5, 6]))).toMatchObject({ wrong: 1, equal: 2 });
  expect(totalsOf(answer([5, 6, 7, 2], [1]))).toMatchObject({ wrong: 1 });
  expect(compareGreedy([golden], [], { nearTie: 0.01, tokens: 64 }).totals).toMatchObject({ wrong: 1 });
});
