import { beforeEach, expect, it, vi } from 'vitest';
import type { StoredModel } from '../../protocol/index.ts';
import { askToPersist, findEvicted, noteDeleted, noteStored, remembered } from './sentinel.ts';

const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
});

const model = (id: string, change: Partial<StoredModel> = {}): StoredModel => ({
  id,
  name: id.toUpperCase(),
  size: 10,
  storedBytes: 10,
  complete: true,
  medium: 'indexeddb',
  hashes: 'published',
  usedAt: 0,
  ...change,
});

it('a model that was here and is gone was taken by the browser, unless it was deleted', () => {
  noteStored(model('a'));
  noteStored(model('b'));
  noteStored(model('part', { complete: false, storedBytes: 3 }));
  expect(findEvicted([model('a'), model('b')])).toEqual([]);
  expect(findEvicted([model('a')])).toEqual([{ id: 'b', name: 'B', size: 10 }]);
  noteDeleted('b');
  expect(findEvicted([model('a')])).toEqual([]);
  expect(findEvicted([])).toEqual([{ id: 'a', name: 'A', size: 10 }]);
});

it('what is stored without having been noted is noted then', () => {
  findEvicted([model('a')]);
  expect(remembered()).toHaveLength(1);
});

it('nothing is missed where the browser stores nothing, and nonsense is no memory', () => {
  noteStored(model('a', { medium: 'memory' }));
  expect(remembered()).toEqual([]);
  kept.set('sotto-models', '{"x":');
  expect(findEvicted([])).toEqual([]);
});

it('the browser is asked to keep things once, and again after a month', async () => {
  const persist = vi.fn(async () => false);
  vi.stubGlobal('navigator', { storage: { persisted: async () => false, persist } });
  const now = 1_800_000_000_000;
  for (const at of [now, now + 1000, now + 20 * 86_400_000]) await askToPersist(at);
  expect(persist).toHaveBeenCalledTimes(1);
  await askToPersist(now + 31 * 86_400_000);
  expect(persist).toHaveBeenCalledTimes(2);
});
