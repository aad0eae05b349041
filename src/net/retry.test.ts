import { describe, expect, it } from 'vitest';
import { type Clock, SottoError } from '../shared/index.ts';
import { isTransient, Retry } from './retry.ts';

const waits: number[] = [];
const clock: Clock = {
  now: () => 0,
  sleep: (ms) => {
    waits.push(ms);
    return Promise.resolve();
  },
};
const policy = { attempts: 8, firstWaitMs: 500, longestWaitMs: 15_000 };
const signal = new AbortController().signal;
const broken = (details = {}) => new SottoError('download-failed', 'broken', { details });

async function waitsOf(failures: number, random: number, error = broken()): Promise<readonly number[]> {
  waits.length = 0;
  const retry = new Retry({ clock, policy, random: () => random });
  for (let failure = 0; failure < failures; failure++) await retry.pause(error, signal);
  return [...waits];
}

describe('Retry', () => {
  it('doubles its pauses up to the longest, with jitter on both sides', async () => {
    expect(await waitsOf(7, 0.5)).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(await waitsOf(2, 0)).toEqual([250, 500]);
    expect(await waitsOf(2, 1)).toEqual([750, 1500]);
  });

  it('ends with the error itself after the last attempt', async () => {
    const error = broken();
    await expect(waitsOf(8, 0.5, error)).rejects.toBe(error);
    expect(waits).toHaveLength(7);
  });

  it('starts anew once something was gained', async () => {
    const retry = new Retry({ clock, policy, random: () => 0.5 });
    waits.length = 0;
    for (let round = 0; round < 20; round++) {
      await retry.pause(broken(), signal);
      retry.reset();
    }
    expect(new Set(waits)).toEqual(new Set([500]));
  });

  it('honours Retry-After up to a minute', async () => {
    expect(await waitsOf(1, 0.5, broken({ status: 503, retryAfterMs: 7000 }))).toEqual([7000]);
    expect(await waitsOf(1, 0.5, broken({ status: 503, retryAfterMs: 3_600_000 }))).toEqual([60_000]);
  });

  it('knows which failures may pass', () => {
    for (const status of [500, 502, 503, 504, 408, 425, 429])
      expect(isTransient(broken({ status })), `${status}`).toBe(true);
    for (const status of [400, 401, 403, 404, 410, 451])
      expect(isTransient(broken({ status })), `${status}`).toBe(false);
    expect(isTransient(broken())).toBe(true);
    expect(isTransient(new SottoError('download-stalled', ''))).toBe(true);
    for (const code of ['hash-mismatch', 'storage-full', 'download-refused', 'download-not-the-file'] as const) {
      expect(isTransient(new SottoError(code, '')), code).toBe(false);
    }
    expect(isTransient(new DOMException('', 'AbortError'))).toBe(false);
  });
});
