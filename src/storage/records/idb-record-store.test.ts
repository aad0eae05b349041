import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SottoError } from '../../shared/index.ts';
import { createIdbRecordStore, type IdbRecordStore } from './idb-record-store.ts';
import { createMemoryRecordStore } from './memory-record-store.ts';
import { openRecordStore } from './open-record-store.ts';
import type { RecordStore } from './record-store.ts';

const opened: RecordStore[] = [];

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function idbStore(): Promise<IdbRecordStore> {
  const store = await createIdbRecordStore();
  opened.push(store);
  return store;
}

const record = (id: string, value: unknown, parent = '') => ({ kind: 'k', id, parent, version: 1, value });

describe.each([
  ['IndexedDB', idbStore],
  ['memory', async () => createMemoryRecordStore()],
])('records in %s', (_name, open: () => Promise<RecordStore>) => {
  it('come back as they were written, in the order of writing', async () => {
    const store = await open();
    await store.write([record('b', { text: 'ü' }), record('a', [1])]);
    expect(await store.read('k', 'b')).toMatchObject({ version: 1, value: { text: 'ü' } });
    expect(await store.read('k', 'none')).toBeUndefined();
    expect(await store.read('other', 'b')).toBeUndefined();
    const [first, second] = (await store.list('k')).toSorted((x, y) => x.sequence - y.sequence);
    expect([first?.id, second?.id]).toEqual(['b', 'a']);
  });

  it('are listed by what they belong to, and deleted by an empty value', async () => {
    const store = await open();
    await store.write([record('a', 1, 'p'), record('b', 2, 'q'), record('c', 3, 'p')]);
    expect((await store.list('k', 'p')).map(({ id }) => id)).toEqual(['a', 'c']);
    await store.write([record('a', undefined)]);
    expect((await store.list('k', 'p')).map(({ id }) => id)).toEqual(['c']);
  });

  it('are set aside with the reason, and not lost', async () => {
    const store = await open();
    await store.write([record('a', 'odd', 'p')]);
    await store.quarantine((await store.read('k', 'a'))!, 'no sense');
    expect(await store.read('k', 'a')).toBeUndefined();
    expect(await store.quarantined()).toEqual([{ kind: 'k', id: 'a', parent: 'p', reason: 'no sense' }]);
    await store.dropAside(({ parent }) => parent === 'other');
    expect(await store.quarantined()).toHaveLength(1);
    await store.dropAside(({ parent }) => parent === 'p');
    expect(await store.quarantined()).toEqual([]);
  });

  it('are gone when all is cleared', async () => {
    const store = await open();
    await store.write([record('a', 1)]);
    await store.clear();
    expect(await store.list('k')).toEqual([]);
  });
});

describe('the database', () => {
  it('writes all of a change or nothing', async () => {
    const store = await idbStore();
    await store.write([record('a', 1)]);
    await expect(store.write([record('a', 2), record('b', () => {})])).rejects.toMatchObject({
      code: 'storage-failed',
    });
    expect((await store.read('k', 'a'))?.value).toBe(1);
  });

  it('reads the others where the browser can no longer read one of them', async () => {
    const store = await idbStore();
    await store.write([record('a', 1, 'p'), record('lost', 2, 'p'), record('c', 3, 'p')]);
    const unreadable = () => {
      throw new DOMException('Failed to read large IndexedDB value', 'DataError');
    };
    vi.spyOn(IDBIndex.prototype, 'getAll').mockImplementation(unreadable);
    const { get } = IDBObjectStore.prototype;
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, key) {
      return Array.isArray(key) && key[1] === 'lost' ? unreadable() : get.call(this, key);
    });
    expect((await store.list('k', 'p')).map(({ id, value }) => [id, value])).toEqual([
      ['a', 1],
      ['c', 3],
      ['lost', undefined],
    ]);
  });

  it('asks for strict durability in every write', async () => {
    const store = await idbStore();
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await store.write([record('a', 1)]);
    const writes = transaction.mock.calls.filter(([, mode]) => mode === 'readwrite');
    expect(writes.length).toBeGreaterThan(0);
    for (const [, , options] of writes) expect(options).toEqual({ durability: 'strict' });
  });

  it('counts on from where another store of the same browser stopped', async () => {
    const [one, two] = [await idbStore(), await idbStore()];
    await one.write([record('a', 1)]);
    await two.write([record('b', 2)]);
    await one.write([record('c', 3)]);
    const sequences = (await one.list('k')).map(({ sequence }) => sequence);
    expect(new Set(sequences).size).toBe(3);
  });

  it('tells other tabs what changed, by name only', async () => {
    const [one, two] = [await idbStore(), await idbStore()];
    const heard = vi.fn();
    two.onRemoteChange(heard);
    await one.write([record('a', 'secret', 'p')]);
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith([{ kind: 'k', id: 'a', parent: 'p' }]));
  });

  it('steps back before a newer version of the app, and says so', async () => {
    const superseded = vi.fn();
    const store = await createIdbRecordStore({ onSuperseded: superseded });
    opened.push(store);
    const newer = await openDB('sotto-records', 99);
    expect(superseded).toHaveBeenCalledOnce();
    await expect(store.write([record('a', 1)])).rejects.toMatchObject({ code: 'record-newer' });
    newer.close();
    await expect(openRecordStore()).rejects.toMatchObject({ code: 'record-newer' });
  });

  it('lets another tab delete it, and opens again when it is needed', async () => {
    const store = await idbStore();
    await store.write([record('a', 1)]);
    const request = indexedDB.deleteDatabase('sotto-records');
    await new Promise((resolve, reject) => {
      request.onsuccess = resolve;
      request.onblocked = () => reject(new Error('blocked'));
    });
    await store.write([record('b', 2)]);
    expect((await store.list('k')).map(({ id }) => id)).toEqual(['b']);
  });

  it.each([
    ['QuotaExceededError', 'storage-full'],
    ['UnknownError', 'storage-failed'],
  ])('codes %s as %s', async (name, code) => {
    const store = await idbStore();
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('x', name);
    });
    const error = await store.write([record('a', 1)]).catch((thrown: unknown) => thrown);
    expect(SottoError.isInstance(error) && error.code).toBe(code);
  });

  it('is null where the browser offers none', async () => {
    vi.stubGlobal('indexedDB', undefined);
    expect(await openRecordStore()).toBeNull();
  });
});
