import { describe, expect, it } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/index.ts';
import { plainDecoder } from '../plain-decoder.ts';
import { planGpu } from './gpu-plan.ts';
import { type RandomModel, randomModel } from './testing/random-model.ts';

/** WebGPU's guaranteed minimum (source: WebGPU specification, 3.6.2). */
const GUARANTEED = {
  maxBufferSize: 268_435_456,
  maxStorageBufferBindingSize: 134_217_728,
  maxComputeWorkgroupsPerDimension: 65_535,
};

const MODEL: RandomModel = {
  hiddenSize: 64,
  feedForwardSize: 96,
  heads: 4,
  keyValueHeads: 2,
  headSize: 16,
  layers: 2,
  vocabularySize: 130,
  contextLength: 1000,
  typeOf: () => 'Q4_1',
};

const specOf = async (model = MODEL) => plainDecoder((await randomModel(model, 1)).spec, 'GPU');

describe('planGpu', () => {
  it('fuses what one kernel reads, in the order it reads it', async () => {
    const plan = planGpu(await specOf(), 1000, GUARANTEED);
    const { qkv, gateUp, output, down } = plan.layers[1]!;
    expect([qkv.rows, qkv.columns, qkv.format]).toEqual([64 + 32 + 32, 64, 'q4_1']);
    expect(qkv.parts.map(({ weight, placeOf }) => [weight.name, placeOf(0), placeOf(17)])).toEqual([
      ['blk.1.attn_q.weight', 0, 17],
      ['blk.1.attn_k.weight', 64, 81],
      ['blk.1.attn_v.weight', 96, 113],
    ]);
    expect(gateUp.parts.map(({ placeOf }) => [placeOf(0), placeOf(5)])).toEqual([
      [0, 10],
      [1, 11],
    ]);
    expect([output.rows, down.columns]).toEqual([64, 96]);
    expect(plan.head).toBe(plan.embedding);
    expect(plan.cacheBytes).toBe(2 * 16 * 1000 * 4);
    expect(plan.chunk).toBe(512);
  });

  it('makes neighbours of values that turn together, in Q and K alone', async () => {
    const spec = await specOf();
    const rope = { ...spec.rope, kind: 'halves' as const, dimensions: 8 };
    const { parts } = planGpu({ ...spec, rope }, 1000, GUARANTEED).layers[0]!.qkv;
    const places = parts.map(({ placeOf }) => Array.from({ length: 16 }, (_, row) => placeOf(16 + row)));
    expect(places[0]).toEqual([16, 18, 20, 22, 17, 19, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31]);
    expect(places[1]).toEqual(places[0]!.map((place) => place + 64));
    expect(places[2]).toEqual(Array.from({ length: 16 }, (_, row) => 112 + row));
  });

  it('widens what the file stores in different block types', async () => {
    const types: Readonly<Record<string, GgmlTypeName>> = { attn_v: 'Q8_0' };
    const plan = planGpu(await specOf({ ...MODEL, typeOf: (part) => types[part] ?? 'Q4_1' }), 1000, GUARANTEED);
    expect(plan.layers[0]!.qkv.format).toBe('f32');
    expect(plan.layers[0]!.gateUp.format).toBe('q4_1');
  });

  it('cuts a table that is larger than a binding into parts of whole tiles', async () => {
    const plan = planGpu({ ...(await specOf()), vocabularySize: 130 }, 1000, { ...GUARANTEED, maxBufferSize: 256_000 });
    expect(plan.embedding.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([[0, 130]]);
    const spec = await specOf();
    const large = { ...spec, embedding: { ...spec.embedding, rows: 5_000_000 } };
    const parts = planGpu(large, 1000, GUARANTEED).embedding;
    // 48 bytes a row: 32 of nibbles, two scales and offsets of 4, up to whole 16s for 64 rows.
    const most = Math.floor(GUARANTEED.maxStorageBufferBindingSize / (64 * 40)) * 64;
    expect(parts.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([
      [0, most],
      [most, 5_000_000 - most],
    ]);
  });

  it('refuses what the adapter cannot hold, with the numbers', async () => {
    const spec = await specOf();
    const context = { ...spec, contextLength: 2 ** 24 };
    expect(() => planGpu(context, 2 ** 21, GUARANTEED)).toThrow(
      expect.objectContaining({
        code: 'backend-unavailable',
        details: { bytes: 2 * 16 * 2 ** 21 * 4, most: 134_217_728 },
      }),
    );
    const few = { ...GUARANTEED, maxComputeWorkgroupsPerDimension: 3 };
    expect(() => planGpu(spec, 100, few)).toThrow(expect.objectContaining({ code: 'backend-unavailable' }));
  });

  it('refuses block types and heads without kernels', async () => {
    const spec = await specOf();
    const embedding = { ...spec.embedding, type: 'Q5_K' as const };
    const refusal = expect.objectContaining({
      code: 'model-unsupported',
      details: { tensor: 'token_embd.weight', type: 'Q5_K' },
    });
    expect(() => planGpu({ ...spec, embedding }, 100, GUARANTEED)).toThrow(refusal);
    const attention = { ...spec.attention, headSize: 18 };
    expect(() => planGpu({ ...spec, attention }, 100, GUARANTEED)).toThrow(
      expect.objectContaining({ code: 'model-unsupported' }),
    );
  });

  it.each([
    [64, 3, 32, 3],
    [80, 1, 24, 1],
    [128, 8, 16, 8],
    [256, 71, 8, 1],
    [512, 8, 4, 4],
  ])(
    'keeps heads of %d, %d a key head, within the workgroup memory every device has',
    async (size, ratio, tile, group) => {
      const spec = await specOf();
      const attention = { ...spec.attention, headSize: size, keyValueHeads: 2, heads: 2 * ratio };
      const { shape } = planGpu({ ...spec, attention, rope: { ...spec.rope, dimensions: size } }, 64, GUARANTEED);
      expect([shape.tileQueries, shape.groupHeads]).toEqual([tile, group]);
      const prefillBytes = 4 * (tile * size + tile * (shape.tileKeys + 1) + 3 * tile);
      expect(prefillBytes).toBeLessThanOrEqual(16_384);
      expect((size / 4) * (tile / 4)).toBeLessThanOrEqual(256);
      expect(4 * group * (size + 2 * shape.splitTile + 1)).toBeLessThanOrEqual(16_384);
      expect(4 * shape.splits * shape.heads).toBeLessThanOrEqual(8_192);
    },
  );
});
