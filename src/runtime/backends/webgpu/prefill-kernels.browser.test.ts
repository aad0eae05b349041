import { expect, test } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/index.ts';
import { attention, matrixVector, rmsNorm, rope, silu } from '../reference/index.ts';
import { gemmTuning, type MatrixRole } from './matrix-tuning.ts';
import { expectClose } from './testing/expect-close.ts';
import { type RandomMatrix, randomMatrix, randomVectors } from './testing/random-matrix.ts';
import { randomNumbers } from './testing/random-model.ts';
import { runKernel } from './testing/run-kernel.ts';

const EPSILON = 1e-5;
/** Room for whole tiles, as in the product. */
const ROOM = 128;

function constantsOf(matrix: RandomMatrix, role: MatrixRole, isNormed: boolean) {
  const { tileTokens, tileRows, tokensAThread } = gemmTuning(role);
  return {
    ...matrix.constants,
    IS_NORMED: isNormed,
    EPSILON: { float: EPSILON },
    TILE_TOKENS: tileTokens,
    TILE_ROWS: tileRows,
    TOKENS_A_THREAD: tokensAThread,
  };
}

function tiles(role: MatrixRole, rows: number, tokens: number): [number, number] {
  const { tileRows, tileTokens } = gemmTuning(role);
  return [Math.ceil(rows / tileRows), Math.ceil(tokens / tileTokens)];
}

const TYPES: readonly GgmlTypeName[] = ['Q4_0', 'Q4_1', 'Q8_0', 'F16', 'F32'];

test.each(TYPES)('a projection of %s that fills no tile is added to the residual stream', async (type) => {
  const random = randomNumbers(1);
  const [rows, width, tokens] = [70, type === 'F32' ? 112 : 96, 37];
  const matrix = randomMatrix(type, rows, width, random);
  const input = randomVectors(ROOM, width, random);
  const hidden = randomVectors(ROOM, rows, random);
  const results = await runKernel({
    kernel: 'residual-prefill',
    constants: { ...constantsOf(matrix, 'down', false), HIDDEN_STRIDE: hidden.stride, RESIDUAL_SCALE: { float: 0.5 } },
    format: matrix.format,
    bindings: [Uint32Array.of(0, tokens), input.padded, matrix.packed, hidden.padded],
    uniforms: [0],
    workgroups: tiles('down', rows, tokens),
  });
  const expected = hidden.padded.slice();
  for (let token = 0; token < tokens; token++) {
    const product = matrixVector(matrix.values, input.rows[token]!, rows);
    for (let row = 0; row < rows; row++) expected[token * hidden.stride + row]! += 0.5 * product[row]!;
  }
  // What lies beside and behind must be untouched.
  expectClose(results[3]!, expected);
});

test('gate and up norm, project and gate', async () => {
  const random = randomNumbers(2);
  const [size, width, tokens] = [45, 96, 65];
  const matrix = randomMatrix('Q4_1', 2 * size, width, random);
  const input = randomVectors(ROOM, width, random);
  const norm = randomVectors(1, width, random);
  const stride = 64;
  const results = await runKernel({
    kernel: 'gate-up-prefill',
    constants: { ...constantsOf(matrix, 'gateUp', true), GATED_STRIDE: stride },
    format: matrix.format,
    bindings: [Uint32Array.of(0, tokens), input.padded, norm.padded, matrix.packed, new Float32Array(ROOM * stride)],
    uniforms: [0],
    workgroups: tiles('gateUp', 2 * size, tokens),
  });
  const expected = new Float32Array(ROOM * stride);
  for (let token = 0; token < tokens; token++) {
    const both = matrixVector(matrix.values, rmsNorm(input.rows[token]!, norm.rows[0]!, EPSILON), 2 * size);
    for (let i = 0; i < size; i++) expected[token * stride + i] = silu(both[2 * i]!) * both[2 * i + 1]!;
  }
  expectClose(results[4]!, expected);
});

test('logits of every token', async () => {
  const random = randomNumbers(3);
  const [vocabulary, first, rows, width, tokens] = [150, 11, 131, 96, 3];
  const matrix = randomMatrix('Q8_0', rows, width, random);
  const input = randomVectors(ROOM, width, random);
  const norm = randomVectors(1, width, random);
  const results = await runKernel({
    kernel: 'head-prefill',
    constants: {
      ...constantsOf(matrix, 'head', true),
      LOGIT_SCALE: { float: 2 },
      VOCABULARY: vocabulary,
      FIRST_TOKEN: first,
    },
    format: matrix.format,
    bindings: [Uint32Array.of(0, tokens), input.padded, norm.padded, matrix.packed, new Float32Array(8 * vocabulary)],
    uniforms: [0],
    workgroups: tiles('head', rows, tokens),
  });
  const expected = new Float32Array(8 * vocabulary);
  for (let token = 0; token < tokens; token++) {
    const product = matrixVector(matrix.values, rmsNorm(input.rows[token]!, norm.rows[0]!, EPSILON), rows);
    product.forEach((value, row) => {
      expected[token * vocabulary + first + row] = 2 * value;
    });
  }
  expectClose(results[4]!, expected);
});

test.each([
  { headSize: 64, heads: 3, keyHeads: 3, turned: 64 },
  { headSize: 80, heads: 4, keyHeads: 2, turned: 40 },
])('heads of $headSize: projections, rope over $turned, and the append to the cache', async (shape) => {
  const { headSize, heads, keyHeads, turned } = shape;
  const random = randomNumbers(4);
  const [capacity, position, width, tokens] = [80, 13, 96, 66];
  const rows = (heads + 2 * keyHeads) * headSize;
  const matrix = randomMatrix('Q4_1', rows, width, random);
  const input = randomVectors(ROOM, width, random);
  const norm = randomVectors(1, width, random);
  const angleOf = (at: number, pair: number) => at * (pair + 1) * 0.01;
  const table = new Float32Array(capacity * turned);
  for (let at = 0; at < capacity; at++) {
    for (let pair = 0; pair < turned / 2; pair++) {
      table.set([Math.cos(angleOf(at, pair)), Math.sin(angleOf(at, pair))], at * turned + 2 * pair);
    }
  }
  const stride = Math.ceil((heads * headSize) / 32) * 32;
  const cache = keyHeads * capacity * headSize;
  const results = await runKernel({
    kernel: 'qkv-prefill',
    constants: {
      ...constantsOf(matrix, 'qkv', true),
      HEAD_SIZE: headSize,
      QUERY_WIDTH: heads * headSize,
      QUERY_QUADS: stride / 4,
      KEY_WIDTH: keyHeads * headSize,
      CAPACITY: capacity,
      ROPE_DIMENSIONS: turned,
      ATTENTION_SCALE: { float: 0.125 },
    },
    format: matrix.format,
    bindings: [
      Uint32Array.of(position, tokens),
      input.padded,
      norm.padded,
      matrix.packed,
      table,
      new Float32Array(ROOM * stride),
      new Float32Array(cache),
      new Float32Array(cache),
    ],
    uniforms: [0],
    workgroups: tiles('qkv', rows, tokens),
  });
  const queries = new Float32Array(ROOM * stride);
  const keys = new Float32Array(cache);
  const values = new Float32Array(cache);
  for (let token = 0; token < tokens; token++) {
    const at = position + token;
    const angles = Float32Array.from({ length: turned / 2 }, (_, pair) => angleOf(at, pair));
    const all = matrixVector(matrix.values, rmsNorm(input.rows[token]!, norm.rows[0]!, EPSILON), rows);
    const head = (index: number) => all.subarray(index * headSize, (index + 1) * headSize);
    for (let h = 0; h < heads; h++) {
      const turnedHead = rope(head(h), angles, 'interleaved').map((value) => value * 0.125);
      queries.set(turnedHead, token * stride + h * headSize);
    }
    for (let h = 0; h < keyHeads; h++) {
      const key = rope(head(heads + h), angles, 'interleaved');
      for (let d = 0; d < headSize; d++) {
        keys[(((h * headSize + d) >> 2) * capacity + at) * 4 + (d % 4)] = key[d]!;
      }
      values.set(head(heads + keyHeads + h), (h * capacity + at) * headSize);
    }
  }
  expectClose(results[5]!, queries);
  expectClose(results[6]!, keys);
  expectClose(results[7]!, values);
});

test.each([
  {
    headSize: 64,
    heads: 3,
    keyHeads: 1,
    tileQueries: 32,
    cases: [
      [0, 1],
      [0, 37],
      [45, 70],
    ],
  },
  { headSize: 80, heads: 2, keyHeads: 2, tileQueries: 24, cases: [[3, 50]] },
  { headSize: 96, heads: 2, keyHeads: 1, tileQueries: 20, cases: [[0, 41]] },
  { headSize: 128, heads: 2, keyHeads: 1, tileQueries: 16, cases: [[31, 33]] },
  { headSize: 256, heads: 1, keyHeads: 1, tileQueries: 8, cases: [[0, 20]] },
])('causal attention of a chunk, heads of $headSize', async ({ headSize, heads, keyHeads, tileQueries, cases }) => {
  const random = randomNumbers(5);
  const capacity = 130;
  const width = heads * headSize;
  const stride = Math.ceil(width / 32) * 32;
  const cache = keyHeads * capacity * headSize;
  const keys = Float32Array.from({ length: cache }, () => random() * 2 - 1);
  const values = Float32Array.from({ length: cache }, () => random() * 2 - 1);
  const queries = randomVectors(ROOM, width, random);
  for (const [position, tokens] of cases as [number, number][]) {
    const end = position + tokens;
    const clean = <T extends Float32Array>(from: T, at: (position: number, d: number, head: number) => number) => {
      const dirty = from.slice();
      for (let h = 0; h < keyHeads; h++) {
        for (let p = end; p < capacity; p++) for (let d = 0; d < headSize; d++) dirty[at(p, d, h)] = Number.NaN;
      }
      return dirty;
    };
    const keyAt = (p: number, d: number, h: number) => (((h * headSize + d) >> 2) * capacity + p) * 4 + (d % 4);
    const valueAt = (p: number, d: number, h: number) => (h * capacity + p) * headSize + d;
    const results = await runKernel({
      kernel: 'attention-prefill',
      constants: {
        HEADS_A_KEY: heads / keyHeads,
        HEAD_SIZE: headSize,
        QUERY_QUADS: stride / 4,
        CAPACITY: capacity,
        TILE_QUERIES: tileQueries,
        TILE_KEYS: 32,
      },
      bindings: [
        Uint32Array.of(position, tokens),
        queries.padded,
        clean(keys, keyAt),
        clean(values, valueAt),
        new Float32Array(ROOM * stride),
      ],
      uniforms: [0],
      workgroups: [Math.ceil(tokens / tileQueries), heads],
    });
    const expected = new Float32Array(ROOM * stride);
    for (let h = 0; h < heads; h++) {
      const own = Math.floor(h / (heads / keyHeads));
      const gather = (from: Float32Array, at: (p: number, d: number, head: number) => number) =>
        Float32Array.from({ length: end * headSize }, (_, i) => from[at(Math.floor(i / headSize), i % headSize, own)]!);
      const [ownKeys, ownValues] = [gather(keys, keyAt), gather(values, valueAt)];
      for (let token = 0; token < tokens; token++) {
        const query = queries.rows[token]!.subarray(h * headSize, (h + 1) * headSize);
        expected.set(attention(query, ownKeys, ownValues, position + token + 1, 1), token * stride + h * headSize);
      }
    }
    expectClose(results[4]!, expected);
  }
  expect(cases.length).toBeGreaterThan(0);
});
