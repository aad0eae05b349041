import { expect, it } from 'vitest';
import { chooseThreadCount } from './thread-count.ts';

it.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [6, 3],
  [8, 4],
  [12, 6],
  [16, 8],
  [64, 8],
  [undefined, 1],
  [Number.NaN, 1],
])('%s logical processors give %s threads', (logical, threads) => {
  expect(chooseThreadCount(logical, true)).toBe(threads);
  expect(chooseThreadCount(logical, false)).toBe(1);
});
