import { expect, it } from 'vitest';
import { CombinedWeightStore } from './combined-weight-store.ts';
import { createMemoryWeightStore } from './memory-weight-store.ts';
import { type MoveOptions, moveModels } from './move-models.ts';
import { openStoredModel } from './open-stored-model.ts';
import { sampleModel } from './testing/sample-model.ts';
import { describeWeightStore } from './testing/weight-store-contract.ts';
import { isComplete } from './weight-record.ts';
import type { WeightStore } from './weight-store.ts';

function places(): { readonly old: WeightStore; readonly fresh: WeightStore; readonly both: WeightStore } {
  const old = createMemoryWeightStore();
  const fresh = createMemoryWeightStore();
  return { old, fresh, both: new CombinedWeightStore([old, fresh], () => fresh) };
}

describeWeightStore('two stores as one', async () => places().both);

const options: MoveOptions = {
  signal: new AbortController().signal,
  onProgress: () => {},
  alone: (_, body) => body(),
};

async function fill(store: WeightStore, ...chunks: readonly number[]) {
  const model = await sampleModel();
  await store.prepare(model.plan);
  for (const chunk of chunks) await store.putChunk(model.plan.id, chunk, model.chunk(chunk));
  return model;
}

it('a model is used where it lies, and a download that began there goes on there', async () => {
  const { old, fresh, both } = places();
  const model = await fill(old, 0, 1);
  await both.prepare(model.plan);
  for (const chunk of [2, 3, 4]) await both.putChunk('sample', chunk, model.chunk(chunk));
  expect(await fresh.list()).toEqual([]);
  expect((await old.record('sample'))?.stored.every(Boolean)).toBe(true);
  expect((await openStoredModel(both, 'sample')).size).toBe(4500);
});

it('moving brings every chunk over, keeps the order of last use, and tells how far it is', async () => {
  const { old, fresh } = places();
  const model = await fill(old, 0, 1, 2, 3, 4);
  const other = await sampleModel({ id: 'other', seed: 2 });
  await old.prepare(other.plan);
  await old.putChunk('other', 3, other.chunk(3));
  await old.touch('sample');
  await old.touch('other');
  const told: number[] = [];
  const moved = await moveModels(old, fresh, { ...options, onProgress: (done, total) => told.push(done / total) });
  expect(moved).toEqual(['sample', 'other']);
  expect(await old.list()).toEqual([]);
  expect((await fresh.record('sample'))?.stored.every(Boolean)).toBe(true);
  expect((await fresh.record('other'))?.stored).toEqual([false, false, false, true, false]);
  expect(await fresh.readChunk(model.plan, 4)).toEqual(model.chunk(4));
  const [sample, second] = await Promise.all([fresh.record('sample'), fresh.record('other')]);
  expect(sample!.usedAt).toBeLessThan(second!.usedAt);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(1);
});

it('cut off after any write, a move has lost nothing, and the next one ends it with each chunk carried over once', async () => {
  for (let writes = 0; writes <= 5; writes++) {
    const { old, fresh, both } = places();
    const model = await fill(old, 0, 1, 2, 3, 4);
    let left = writes;
    let puts = 0;
    const dying = new Proxy(fresh, {
      get(target, name) {
        const method = Reflect.get(target, name) as (...values: unknown[]) => unknown;
        if (name !== 'putChunk') return typeof method === 'function' ? method.bind(target) : method;
        return (...values: unknown[]) => {
          if (left-- === 0) return Promise.reject(new Error('killed'));
          puts += 1;
          return method.apply(target, values);
        };
      },
    });
    if (writes < 5) await expect(moveModels(old, dying, options)).rejects.toThrow('killed');
    else await moveModels(old, dying, options);
    const source = await openStoredModel(both, 'sample');
    expect(await source.read(0, 4500), `${writes} writes`).toEqual(model.bytes);
    left = Number.POSITIVE_INFINITY;
    await moveModels(old, dying, options);
    expect(puts).toBe(5);
    expect(await old.list()).toEqual([]);
    expect(isComplete((await both.record('sample'))!)).toBe(true);
  }
});

it('a chunk that changed on the old disk is not carried over, and a model being pinned stays', async () => {
  const { old, fresh } = places();
  const model = await fill(old, 0, 1, 2, 3, 4);
  const pinning = await sampleModel({ id: 'pinning', seed: 3 });
  await old.prepare({ ...pinning.plan, chunks: pinning.plan.chunks.map(() => '') });
  const spoiled = new Proxy(old, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...values: unknown[]) => unknown;
      if (name !== 'readChunk') return typeof method === 'function' ? method.bind(target) : method;
      return (plan: typeof model.plan, chunk: number) => target.readChunk(plan, chunk === 2 ? 99 : chunk);
    },
  });
  expect(await moveModels(spoiled, fresh, options)).toEqual(['sample']);
  expect((await fresh.record('sample'))?.stored).toEqual([true, true, false, true, true]);
  expect((await old.list()).map(({ id }) => id)).toEqual(['pinning']);
});

it('who reads while a model is moved goes on reading', async () => {
  const { old, fresh, both } = places();
  const model = await fill(old, 0, 1, 2, 3, 4);
  const source = await openStoredModel(both, 'sample');
  expect(await source.read(0, 500)).toEqual(model.bytes.slice(0, 500));
  await moveModels(old, fresh, options);
  expect(await source.read(3000, 1500)).toEqual(model.bytes.slice(3000));
});
