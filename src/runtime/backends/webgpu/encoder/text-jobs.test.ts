import { expect, it } from 'vitest';
import { packJob } from './text-jobs.ts';

const OPTIONS = { pooling: 'mean', spans: undefined, wanted: 8, most: 12, mostVectors: 4 } as const;
const text = (length: number, first = 10) => Array.from({ length }, (_, index) => first + index);

it('lays texts side by side and says where each of them lies', () => {
  const job = packJob([text(2), text(3, 20)], 0, OPTIONS);
  expect(job).toMatchObject({ first: 0, end: 2, tokens: 5 });
  expect([...job.texts]).toEqual([10, 0, 0, 2, 11, 1, 0, 2, 20, 0, 2, 5, 21, 1, 2, 5, 22, 2, 2, 5]);
  expect([...job.runs]).toEqual([0, 2, 0, 0, 2, 5, 0, 0]);
});

it('pools as the model does, or the runs that are asked for', () => {
  const texts = [text(2), text(3)];
  expect([...packJob(texts, 0, { ...OPTIONS, pooling: 'first' }).runs]).toEqual([0, 1, 0, 0, 2, 3, 0, 0]);
  expect([...packJob(texts, 0, { ...OPTIONS, pooling: 'last' }).runs]).toEqual([1, 2, 0, 0, 4, 5, 0, 0]);
  const spans = [
    [],
    [
      [1, 1],
      [0, 2],
    ],
  ] as const;
  expect([...packJob(texts, 0, { ...OPTIONS, spans }).runs]).toEqual([3, 3, 0, 0, 2, 4, 0, 0]);
});

it('ends a job when it is large enough, before it is too large, and before it has too many vectors', () => {
  expect(packJob([text(5), text(5), text(1)], 0, OPTIONS)).toMatchObject({ end: 2, tokens: 10 });
  expect(packJob([text(5), text(8)], 0, OPTIONS)).toMatchObject({ end: 1, tokens: 5 });
  expect(packJob([text(12), text(1)], 0, OPTIONS)).toMatchObject({ end: 1, tokens: 12 });
  expect(
    packJob(
      Array.from({ length: 6 }, () => text(1)),
      0,
      OPTIONS,
    ),
  ).toMatchObject({ end: 4 });
  const spans = [Array.from({ length: 9 }, () => [0, 1] as const), [[0, 1]]] as const;
  expect(packJob([text(1), text(1)], 0, { ...OPTIONS, spans })).toMatchObject({ first: 0, end: 1 });
  expect(packJob([text(1), text(1)], 1, { ...OPTIONS, spans })).toMatchObject({ first: 1, end: 2 });
});
