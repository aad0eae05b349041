import { afterAll, describe, expect, it } from 'vitest';
import { createIdbWeightStore } from './idb-weight-store.ts';
import { openStoredModel } from './open-stored-model.ts';
import { sampleModel } from './testing/sample-model.ts';
import { describeWeightStore } from './testing/weight-store-contract.ts';
import type { WeightStore } from './weight-store.ts';

const made: { readonly name: string; readonly store: WeightStore }[] = [];

async function fresh(): Promise<WeightStore> {
  const name = `weights-test-${crypto.randomUUID()}`;
  const store = await createIdbWeightStore(name);
  made.push({ name, store });
  return store;
}

afterAll(() => {
  for (const { name, store } of made) {
    store.close();
    indexedDB.deleteDatabase(name);
  }
});

describeWeightStore('the IndexedDB store in a real browser', fresh);

describe('in a real browser', () => {
  it('chunks of 4 MiB come back whole through a second connection', async () => {
    const store = await fresh();
    const model = await sampleModel({ id: 'large', size: 9 * 2 ** 20 + 5, chunkBytes: 4 * 2 ** 20 });
    await store.prepare(model.plan);
    for (const [chunk] of model.plan.chunks.entries()) await store.putChunk('large', chunk, model.chunk(chunk));
    const second = await createIdbWeightStore(made.at(-1)!.name);
    const source = await openStoredModel(second, 'large');
    const read = await source.read(0, source.size);
    second.close();
    expect(read.every((byte, index) => byte === model.bytes[index])).toBe(true);
  });

  it('another connection may delete the database at once', async () => {
    const store = await fresh();
    const model = await sampleModel();
    await store.prepare(model.plan);
    const request = indexedDB.deleteDatabase(made.at(-1)!.name);
    await new Promise((resolve, reject) => {
      request.onblocked = () => reject(new Error('blocked'));
      request.onsuccess = resolve;
      request.onerror = reject;
    });
    expect(await store.list()).toEqual([]);
  });
});
