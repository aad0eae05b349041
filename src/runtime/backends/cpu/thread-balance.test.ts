import { expect, it } from 'vitest';
import { BALANCE_BYTES, BALANCE_START, BALANCE_WAITED } from './plan-fields.ts';
import { ThreadBalance } from './thread-balance.ts';

/** What a pass takes with one thread of speed 1, and the part of it that is split by shares. */
const WORK_MS = 12;
const PART = 0.6;
const ADDRESS = 128;

/** Threads of these speeds on a machine where a round of waiting takes so long. */
function machine(threads: number, nanosecondsARound = 0.5) {
  const words = new Int32Array((ADDRESS + threads * BALANCE_BYTES) / 4);
  const word = (thread: number, offset: number) => (ADDRESS + thread * BALANCE_BYTES + offset) / 4;
  const given = new Array<number>(threads).fill(1);
  const balance = new ThreadBalance(ADDRESS, () => words, given);
  balance.use(threads);
  const shares = (used = threads) => {
    const starts = Array.from({ length: used }, (_, thread) => words[word(thread, BALANCE_START)]! / 65_536);
    return starts.map((start, thread) => (starts[thread + 1] ?? 1) - start);
  };
  /** One token; gives the time of its slowest thread, that of the split part alone. */
  const pass = (speeds: readonly number[], heldUpMs: readonly number[] = []) => {
    const times = shares(speeds.length).map(
      (share, thread) => (PART * WORK_MS * share) / speeds[thread]! + (heldUpMs[thread] ?? 0),
    );
    const slowest = Math.max(...times);
    for (const [thread, time] of times.entries()) {
      words[word(thread, BALANCE_WAITED)]! += (slowest - time) / (nanosecondsARound * 1e-6);
    }
    balance.record(slowest / PART);
    return slowest;
  };
  return { balance, shares, pass };
}

const ideal = (speeds: readonly number[]) => (PART * WORK_MS) / speeds.reduce((sum, speed) => sum + speed);

it.each([[[1, 0.5]], [[0.4, 1]], [[1, 1, 0.3, 0.3]], [[1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]]])(
  'lets threads as fast as %j do as much as they can',
  (speeds) => {
    for (const nanoseconds of [0.3, 0.5, 0.8]) {
      const { pass } = machine(speeds.length, nanoseconds);
      const first = pass(speeds);
      for (let token = 0; token < 150; token++) pass(speeds);
      const last = pass(speeds);
      expect(last).toBeLessThan(first);
      expect(last / ideal(speeds)).toBeLessThan(1.2);
    }
  },
);

it('keeps even shares where threads are held up now and then', () => {
  const { pass, shares } = machine(2);
  for (let token = 0; token < 300; token++) pass([1, 1], token % 5 === 0 ? [0, 3] : token % 5 === 2 ? [3, 0] : []);
  expect(shares()).toEqual([0.5, 0.5]);
});

it('notices within some ten tokens that a thread has become slower, and that it is as fast as ever', () => {
  const { pass, shares } = machine(2);
  for (let token = 0; token < 12; token++) pass([1, 0.6]);
  expect(shares()[1]).toBeLessThan(0.42);
  for (let token = 0; token < 20; token++) pass([1, 1]);
  expect(shares()[1]).toBeGreaterThan(0.47);
});

it('splits among fewer threads by what it knows of them', () => {
  const { balance, pass, shares } = machine(4);
  const speeds = [1, 0.5, 0.25, 0.25];
  for (let token = 0; token < 200; token++) pass(speeds);
  balance.use(2);
  expect(shares(2)[0]).toBeGreaterThan(0.62);
  expect(shares(2)[0]).toBeLessThan(0.72);
  balance.use(1);
  expect(shares(1)).toEqual([1]);
});

it('leaves every thread something to do, or nobody would learn that it is fast again', () => {
  const { pass, shares } = machine(2);
  for (let token = 0; token < 500; token++) pass([1, 0.001]);
  expect(shares()[1]).toBeGreaterThan(0.02);
  for (let token = 0; token < 100; token++) pass([1, 1]);
  expect(shares()[1]).toBeGreaterThan(0.45);
});
