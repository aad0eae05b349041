import { IDBFactory, IDBKeyRange, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createIdbWeightStore } from './idb-weight-store.ts';
import { openStoredModel } from './open-stored-model.ts';
import { openWeightStore } from './open-weight-store.ts';
import { type SampleModel, sampleModel } from './testing/sample-model.ts';
import { describeWeightStore } from './testing/weight-store-contract.ts';
import type { WeightStore } from './weight-store.ts';

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('IDBKeyRange', IDBKeyRange);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describeWeightStore('the IndexedDB store', () => createIdbWeightStore());

/** The database below the store, for planting what a store would never write. */
async function raw<T>(mode: IDBTransactionMode, body: (store: globalThis.IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const open = indexedDB.open('sotto-weights', 1);
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    open.onsuccess = () => resolve(open.result);
    open.onerror = () => reject(open.error);
  });
  const request = body(database.transaction('weights', mode).objectStore('weights'));
  return new Promise((resolve, reject) => {
    request.transaction!.oncomplete = () => {
      database.close();
      resolve(request.result);
    };
    request.transaction!.onabort = () => reject(request.error);
  });
}

async function filled(): Promise<{ store: WeightStore; model: SampleModel }> {
  const store = await createIdbWeightStore();
  const model = await sampleModel();
  await store.prepare(model.plan);
  for (const [chunk] of model.plan.chunks.entries()) await store.putChunk('sample', chunk, model.chunk(chunk));
  return { store, model };
}

it('a browser that keeps no Blobs (a private window of WebKit) keeps the bytes themselves', async () => {
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
    if (value instanceof Blob) throw new DOMException('Error preparing Blob/File data to be stored', 'UnknownError');
    return put.call(this, value, key);
  });
  const { store, model } = await filled();
  expect(await (await openStoredModel(store, 'sample')).read(0, 4500)).toEqual(model.bytes);
});

describe('stored data is not trusted:', () => {
  it('one flipped bit is found when the chunk is read, and named', async () => {
    const { store, model } = await filled();
    const bytes = model.chunk(3);
    bytes[500] = bytes[500]! ^ 4;
    await raw('readwrite', (objects) => objects.put(bytes, ['chunk', 'sample', 3]));
    const source = await openStoredModel(store, 'sample');
    expect(await source.read(0, 3000)).toEqual(model.bytes.slice(0, 3000));
    const failure = { code: 'chunk-corrupt', details: { modelId: 'sample', chunk: 3 } };
    await expect(source.read(3999, 2)).rejects.toMatchObject(failure);
    await store.putChunk('sample', 3, model.chunk(3));
    expect(await source.read(0, 4500)).toEqual(model.bytes);
  });

  it.each([
    ['a shorter chunk', new Uint8Array(999)],
    ['another type', 'text'],
    ['an array buffer', new ArrayBuffer(1000)],
  ])('%s in place of a chunk counts as corrupt', async (_what, value) => {
    const { store, model } = await filled();
    await raw('readwrite', (objects) => objects.put(value, ['chunk', 'sample', 1]));
    await expect(store.readChunk(model.plan, 1)).rejects.toMatchObject({
      code: 'chunk-corrupt',
      details: { chunk: 1 },
    });
  });

  it.each(['UnknownError', 'NotReadableError'])('a chunk the disk cannot give (%s) counts as corrupt', async (name) => {
    const { store, model } = await filled();
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(() => {
      throw new DOMException('broken', name);
    });
    await expect(store.readChunk(model.plan, 0)).rejects.toMatchObject({ code: 'chunk-corrupt' });
  });

  it('malformed records count as absent, and the others stay', async () => {
    const { store, model } = await filled();
    const good = await store.record('sample');
    const bad: readonly unknown[] = [
      null,
      7,
      [],
      {},
      { ...good, recordVersion: 0 },
      { ...good, recordVersion: '1' },
      { ...good, size: Number.NaN },
      { ...good, chunks: ['x'] },
      { ...good, chunkBytes: 1 },
      { ...good, stored: [true] },
      { ...good, stored: 'yes' },
      { ...good, id: 'sample/..' },
      { ...good, id: 'sample' },
      { ...good, manifestText: 5 },
    ];
    for (const [index, value] of bad.entries()) {
      await raw('readwrite', (objects) => objects.put(value, ['record', `bad-${index}`]));
    }
    for (const [index] of bad.entries()) expect(await store.record(`bad-${index}`)).toBeUndefined();
    expect((await store.list()).map((record) => record.id)).toEqual(['sample']);
    expect(await store.readChunk(model.plan, 0)).toEqual(model.chunk(0));
    const other = await sampleModel({ id: 'bad-3' });
    expect((await store.prepare(other.plan)).id).toBe('bad-3');
  });

  it('chunks without a record are swept when the model is prepared', async () => {
    const store = await createIdbWeightStore();
    const model = await sampleModel();
    await raw('readwrite', (objects) => objects.put(model.chunk(9), ['chunk', 'sample', 9]));
    await store.prepare(model.plan);
    expect(await raw('readonly', (objects) => objects.getAllKeys())).toEqual([['record', 'sample']]);
  });

  it('records of a newer version are neither read nor rewritten', async () => {
    const { store, model } = await filled();
    const newer = { recordVersion: 3, anything: 'else' };
    await raw('readwrite', (objects) => objects.put(newer, ['record', 'sample']));
    for (const attempt of [
      () => store.record('sample'),
      () => store.prepare(model.plan),
      () => store.putChunk('sample', 0, model.chunk(0)),
      () => store.dropChunks('sample', [0]),
      () => openStoredModel(store, 'sample'),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'record-newer' });
    }
    expect(await raw('readonly', (objects) => objects.get(['record', 'sample']))).toEqual(newer);
    expect(await store.list()).toEqual([]);
  });

  it('a database of a newer version is not opened', async () => {
    const open = indexedDB.open('sotto-weights', 2);
    await new Promise((resolve) => {
      open.onsuccess = resolve;
    });
    open.result.close();
    await expect(createIdbWeightStore()).rejects.toMatchObject({ code: 'record-newer' });
    await expect(openWeightStore()).rejects.toMatchObject({ code: 'record-newer' });
  });
});

describe('removal', () => {
  it('leaves no key behind', async () => {
    const { store } = await filled();
    expect((await raw('readonly', (objects) => objects.getAllKeys())).length).toBe(6);
    await store.remove('sample');
    expect(await raw('readonly', (objects) => objects.getAllKeys())).toEqual([]);
  });
});

describe('a full disk', () => {
  class QuotaExceededError extends Error {
    override name = 'QuotaExceededError';
    quota = 5000;
    requested = 4200;
  }
  it.each([
    ['the older DOMException', new DOMException('full', 'QuotaExceededError'), {}],
    ['the newer class', new QuotaExceededError('full'), { availableBytes: 800 }],
  ])('is coded with what is needed, and what was stored stays (%s)', async (_what, error, available) => {
    const store = await createIdbWeightStore();
    const model = await sampleModel();
    await store.prepare(model.plan);
    await store.putChunk('sample', 0, model.chunk(0));
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw error;
    });
    await expect(store.putChunk('sample', 1, model.chunk(1))).rejects.toMatchObject({
      code: 'storage-full',
      isRetryable: true,
      details: { neededBytes: 3500, ...available },
    });
    put.mockRestore();
    expect((await store.record('sample'))?.stored).toEqual([true, false, false, false, false]);
    expect(await store.readChunk(model.plan, 0)).toEqual(model.chunk(0));
    await expect(store.putChunk('sample', 1, model.chunk(1))).resolves.toMatchObject({ id: 'sample' });
  });

  it('that rolls the transaction back leaves neither chunk nor record', async () => {
    const store = await createIdbWeightStore();
    const model = await sampleModel();
    await store.prepare(model.plan);
    const put = IDBObjectStore.prototype.put;
    let puts = 0;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...values) {
      if (++puts === 2) throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, values);
    });
    await expect(store.putChunk('sample', 1, model.chunk(1))).rejects.toMatchObject({ code: 'storage-full' });
    expect(puts).toBe(2);
    vi.restoreAllMocks();
    expect(await raw('readonly', (objects) => objects.getAllKeys())).toEqual([['record', 'sample']]);
    expect((await store.record('sample'))?.stored).not.toContain(true);
  });

  it('is not taken for an abort when another failure rolls back', async () => {
    const store = await createIdbWeightStore();
    const model = await sampleModel();
    await store.prepare(model.plan);
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('gone', 'AbortError');
    });
    await expect(store.putChunk('sample', 1, model.chunk(1))).rejects.toMatchObject({ code: 'storage-failed' });
  });
});

describe('the connection', () => {
  it('asks for strict durability on writes only', async () => {
    const asked: unknown[] = [];
    const { IDBDatabase } = await import('fake-indexeddb');
    const transaction = IDBDatabase.prototype.transaction;
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
      this: InstanceType<typeof IDBDatabase>,
      ...values
    ) {
      if (values[1] !== 'versionchange')
        asked.push([values[1], (values[2] as IDBTransactionOptions | undefined)?.durability]);
      return transaction.apply(this, values);
    });
    const { store, model } = await filled();
    await store.readChunk(model.plan, 0);
    expect(new Set(asked.map((row) => JSON.stringify(row)))).toEqual(
      new Set(['["readwrite","strict"]', '["readonly",null]']),
    );
  });

  it('steps aside when another tab deletes the database, and starts anew', async () => {
    const { store } = await filled();
    let wasBlocked = false;
    const request = indexedDB.deleteDatabase('sotto-weights');
    await new Promise((resolve, reject) => {
      request.onblocked = () => {
        wasBlocked = true;
      };
      request.onsuccess = resolve;
      request.onerror = reject;
    });
    expect(wasBlocked).toBe(false);
    expect(await store.list()).toEqual([]);
  });

  it('an open that fails once is tried again', async () => {
    const { store } = await filled();
    store.close();
    const open = vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
      throw new DOMException('busy', 'UnknownError');
    });
    await expect(store.record('sample')).rejects.toMatchObject({ code: 'storage-failed' });
    await expect(store.record('sample')).resolves.toMatchObject({ id: 'sample' });
    expect(open).toHaveBeenCalledTimes(2);
  });

  it('openWeightStore survives a moment of trouble without falling back to memory', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
      throw new DOMException('busy', 'UnknownError');
    });
    expect((await openWeightStore()).medium).toBe('indexeddb');
  });

  it('openWeightStore falls back to memory where storage is blocked or absent', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('blocked', 'SecurityError');
    });
    expect((await openWeightStore()).medium).toBe('memory');
    vi.stubGlobal('indexedDB', undefined);
    expect((await openWeightStore()).medium).toBe('memory');
  });
});
