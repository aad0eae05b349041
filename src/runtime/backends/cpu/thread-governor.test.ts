import { expect, it } from 'vitest';
import { ThreadGovernor } from './thread-governor.ts';

/** Decodes tokens on a machine where a token takes `cost(threads)` milliseconds, and all threads wait long for one at every `each`th. */
function decode(governor: ThreadGovernor, tokens: number, cost: (threads: number) => number, each: number) {
  const used: number[] = [];
  for (let token = 0; token < tokens; token++) {
    const threads = governor.threadsFor(1);
    used.push(threads);
    governor.record(cost(threads), token % each === 0 ? threads - 1 : 0);
  }
  return used;
}

it('uses all threads of a calm machine and tries nothing', () => {
  const used = decode(new ThreadGovernor(4), 1_000, (threads) => 12 / threads, Number.POSITIVE_INFINITY);
  expect(new Set(used)).toEqual(new Set([4]));
});

it('tries nothing because of the few waits that a page of its own makes', () => {
  for (const threads of [2, 8]) {
    const used = decode(new ThreadGovernor(threads), 1_000, (count) => 12 / count, 3);
    expect(new Set(used)).toEqual(new Set([threads]));
  }
});

it('finds that fewer are faster on a busy one, and comes back when it is calm again', () => {
  const governor = new ThreadGovernor(2);
  decode(governor, 64, (threads) => (threads === 1 ? 8 : 20), 1);
  expect(governor.threadsFor(1)).toBe(1);
  decode(governor, 300, (threads) => 8 / threads, Number.POSITIVE_INFINITY);
  expect(governor.threadsFor(1)).toBe(2);
});

it('concludes nothing from the first tokens, beside which code is compiled', () => {
  const governor = new ThreadGovernor(2);
  const used = decode(governor, 32, (threads) => (threads === 1 ? 8 : 20), 1);
  decode(governor, 200, (threads) => 8 / threads, Number.POSITIVE_INFINITY);
  expect([...used, governor.threadsFor(1)]).toEqual(Array.from({ length: 33 }, () => 2));
});

it('looks less and less often whether a machine that stays busy is calm again', () => {
  const used = decode(new ThreadGovernor(2), 2_000, (threads) => (threads === 1 ? 8 : 20), 1);
  const trials = used.flatMap((threads, token) => (threads === 2 && used[token - 1] === 1 ? [token] : []));
  const pauses = trials.slice(1).map((token, index) => token - trials[index]!);
  expect(pauses.length).toBeGreaterThan(2);
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(pauses.at(-1)).toBeGreaterThan(3 * pauses[0]!);
});

it('reads prompts with all threads, whatever a trial found for single tokens', () => {
  const governor = new ThreadGovernor(2);
  decode(governor, 64, (threads) => (threads === 1 ? 8 : 20), 1);
  expect([1, 8, 64].map((tokens) => governor.threadsFor(tokens))).toEqual([1, 1, 2]);
  governor.use(1);
  expect(governor.threadsFor(64)).toBe(2);
});

it('keeps all threads where they are faster in spite of long waits', () => {
  const governor = new ThreadGovernor(4);
  const used = decode(governor, 400, (threads) => 12 / threads, 1);
  expect(used.filter((threads) => threads === 4).length).toBeGreaterThan(250);
});

it('begins with what it is told, and finds out soon whether all do better', () => {
  const governor = new ThreadGovernor(8);
  governor.use(3);
  expect(new Set(decode(governor, 32, (threads) => 12 / threads, Number.POSITIVE_INFINITY))).toEqual(new Set([3]));
  decode(governor, 32, (threads) => 12 / threads, Number.POSITIVE_INFINITY);
  expect(governor.threadsFor(1)).toBe(8);
  governor.use(0);
  expect(governor.threadsFor(1)).toBe(1);
  governor.use(99);
  expect(governor.threadsFor(1)).toBe(8);
});
