import { beforeEach, describe, expect, it } from 'vitest';
import { SottoError } from '../../shared/index.ts';
import { createMemoryWeightStore } from './memory-weight-store.ts';
import { openStoredModel } from './open-stored-model.ts';
import { type SampleModel, sampleModel } from './testing/sample-model.ts';
import type { WeightStore } from './weight-store.ts';

let store: WeightStore;
let model: SampleModel;
/** Chunks that were asked of the store, in order. */
let reads: number[];
let broken: ReadonlySet<number>;

beforeEach(async () => {
  store = createMemoryWeightStore();
  model = await sampleModel({ size: 19_500 });
  await store.prepare(model.plan);
  for (const [chunk] of model.plan.chunks.entries()) await store.putChunk('sample', chunk, model.chunk(chunk));
  reads = [];
  broken = new Set();
  const readChunk = store.readChunk.bind(store);
  store.readChunk = (plan, chunk) => {
    reads.push(chunk);
    return broken.has(chunk)
      ? Promise.reject(new SottoError('chunk-corrupt', 'changed', { details: { modelId: plan.id, chunk } }))
      : readChunk(plan, chunk);
  };
});

describe('a stored model as bytes', () => {
  it('reads, and so verifies, each chunk once when it is read from start to end', async () => {
    const source = await openStoredModel(store, 'sample');
    for (let offset = 0; offset < source.size; offset += 700) {
      const length = Math.min(700, source.size - offset);
      expect(await source.read(offset, length)).toEqual(model.bytes.slice(offset, offset + length));
    }
    expect(reads).toEqual(Array.from({ length: 20 }, (_, chunk) => chunk));
  });

  it('reads ahead by one chunk and no further', async () => {
    const source = await openStoredModel(store, 'sample');
    await source.read(0, 10);
    expect(reads).toEqual([0, 1]);
    await source.read(1500, 10);
    expect(reads).toEqual([0, 1, 2]);
    await source.read(9500, 10);
    expect(reads).toEqual([0, 1, 2, 9]);
  });

  it('keeps a few chunks only: what was left behind is read again', async () => {
    const source = await openStoredModel(store, 'sample');
    await source.read(0, 19_500);
    reads.length = 0;
    await source.read(0, 10);
    expect(reads[0]).toBe(0);
  });

  it('reads into memory of the caller, over the borders of chunks too', async () => {
    const source = await openStoredModel(store, 'sample');
    const target = new Uint8Array(2_500);
    await source.readInto?.(700, target);
    expect(target).toEqual(model.bytes.slice(700, 3_200));
    await expect(source.readInto?.(19_000, target)).rejects.toThrow(RangeError);
  });

  it('gives back what it kept, and reads on', async () => {
    const source = await openStoredModel(store, 'sample');
    await source.read(0, 5_000);
    source.release?.();
    reads.length = 0;
    expect(await source.read(0, 5_000)).toEqual(model.bytes.slice(0, 5_000));
    expect(reads[0]).toBe(0);
  });

  it('gives right bytes to many readers at once', async () => {
    const source = await openStoredModel(store, 'sample');
    const spans = Array.from(
      { length: 40 },
      (_, index) => [(index * 7919) % 15_000, 1 + ((index * 331) % 4000)] as const,
    );
    const parts = await Promise.all(spans.map(([offset, length]) => source.read(offset, length)));
    for (const [index, [offset, length]] of spans.entries()) {
      expect(parts[index]).toEqual(model.bytes.slice(offset, offset + length));
    }
  });

  it('fails for the corrupt chunk only, and works once it is repaired', async () => {
    broken = new Set([3]);
    const source = await openStoredModel(store, 'sample');
    expect(await source.read(2000, 1000)).toEqual(model.bytes.slice(2000, 3000));
    await expect(source.read(2990, 20)).rejects.toMatchObject({ code: 'chunk-corrupt', details: { chunk: 3 } });
    await new Promise((resolve) => setTimeout(resolve, 5));
    broken = new Set();
    expect(await source.read(2990, 20)).toEqual(model.bytes.slice(2990, 3010));
  });

  it('stops for an abort between chunks', async () => {
    const source = await openStoredModel(store, 'sample');
    const controller = new AbortController();
    const reading = source.read(0, 19_500, controller.signal);
    controller.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(reads.length).toBeLessThan(5);
  });
});
