import { expect, it } from 'vitest';
import type { DecoderBackend } from '../decoder-backend.ts';
import { probeThreads } from './probe-threads.ts';

/** An engine whose tokens take `cost(threads, token)` milliseconds of a clock that only it moves. */
function stage(threads: number, cost: (threads: number, token: number) => number) {
  let [time, used, position] = [0, threads, 0];
  const tried = new Set<number>();
  const backend = {
    threads,
    useThreads: (most: number) => {
      used = most;
    },
    forward: async () => {
      time += cost(used, position);
      position += 1;
      tried.add(used);
      return new Float32Array(0);
    },
    truncate: (to: number) => {
      position = to;
    },
    park: () => {},
  } as unknown as DecoderBackend;
  return { probe: () => probeThreads(backend, () => time), state: () => ({ used, position, tried: [...tried] }) };
}

it.each([
  ['all where they scale', 8, (threads: number) => 40 / threads, 8],
  ['half where the others only wait for memory', 8, (threads: number) => (threads > 4 ? 12 : 40 / threads), 4],
  ['one where they are in each other’s way', 2, (threads: number) => (threads === 1 ? 5 : 9), 1],
  ['all where it makes no difference', 4, () => 5, 4],
  [
    'all where only the first tokens are slow',
    2,
    (threads: number, token: number) => (token < 4 ? 30 : 10) / threads,
    2,
  ],
  ['all of a model so large that there is no time to try', 4, (threads: number) => 900 / threads, 4],
])('finds %s', async (_, threads, cost, expected) => {
  const { probe, state } = stage(threads, cost);
  expect(await probe()).toBe(expected);
  expect(state()).toMatchObject({ used: expected, position: 0 });
});
