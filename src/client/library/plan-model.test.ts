import { describe, expect, it } from 'vitest';
import { type Candidate, type DeviceFacts, type ModelNeeds, planModel, rank } from './plan-model.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const roomy: DeviceFacts = { memoryBytes: 8 * GIB, threads: 4, gpuBufferBytes: null, freeBytes: 10 * GIB };
const needs = (weights: number, cache = 100_000, contextLength = 32_768): ModelNeeds => ({
  fileBytes: weights,
  storedBytes: 0,
  memory: { weightsBytes: weights, workingBytes: weights * 0.2, cacheBytesPerToken: cache },
  contextLength,
});

describe('a plan', () => {
  it('fits a small model with the usual context', () => {
    const plan = planModel(needs(100 * MIB, 23_040), roomy);
    expect(plan).toMatchObject({ fits: true, backend: 'cpu', contextLength: 4096, problems: [], isTight: false });
    // The processor holds keys and values in one byte each and a scale a head; a graphics card takes two. Copies of what was
    // read take as much again, the engine's thread 32 MiB; further answers at once have a context each.
    const context = Math.round(23_040 * 0.57 * 4096);
    expect(plan).toMatchObject({ memoryBytes: 152 * MIB + 2 * context, togetherBytes: 3 * context });
    const onGpu = planModel(needs(100 * MIB, 23_040), { ...roomy, gpuBufferBytes: GIB });
    expect(onGpu).toMatchObject({ backend: 'webgpu', memoryBytes: 184 * MIB + 2 * 23_040 * 4096, togetherBytes: 0 });
  });

  it('counts what is chosen at a load beyond the default', () => {
    const usual = planModel(needs(100 * MIB, 23_040), roomy);
    const cache = 23_040 * 4096;
    const half = planModel(needs(100 * MIB, 23_040), roomy, { kvCache: 'f16' });
    expect(half.parts).toMatchObject({ cache, copies: cache });
    expect(half.togetherBytes).toBe(256 * MIB);
    const wide = planModel(needs(100 * MIB, 23_040), roomy, { kvCache: 'f32' });
    expect(wide.parts).toMatchObject({ cache: 2 * cache, copies: 2 * cache });
    // Beside float weights it is the default, and what is said counts more.
    const float = { ...needs(100 * MIB, 23_040), kvCache: 'f16' } as const;
    expect(planModel(float, roomy).parts.cache).toBe(cache);
    expect(planModel(float, roomy, { kvCache: 'int8' }).parts.cache).toBe(usual.parts.cache);
    // On a graphics card it is ignored.
    const onGpu = { ...roomy, gpuBufferBytes: GIB };
    expect(planModel(needs(100 * MIB, 23_040), onGpu, { kvCache: 'f32' }).parts.cache).toBe(cache);
    const draft = planModel(needs(100 * MIB, 23_040), roomy, { draft: needs(50 * MIB, 10_000) });
    expect(draft.memoryBytes - usual.memoryBytes).toBe(60 * MIB + Math.round(10_000 * 0.57 * 4096));
    const adapted = planModel(needs(100 * MIB, 23_040), roomy, { adapterBytes: 5 * MIB });
    expect(adapted.memoryBytes - usual.memoryBytes).toBe(5 * MIB);
  });

  it('states the working space of the engine that is meant', () => {
    const { memory, ...rest } = needs(100 * MIB);
    const both = { ...rest, memory: { ...memory, graphicsBytes: 70 * MIB } };
    expect(planModel(both, roomy).parts.working).toBe(20 * MIB);
    expect(planModel(both, roomy, { backend: 'webgpu' }).parts.working).toBe(70 * MIB);
  });

  it('takes less context where that makes it fit, and none away that was asked for', () => {
    const large = needs(3 * GIB, 200_000);
    const plan = planModel(large, roomy);
    expect(plan).toMatchObject({ fits: true, contextLength: 2048 });
    const { weightsBytes, workingBytes } = large.memory;
    expect(weightsBytes + workingBytes + 200_000 * 0.57 * plan.contextLength).toBeLessThanOrEqual(4 * GIB);
    expect(planModel(large, roomy, { contextLength: 4096 })).toMatchObject({
      fits: false,
      contextLength: 4096,
      problems: [{ what: 'address-space', availableBytes: 4 * GIB }],
    });
  });

  it('counts on the processor no table that stays in the file', () => {
    const large = needs(4 * GIB, 1000);
    const unloaded = { ...large, memory: { ...large.memory, unloadedBytes: 2 * GIB } };
    expect(planModel(large, roomy).problems).toMatchObject([{ what: 'address-space' }]);
    expect(planModel(unloaded, roomy)).toMatchObject({ fits: true, backend: 'cpu' });
    const onGpu = { ...roomy, gpuBufferBytes: 2 * GIB };
    expect(planModel(unloaded, onGpu).parts).toEqual(planModel(large, onGpu).parts);
    expect(planModel(unloaded, onGpu).backend).toBe('webgpu');
  });

  it('refuses with the numbers what the machine cannot hold', () => {
    const plan = planModel(needs(3 * GIB), { ...roomy, memoryBytes: 2 * GIB });
    expect(plan.problems).toEqual([{ what: 'memory', neededBytes: plan.memoryBytes, availableBytes: 2 * GIB }]);
  });

  it('counts only what is still to be fetched against the disk', () => {
    const half = { ...needs(1000 * MIB), storedBytes: 600 * MIB };
    expect(planModel(half, { ...roomy, freeBytes: 500 * MIB })).toMatchObject({ fits: true, downloadBytes: 400 * MIB });
    expect(planModel(half, { ...roomy, freeBytes: 300 * MIB }).problems).toEqual([
      { what: 'storage', neededBytes: 416 * MIB, availableBytes: 300 * MIB },
    ]);
    expect(planModel({ ...half, storedBytes: 1000 * MIB }, { ...roomy, freeBytes: 0 }).fits).toBe(true);
  });

  it('refuses nothing for what the browser does not say', () => {
    const dark: DeviceFacts = { memoryBytes: null, threads: 1, gpuBufferBytes: null, freeBytes: null };
    expect(planModel(needs(1 * GIB), dark).fits).toBe(true);
  });

  it('never promises more context than the model has', () => {
    expect(planModel(needs(100 * MIB, 1000, 2048), roomy, { contextLength: 9000 }).contextLength).toBe(2048);
  });
});

describe('the order of what can be had', () => {
  const candidate = (name: string, weights: number, parameters: number): Candidate => ({
    id: name,
    name,
    architecture: 'qwen3',
    parameters,
    fileBytes: weights,
    plan: planModel(needs(weights), { ...roomy, memoryBytes: 4 * GIB }),
  });

  it('begins with the most able one that fits, and of one model with the most exact one that leaves room', () => {
    const all = [
      candidate('Small Q8_0', 140 * MIB, 135e6),
      candidate('Large Q4_K_M', 1000 * MIB, 1.7e9),
      candidate('Large Q8_0', 1800 * MIB, 1.7e9),
      candidate('Large IQ4_XS', 900 * MIB, 1.7e9),
      candidate('Huge Q4_K_M', 5000 * MIB, 8e9),
    ];
    expect(rank(all).map(({ name, betterId }) => [name, betterId])).toEqual([
      ['Large Q4_K_M', undefined],
      ['Large IQ4_XS', 'Large Q4_K_M'],
      ['Large Q8_0', 'Large Q4_K_M'],
      ['Small Q8_0', undefined],
      ['Huge Q4_K_M', undefined],
    ]);
  });
});
