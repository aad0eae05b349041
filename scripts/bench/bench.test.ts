import { expect, test } from 'vitest';
import { Failure } from '../lib/failure.mjs';
import { type Completion, verified } from './engine.mjs';
import { cacheBytes } from './memory.mjs';
import { formatTable, ratiosOf } from './result.mjs';
import { median } from './statistics.mjs';
import { promptOf } from './workload.mjs';

test('the median of an odd and of an even number of values', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test('prompts have as many words as tokens asked for, and variants share no prefix', () => {
  expect(promptOf(128, 0).trim().split(' ')).toHaveLength(128);
  expect(promptOf(16, 0).split(' ')[1]).not.toBe(promptOf(16, 1).split(' ')[1]);
});

const honest: Completion = {
  promptTokens: 16,
  cachedTokens: 0,
  completionTokens: 33,
  prefillTokensPerSecond: 160,
  decodeTokensPerSecond: 32,
  firstTokenMs: 110,
  wallMs: 1120,
};
const expected = { engine: 'x', promptTokens: 16, answerTokens: 33, mayUseCache: false };

test('a run whose counts and rates fit is taken', () => {
  expect(verified(honest, expected)).toBe(honest);
});

test.each([
  [{ promptTokens: 17 }, /17 prompt tokens/],
  [{ completionTokens: 20 }, /20 tokens/],
  [{ cachedTokens: 8 }, /cache/],
  [{ decodeTokensPerSecond: 64 }, /600 ms of work in 1120 ms/],
  [{ wallMs: 700 }, /1100 ms of work in 700 ms/],
])('a run that is not what was asked for is refused: %o', (change, message) => {
  expect(() => verified({ ...honest, ...change }, expected)).toThrow(Failure);
  expect(() => verified({ ...honest, ...change }, expected)).toThrow(message);
});

test('a ratio is the worst of its rows, and times count the other way round', () => {
  const row = (id: string, threads: number, ratio: number) => ({
    id,
    title: id,
    unit: 'tok/s',
    threads,
    sotto: 1,
    wllama: 1,
    ratio,
  });
  const ratios = ratiosOf([
    row('decode16', 1, 15),
    row('decode1000', 1, 9),
    row('prefill128', 1, 30),
    row('decode16', 2, 12),
  ]);
  expect(ratios).toMatchObject({ decodeVsWllama: 9, prefillVsWllama: 30, loadVsWllama: null });
  expect(ratios.byRow['decode16@2']).toBe(12);
  expect(formatTable([row('decode16', 1, 15)])).toContain('15.0 ×');
});

test('the KV cache of SmolLM2-135M at 2,048 positions', () => {
  const metadata = {
    'general.architecture': 'llama',
    'llama.block_count': '30',
    'llama.attention.head_count': '9',
    'llama.attention.head_count_kv': '3',
    'llama.embedding_length': '576',
  };
  expect(cacheBytes(metadata, 2048)).toBe(30 * 2 * 3 * 68 * 2048);
  expect(cacheBytes({}, 2048)).toBeNull();
});
