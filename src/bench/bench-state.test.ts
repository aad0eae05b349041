import { beforeAll, expect, it, vi } from 'vitest';
import type { Bench } from '../client/bench/index.ts';
import { SottoError } from '../shared/index.ts';
import { createBenchState } from './bench-state.ts';
import { PLANS } from './plan.ts';
import { TEXT } from './text.ts';

// A page has them; Node does not.
beforeAll(() => {
  vi.stubGlobal('crossOriginIsolated', true);
  vi.stubGlobal('navigator', { userAgent: '', hardwareConcurrency: 2 });
});

it('a run that takes the place of another is not ended by its end', async () => {
  /** What the thread does now; stopped, it does nothing any more. */
  let thread: { readonly end: () => void; readonly stop: () => void } | null = null;
  const result = { description: 'measured', figures: [], loadMs: 1, memoryBytes: 1, profile: null };
  const bench = {
    measure: () =>
      new Promise((resolve, reject) => {
        thread = { end: () => resolve(result), stop: () => reject(new SottoError('disposed', 'stopped')) };
      }),
    stop: () => {
      thread?.stop();
      thread = null;
    },
  } as unknown as Bench;
  const state = createBenchState(bench, []);
  const wish = { model: state.model.value, engines: ['threads'] as const, plan: PLANS.quick };
  const first = state.run(wish);
  const second = state.run(wish);
  await first;
  expect(thread).not.toBeNull();
  expect([state.isRunning.value, state.news.value]).toEqual([true, '']);
  (thread as { readonly end: () => void } | null)?.end();
  expect(await second).toMatchObject({ columns: [{ description: 'measured' }], failures: [] });
  expect([state.isRunning.value, state.news.value]).toEqual([false, TEXT.done]);
});
