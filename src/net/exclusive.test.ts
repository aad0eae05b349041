import { describe, expect, it } from 'vitest';
import { systemClock } from '../shared/index.ts';
import { createLocalExclusive } from './exclusive.ts';

const never = new AbortController().signal;

describe('createLocalExclusive', () => {
  it('runs bodies of one name one after the other, in order, even after failures', async () => {
    const exclusive = createLocalExclusive();
    const log: string[] = [];
    const body = (name: string) => async () => {
      log.push(`${name} starts`);
      await systemClock.sleep(5);
      log.push(`${name} ends`);
      if (name === 'b') throw new Error('b fails');
    };
    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => exclusive('x', never, body(name))));
    expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('lets different names run together', async () => {
    const exclusive = createLocalExclusive();
    let release = () => {};
    const first = exclusive(
      'x',
      never,
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    await exclusive('y', never, () => Promise.resolve());
    release();
    await first;
  });

  it('keeps newcomers waiting when one in the queue gives up', async () => {
    const exclusive = createLocalExclusive();
    let release = () => {};
    let isFirstDone = false;
    const first = exclusive(
      'x',
      never,
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    ).then(() => {
      isFirstDone = true;
    });
    const impatient = new AbortController();
    const second = exclusive('x', impatient.signal, () => Promise.resolve());
    impatient.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    const third = exclusive('x', never, () => Promise.resolve(isFirstDone));
    await systemClock.sleep(5);
    release();
    await first;
    expect(await third).toBe(true);
  });
});
