import { beforeEach, describe, expect, it } from 'vitest';
import { openStoredModel } from '../open-stored-model.ts';
import { isComplete, storedBytes } from '../weight-record.ts';
import type { WeightStore } from '../weight-store.ts';
import { type SampleModel, sampleModel } from './sample-model.ts';

/** What every `WeightStore` promises. `create` gives an empty store of its own. */
export function describeWeightStore(name: string, create: () => Promise<WeightStore>): void {
  describe(`${name} keeps the contract of WeightStore:`, () => {
    let store: WeightStore;
    let model: SampleModel;

    beforeEach(async () => {
      store = await create();
      model = await sampleModel();
    });

    const fill = async (sample: SampleModel, chunks = sample.plan.chunks.map((_, index) => index)) => {
      await store.prepare(sample.plan);
      for (const chunk of chunks) await store.putChunk(sample.plan.id, chunk, sample.chunk(chunk));
    };

    it('is empty at first', async () => {
      expect(await store.list()).toEqual([]);
      expect(await store.record('sample')).toBeUndefined();
    });

    it('remembers a plan and counts what is stored', async () => {
      const record = await store.prepare(model.plan);
      expect(record).toMatchObject(model.plan);
      expect(storedBytes(record)).toBe(0);
      const after = await store.putChunk('sample', 4, model.chunk(4));
      expect(after && storedBytes(after)).toBe(500);
      expect(await store.record('sample')).toEqual(after);
      expect(await store.list()).toEqual([after]);
    });

    it('gives back the bytes it was given, in any order', async () => {
      await fill(model, [3, 0, 4, 1, 2]);
      const record = await store.record('sample');
      expect(record && isComplete(record)).toBe(true);
      for (const [index] of model.plan.chunks.entries()) {
        expect(await store.readChunk(model.plan, index)).toEqual(model.chunk(index));
      }
    });

    it('stores a view without the buffer behind it, and is not disturbed when the caller reuses it', async () => {
      await store.prepare(model.plan);
      const big = new Uint8Array(10_000);
      big.set(model.chunk(1), 77);
      await store.putChunk('sample', 1, big.subarray(77, 1077));
      big.fill(0);
      const read = await store.readChunk(model.plan, 1);
      expect(read).toEqual(model.chunk(1));
      expect(read.buffer.byteLength).toBe(1000);
    });

    it('refuses bytes that are not the published ones, and keeps what it had', async () => {
      await fill(model, [0]);
      for (const wrong of [model.chunk(2), model.chunk(1).subarray(1), new Uint8Array(0)]) {
        await expect(store.putChunk('sample', 1, wrong)).rejects.toMatchObject({
          code: 'hash-mismatch',
          details: { modelId: 'sample', chunk: 1 },
        });
      }
      await expect(store.putChunk('sample', 5, model.chunk(0))).rejects.toMatchObject({ code: 'hash-mismatch' });
      expect((await store.record('sample'))?.stored).toEqual([true, false, false, false, false]);
      await expect(store.readChunk(model.plan, 1)).rejects.toMatchObject({ code: 'chunk-corrupt' });
    });

    it('says which chunk is missing, or differs from the plan it is read for', async () => {
      await fill(model, [0]);
      const other = await sampleModel({ seed: 2 });
      await expect(store.readChunk(other.plan, 0)).rejects.toMatchObject({
        code: 'chunk-corrupt',
        details: { chunk: 0 },
      });
      await expect(store.readChunk(model.plan, 3)).rejects.toMatchObject({
        code: 'chunk-corrupt',
        details: { chunk: 3 },
      });
    });

    it('keeps what still fits when the plan changes', async () => {
      await fill(model);
      const bytes = model.bytes.slice();
      bytes[2500] = bytes[2500]! ^ 1;
      const changed = await sampleModel();
      const { sha256Hex } = await import('./sample-model.ts');
      const chunks = changed.plan.chunks.slice();
      chunks[2] = await sha256Hex(bytes.slice(2000, 3000));
      const record = await store.prepare({ ...changed.plan, chunks, name: 'Second edition' });
      expect(record.stored).toEqual([true, true, false, true, true]);
      expect(record.name).toBe('Second edition');
      await expect(store.readChunk(model.plan, 2)).rejects.toMatchObject({ code: 'chunk-corrupt' });
    });

    it('keeps nothing when the chunks are cut differently', async () => {
      await fill(model);
      const recut = await sampleModel({ chunkBytes: 500 });
      expect((await store.prepare(recut.plan)).stored).toEqual(Array.from({ length: 9 }, () => false));
      await expect(store.readChunk(model.plan, 4)).rejects.toMatchObject({ code: 'chunk-corrupt' });
    });

    it('prepares the same plan twice without losing anything', async () => {
      await fill(model, [1, 2]);
      expect((await store.prepare(model.plan)).stored).toEqual([false, true, true, false, false]);
    });

    it('forgets chunks on demand', async () => {
      await fill(model);
      const record = await store.dropChunks('sample', [1, 3]);
      expect(record?.stored).toEqual([true, false, true, false, true]);
      await expect(store.readChunk(model.plan, 1)).rejects.toMatchObject({ code: 'chunk-corrupt' });
      expect(await store.readChunk(model.plan, 2)).toEqual(model.chunk(2));
      expect(await store.dropChunks('nobody', [0])).toBeUndefined();
    });

    it('removes a model whole, and no other', async () => {
      const other = await sampleModel({ id: 'sample-2', seed: 3 });
      await fill(model);
      await fill(other);
      await store.remove('sample');
      await store.remove('nobody');
      expect((await store.list()).map((record) => record.id)).toEqual(['sample-2']);
      expect(await store.readChunk(other.plan, 0)).toEqual(other.chunk(0));
      await expect(store.readChunk(model.plan, 0)).rejects.toMatchObject({ code: 'chunk-corrupt' });
      expect((await store.prepare(model.plan)).stored).toEqual(model.plan.chunks.map(() => false));
    });

    it('stores nothing for a model that was removed meanwhile', async () => {
      await store.prepare(model.plan);
      await store.remove('sample');
      expect(await store.putChunk('sample', 0, model.chunk(0))).toBeUndefined();
      expect(await store.list()).toEqual([]);
      await expect(store.readChunk(model.plan, 0)).rejects.toMatchObject({ code: 'chunk-corrupt' });
    });

    it('loses no update when chunks are written at once', async () => {
      await store.prepare(model.plan);
      await Promise.all(model.plan.chunks.map((_, chunk) => store.putChunk('sample', chunk, model.chunk(chunk))));
      const record = await store.record('sample');
      expect(record && isComplete(record)).toBe(true);
    });

    it('refuses plans that contradict themselves', async () => {
      for (const wrong of [{ size: 9000 }, { chunkBytes: 0 }, { id: '../x' }, { chunks: ['00'] }, { size: -1 }]) {
        await expect(store.prepare({ ...model.plan, ...wrong })).rejects.toMatchObject({ code: 'storage-failed' });
      }
      expect(await store.list()).toEqual([]);
    });

    it('opens a model as bytes, across chunk borders', async () => {
      await fill(model);
      const source = await openStoredModel(store, 'sample');
      expect(source.size).toBe(4500);
      for (const [offset, length] of [
        [0, 24],
        [990, 20],
        [0, 4500],
        [3999, 2],
        [4499, 1],
        [1000, 1000],
        [250, 3300],
        [7, 0],
      ] as const) {
        expect(await source.read(offset, length), `${offset}+${length}`).toEqual(
          model.bytes.slice(offset, offset + length),
        );
      }
      for (const [offset, length] of [
        [4500, 1],
        [-1, 1],
        [0, 4501],
      ] as const) {
        await expect(source.read(offset, length)).rejects.toBeInstanceOf(RangeError);
      }
    });

    it('opens no model that is absent or incomplete', async () => {
      await expect(openStoredModel(store, 'sample')).rejects.toMatchObject({ code: 'model-unknown' });
      await fill(model, [0, 1, 3, 4]);
      await expect(openStoredModel(store, 'sample')).rejects.toMatchObject({
        code: 'chunk-corrupt',
        details: { chunk: 2 },
      });
    });

    it('works again after it was closed', async () => {
      await fill(model, [0]);
      store.close();
      expect((await store.record('sample'))?.stored[0]).toBe(true);
    });
  });
}
