import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/index.ts';
import type { AttentionSpec } from '../../architectures/index.ts';
import { type ArchitectureGoldens, buildGoldenModel } from '../testing/golden-models.ts';
import { cacheBytes, planGpu } from './gpu-plan.ts';
import { ATTENTION_THREADS, type AttentionShape } from './mixer-shapes.ts';
import { type PlainSpec, type RandomModel, randomModel } from './testing/random-model.ts';
import { matrixBytes } from './weights/index.ts';

const goldens = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;

/** WebGPU's guaranteed minimum (source: WebGPU specification, 3.6.2). */
const GUARANTEED = {
  maxBufferSize: 268_435_456,
  maxStorageBufferBindingSize: 134_217_728,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxComputeWorkgroupStorageSize: 16_384,
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

const specOf = async (model = MODEL) => (await randomModel(model, 1)).spec;

/** The model with the attention of all layers changed. */
const withAttention = (spec: PlainSpec, change: Partial<AttentionSpec>): PlainSpec => ({
  ...spec,
  layers: spec.layers.map((layer) => ({ ...layer, attention: { ...layer.attention, ...change } })),
});

describe('planGpu', () => {
  it('fuses what one kernel reads, in the order it reads it', async () => {
    const plan = planGpu(await specOf(), 1000, GUARANTEED);
    const { mixers, block } = plan.layers[1]!;
    const { gateUp, down } = block!;
    const { input: qkv, output, shape } = mixers[0]!;
    expect(qkv.map(({ matrix, firstRow }) => [matrix.rows, matrix.columns, matrix.format, firstRow])).toEqual([
      [64 + 32 + 32, 64, 'q4_1', 0],
    ]);
    expect(qkv[0]!.matrix.parts.map(({ weight, placeOf }) => [weight.name, placeOf(0), placeOf(17)])).toEqual([
      ['blk.1.attn_q.weight', 0, 17],
      ['blk.1.attn_k.weight', 64, 81],
      ['blk.1.attn_v.weight', 96, 113],
    ]);
    expect(qkv[0]!.matrix.norm).toMatchObject({ name: 'blk.1.attn_norm.weight' });
    expect(gateUp.parts.map(({ placeOf }) => [placeOf(0), placeOf(5)])).toEqual([
      [0, 9],
      [4, 13],
    ]);
    expect([output.rows, down.columns]).toEqual([64, 96]);
    expect(plan.head).toBe(plan.embedding);
    expect(cacheBytes(shape, plan.shape, 'f16')).toBe(2 * 2 * 16 * 1000 * 2);
    expect(plan.chunk).toBe(1024);
  });

  it('makes neighbours of values that turn together, in Q and K alone', async () => {
    const spec = await specOf();
    const rope = { ...spec.layers[0]!.attention.rope!, kind: 'halves' as const, dimensions: 8 };
    const { parts } = planGpu(withAttention(spec, { rope }), 1000, GUARANTEED).layers[0]!.mixers[0]!.input[0]!.matrix;
    const places = parts.map(({ placeOf }) => Array.from({ length: 16 }, (_, row) => placeOf(16 + row)));
    expect(places[0]).toEqual([16, 18, 20, 22, 17, 19, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31]);
    expect(places[1]).toEqual(places[0]!.map((place) => place + 64));
    expect(places[2]).toEqual(Array.from({ length: 16 }, (_, row) => 112 + row));
  });

  it('gives Q, K and V matrices of their own where the file stores them in different block types', async () => {
    const types: Readonly<Record<string, GgmlTypeName>> = { attn_v: 'Q8_0', ffn_up: 'Q8_0' };
    const plan = planGpu(await specOf({ ...MODEL, typeOf: (part) => types[part] ?? 'Q4_1' }), 1000, GUARANTEED);
    const { mixers, block } = plan.layers[0]!;
    expect(
      mixers[0]!.input.map(({ matrix, firstRow, rows, before }) => [matrix.format, firstRow, rows, before]),
    ).toEqual([
      ['q4_1', 0, 96, 0],
      ['q8_0', 0, 32, 96],
    ]);
    // Gates and ups alternate, so they must be of one kind.
    expect(block!.gateUp.format).toBe('f32');
  });

  it('cuts a table that is larger than a binding into parts of whole tiles', async () => {
    const plan = planGpu({ ...(await specOf()), vocabularySize: 130 }, 1000, { ...GUARANTEED, maxBufferSize: 256_000 });
    expect(plan.embedding.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([[0, 130]]);
    const spec = await specOf();
    const large = { ...spec, embedding: { ...spec.embedding, rows: 5_000_000 } };
    const parts = planGpu(large, 1000, GUARANTEED).embedding;
    // 48 bytes a row: 32 of nibbles, two scales and offsets of 4, up to whole 16s for 64 rows.
    // In front of each part of a tied table lies the final norm.
    const most = Math.floor((GUARANTEED.maxStorageBufferBindingSize - 256) / (64 * 40)) * 64;
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
        details: { bytes: 2 * 2 * 16 * 2 ** 21 * 2, most: 134_217_728 },
      }),
    );
    const few = { ...GUARANTEED, maxComputeWorkgroupsPerDimension: 3 };
    expect(() => planGpu(spec, 100, few)).toThrow(expect.objectContaining({ code: 'backend-unavailable' }));
  });

  it('lays the experts of a layer one after the other, and shortens chunks for what they leave', async () => {
    const golden = goldens.models.find(({ name }) => name === 'qwen2moe')!;
    const { spec } = buildGoldenModel(golden, 'Q4_0');
    const { layers, chunk } = planGpu(spec, 512, GUARANTEED);
    const { experts, block } = layers[0]!;
    expect(block?.gateUp.rows).toBe(2 * 64);
    // One row more than experts: the gate of the block that all share.
    const gateUp = experts!.gateUp[0]!.matrix;
    expect([experts?.router.rows, gateUp.rows, gateUp.stack]).toEqual([9, 8 * 2 * 32, 8]);
    expect(gateUp.parts.slice(0, 4).map(({ placeOf }) => [placeOf(0), placeOf(5)])).toEqual([
      [0, 9],
      [4, 13],
      [64, 73],
      [68, 77],
    ]);
    expect(chunk).toBe(512);
    const bytes = matrixBytes(gateUp, gateUp.rows);
    expect(planGpu(spec, 512, { ...GUARANTEED, maxBufferSize: 10 * bytes }).chunk).toBe(64);
  });

  it('cuts experts that are larger than a binding into buffers of whole ones', async () => {
    const golden = goldens.models.find(({ name }) => name === 'qwen3moe (wide)')!;
    const { spec } = buildGoldenModel(golden, 'Q4_K');
    const [whole] = planGpu(spec, 64, GUARANTEED).layers[0]!.experts!.gateUp;
    const [one, all] = [matrixBytes(whole!.matrix, 512), matrixBytes(whole!.matrix, 4 * 512)];
    const { gateUp, down } = planGpu(spec, 64, { ...GUARANTEED, maxBufferSize: all - 1 }).layers[0]!.experts!;
    expect(gateUp.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([
      [0, 3 * 512],
      [3 * 512, 512],
    ]);
    expect(down.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([[0, 4 * 256]]);
    expect(() => planGpu(spec, 64, { ...GUARANTEED, maxBufferSize: one - 1 })).toThrow(
      expect.objectContaining({ code: 'backend-unavailable', details: { bytes: one, most: one - 1 } }),
    );
  });

  it('refuses block types and heads without kernels', async () => {
    const spec = await specOf();
    const embedding = { ...spec.embedding, type: 'IQ1_S' as const };
    const refusal = expect.objectContaining({
      code: 'model-unsupported',
      details: { tensor: 'token_embd.weight', type: 'IQ1_S' },
    });
    expect(() => planGpu({ ...spec, embedding }, 100, GUARANTEED)).toThrow(refusal);
    expect(() => planGpu(withAttention(spec, { headSize: 18 }), 100, GUARANTEED)).toThrow(
      expect.objectContaining({ code: 'model-unsupported' }),
    );
  });

  it.each([
    [64, 3, 16, 3],
    [80, 1, 16, 1],
    [128, 8, 8, 4],
    [256, 71, 4, 1],
    [320, 8, undefined, 2],
    [512, 8, undefined, 2],
  ])(
    'keeps heads of %d, %d a key head, within the workgroup memory every device has',
    async (size, ratio, tile, group) => {
      const rope = { ...(await specOf()).layers[0]!.attention.rope!, dimensions: size };
      const spec = withAttention(await specOf(), { headSize: size, keyValueHeads: 2, heads: 2 * ratio, rope });
      const { shape } = planGpu(spec, 64, GUARANTEED);
      const attention = shape.layers[0]!.mixers[0] as AttentionShape;
      const { prefillTile, groupHeads, splitTile } = attention;
      expect([prefillTile?.tileQueries, groupHeads]).toEqual([tile, group]);
      const { tileQueries, tileKeys } = prefillTile ?? { tileQueries: 0, tileKeys: 0 };
      const prefill = size * (tileQueries + tileKeys) + tileKeys * tileQueries + tileQueries * (tileKeys / 4 + 1) + 4;
      expect(4 * prefill).toBeLessThanOrEqual(16_384);
      const shares = Math.max(1, Math.floor(ATTENTION_THREADS / splitTile));
      const groups = Math.floor((4 * ATTENTION_THREADS) / size);
      expect(groups).toBeGreaterThan(0);
      const decode = groupHeads * (size + (shares + 1) * splitTile + 8) + groups * groupHeads * (size + 1);
      expect(4 * decode).toBeLessThanOrEqual(16_384);
      expect(4 * shape.splits * shape.heads).toBeLessThanOrEqual(4_096);
    },
  );
});
