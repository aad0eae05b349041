import { wrap } from 'comlink';
import { afterAll, describe, expect, it } from 'vitest';
import { fromErrorEnvelope } from '../../protocol/index.ts';
import type { OpfsStoreApi } from './fixtures/opfs-store.worker.ts';
import workerUrl from './fixtures/opfs-store.worker.ts?worker&url';
import { createOpfsWeightStore } from './opfs-weight-store.ts';
import { sampleModel } from './testing/sample-model.ts';
import { describeWeightStore } from './testing/weight-store-contract.ts';
import type { WeightStore } from './weight-store.ts';

const folders: string[] = [];
const worker = new Worker(workerUrl, { type: 'module' });
const remote = wrap<OpfsStoreApi>(worker);

function folder(): string {
  const name = `weights-test-${crypto.randomUUID()}`;
  folders.push(name);
  return name;
}

/** A store of the thread, called from here. */
function inThread(name: string): WeightStore {
  const call = async (method: never, values: readonly unknown[]) => {
    const envelope = await remote.call(name, method, values);
    if (envelope.ok) return envelope.value;
    throw fromErrorEnvelope(envelope.error);
  };
  return new Proxy({ medium: 'opfs' } as WeightStore, {
    get: (target, method) =>
      method in target || method === 'then'
        ? Reflect.get(target, method)
        : (...values: readonly unknown[]) => call(method as never, values),
  });
}

afterAll(async () => {
  worker.terminate();
  const root = await navigator.storage.getDirectory();
  for (const name of folders) await root.removeEntry(name, { recursive: true }).catch(() => {});
});

describeWeightStore('private files, written by a page,', async () => createOpfsWeightStore(folder()));
describeWeightStore('private files, written by a thread,', async () => inThread(folder()));

describe('private files', () => {
  it('hold what was written when a crash cut off the next record, and know nothing of the chunk it was to tell of', async () => {
    const name = folder();
    const store = createOpfsWeightStore(name);
    const model = await sampleModel();
    await store.prepare(model.plan);
    await store.putChunk('sample', 0, model.chunk(0));
    await store.putChunk('sample', 1, model.chunk(1));
    const home = await (await (await navigator.storage.getDirectory()).getDirectoryHandle(name)).getDirectoryHandle(
      'sample',
    );
    const written = await Promise.all(
      ['record-0', 'record-1'].map(async (file) => (await home.getFileHandle(file)).getFile()),
    );
    const sequences = await Promise.all(written.map(async (file) => JSON.parse(await file.text()).sequence as number));
    const latest = `record-${sequences.indexOf(Math.max(...sequences))}`;
    const stream = await (await home.getFileHandle(latest)).createWritable();
    await stream.write('{"sequence": 3, "rec');
    await stream.close();
    expect((await store.record('sample'))?.stored).toEqual([true, false, false, false, false]);
    await store.putChunk('sample', 1, model.chunk(1));
    expect((await inThread(name).record('sample'))?.stored).toEqual([true, true, false, false, false]);
  });

  it('find a chunk that changed on the disk, and read into a buffer that is there', async () => {
    const name = folder();
    const model = await sampleModel();
    const store = createOpfsWeightStore(name);
    await store.prepare(model.plan);
    await store.putChunk('sample', 0, model.chunk(0));
    const home = await (await (await navigator.storage.getDirectory()).getDirectoryHandle(name)).getDirectoryHandle(
      'sample',
    );
    const stream = await (await home.getFileHandle('chunk-0')).createWritable({ keepExistingData: true });
    await stream.write({ type: 'write', position: 500, data: new Uint8Array([1, 2, 3]) });
    await stream.close();
    for (const which of [store, inThread(name)]) {
      await expect(which.readChunk(model.plan, 0)).rejects.toMatchObject({ code: 'chunk-corrupt' });
    }
  });

  it('are read by many threads at once, while another one writes other chunks', async () => {
    const name = folder();
    const model = await sampleModel();
    const writer = inThread(name);
    await writer.prepare(model.plan);
    await writer.putChunk('sample', 0, model.chunk(0));
    const reads = Array.from({ length: 8 }, () => inThread(name).readChunk(model.plan, 0));
    const writes = [1, 2, 3, 4].map((chunk) => writer.putChunk('sample', chunk, model.chunk(chunk)));
    for (const bytes of await Promise.all(reads)) expect(bytes).toEqual(model.chunk(0));
    await Promise.all(writes);
    expect((await writer.record('sample'))?.stored.every(Boolean)).toBe(true);
  });
});
