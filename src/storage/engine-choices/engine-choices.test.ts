import 'fake-indexeddb/auto';
import { createStore, set } from 'idb-keyval';
import { expect, it, vi } from 'vitest';
import { engineChoices } from './engine-choices.ts';
import { threadCounts } from './thread-counts.ts';

it('keeps a choice, and gives back nothing that makes no sense', async () => {
  const choices = engineChoices();
  expect(await choices.read('a')).toBeUndefined();
  await choices.write('a', { engine: 'webgpu-f32', reason: 'gpu-faster' });
  expect(await choices.read('a')).toEqual({ engine: 'webgpu-f32', reason: 'gpu-faster' });
  const trial = { cpuMs: 6.5, gpuMs: 0.75 };
  await choices.write('c', { engine: 'cpu', reason: 'cpu-faster', trial });
  expect(await choices.read('c')).toEqual({ engine: 'cpu', reason: 'cpu-faster', trial });
  await choices.write('c', { engine: 'cpu', reason: 'cpu-faster', trial: { cpuMs: -1, gpuMs: Number.NaN } });
  expect(await choices.read('c')).toEqual({ engine: 'cpu', reason: 'cpu-faster' });
  await set('b', { engine: 'abacus', reason: 'gpu-faster' }, createStore('sotto-engine-choices', 'choices'));
  expect(await choices.read('b')).toBeUndefined();
});

it('keeps numbers of threads: for a month where it is all of them, else for an hour', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const counts = threadCounts();
  expect(await counts.read('all')).toBeUndefined();
  await counts.write('all', 3, 3);
  await counts.write('fewer', 1, 3);
  const read = async () => [await counts.read('all'), await counts.read('fewer')];
  expect(await read()).toEqual([3, 1]);
  vi.setSystemTime(Date.now() + 2 * 60 * 60 * 1_000);
  expect(await read()).toEqual([3, undefined]);
  vi.setSystemTime(Date.now() + 31 * 24 * 60 * 60 * 1_000);
  expect(await read()).toEqual([undefined, undefined]);
  vi.useRealTimers();
  const store = createStore('sotto-engine-choices', 'choices');
  for (const value of [{ threads: 0, at: Date.now() }, { threads: 2.5, at: Date.now() }, { threads: 3, at: 0 }, 7]) {
    await set('damaged', value, store);
    expect(await counts.read('damaged')).toBeUndefined();
  }
});

it('rejects, and never throws, where the browser refuses to open a database', async () => {
  const open = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  const [choices, counts] = [engineChoices(), threadCounts()];
  for (const call of [
    () => choices.read('a'),
    () => choices.write('a', { engine: 'cpu', reason: 'cpu-faster' }),
    () => counts.read('a'),
    () => counts.write('a', 1, 2),
  ]) {
    const made = call();
    await expect(made).rejects.toThrow('denied');
  }
  open.mockRestore();
});
