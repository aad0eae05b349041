import { expect, test } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/index.ts';
import { attention, matrixVector, rmsNorm, rope, silu } from '../reference/index.ts';
import { gemmTuning, type MatrixRole } from './matrix-tuning.ts';
import { expectClose } from './testing/expect-close.ts';
import { type RandomMatrix, randomMatrix, randomVectors } from './testing/random-matrix.ts';
import { randomNumbers } from './testing/random-model.ts';
import { runKernel } from './testing/run-kernel.ts';
import { testScratch } from './testing/scratch.ts';

const EPSILON = 1e-5;
/** Room for whole tiles, as in the product. */
const ROOM = 128;

function constantsOf(matrix: RandomMatrix, role: MatrixRole) {
  const { tileTokens, tileRows, tokensAThread } = gemmTuning(role);
  return {
    ...matrix.constants,
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

const TYPES: readonly GgmlTypeName[] = ['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0', 'Q4_K', 'Q5_K', 'Q6_K', 'F16', 'F32'];

test.each(TYPES)('a projection of %s that fills no tile is added to the residual stream', async (type) => {
  const random = randomNumbers(1);
  const [rows, width, tokens] = [70, type === 'F32' ? 112 : type.endsWith('K') ? 256 : 96, 37];
  const bias = randomVectors(1, rows, random).rows[0]!;
  const matrix = randomMatrix(type, rows, width, random, { bias });
  const input = randomVectors(ROOM, width, random);
  const hidden = randomVectors(ROOM, rows, random);
  const scratch = testScratch([0, tokens], { INPUT_AT: input.padded, OUTPUT_AT: hidden.padded });
  const [result] = await runKernel({
    kernel: 'project-prefill',
    constants: {
      ...constantsOf(matrix, 'down'),
      ...scratch.constants,
      OUTPUT_QUADS: hidden.stride / 4,
      OUTPUT_SCALE: { float: 0.5 },
      IS_ADDED: true,
    },
    format: matrix.format,
    bindings: [scratch.words, matrix.packed],
    workgroups: tiles('down', rows, tokens),
  });
  const expected = hidden.padded.slice();
  for (let token = 0; token < tokens; token++) {
    const product = matrixVector(matrix.values, input.rows[token]!, rows);
    for (let row = 0; row < rows; row++) expected[token * hidden.stride + row]! += 0.5 * (product[row]! + bias[row]!);
  }
  // What lies beside and behind must be untouched.
  expectClose(scratch.read(result!, 'OUTPUT_AT', expected.length), expected);
});

test.each([true, false])('gate and up norm, project and gate, with a gate: %s', async (hasGate) => {
  const random = randomNumbers(2);
  const [size, width, tokens] = [44, 96, 65];
  const rows = hasGate ? 2 * size : size;
  const norm = randomVectors(1, width, random).padded;
  const gatePlace = (row: number) => row + 4 * Math.floor(row / 4);
  const placeOf = (row: number) => (row < size ? gatePlace(row) : gatePlace(row - size) + 4);
  const matrix = randomMatrix('Q4_1', rows, width, random, { norm, ...(hasGate ? { placeOf } : {}) });
  const input = randomVectors(ROOM, width, random);
  const stride = 64;
  const scratch = testScratch([0, tokens], { INPUT_AT: input.padded, GATED_AT: ROOM * stride });
  const [result] = await runKernel({
    kernel: 'gate-up-prefill',
    constants: {
      ...constantsOf(matrix, 'gateUp'),
      ...scratch.constants,
      GATED_QUADS: stride / 4,
      HAS_GATE: hasGate,
      ACTIVATION: 0,
    },
    format: matrix.format,
    bindings: [scratch.words, matrix.packed],
    workgroups: tiles('gateUp', rows, tokens),
  });
  const expected = new Float32Array(ROOM * stride);
  for (let token = 0; token < tokens; token++) {
    const both = matrixVector(matrix.values, rmsNorm(input.rows[token]!, norm, EPSILON), rows);
    for (let i = 0; i < size; i++) expected[token * stride + i] = silu(both[i]!) * (hasGate ? both[size + i]! : 1);
  }
  expectClose(scratch.read(result!, 'GATED_AT', expected.length), expected);
});

test('logits of every token of a tile', async () => {
  const random = randomNumbers(3);
  const [vocabulary, first, rows, width, from, tokens] = [150, 11, 131, 96, 64, 3];
  const norm = randomVectors(1, width, random).padded;
  const matrix = randomMatrix('Q8_0', rows, width, random, { norm });
  const input = randomVectors(ROOM, width, random);
  const scratch = testScratch([0, 70], { INPUT_AT: input.padded });
  const results = await runKernel({
    kernel: 'head-prefill',
    constants: {
      ...constantsOf(matrix, 'head'),
      ...scratch.constants,
      LOGIT_SCALE: { float: 2 },
      LOGIT_CAP: { float: 0 },
      VOCABULARY: vocabulary,
      FIRST_ROW: first,
    },
    format: matrix.format,
    bindings: [scratch.words, matrix.packed, new Float32Array(8 * vocabulary), Uint32Array.of(from, tokens, 0, 0)],
    uniforms: [3],
    workgroups: tiles('head', rows, tokens),
  });
  const expected = new Float32Array(8 * vocabulary);
  for (let token = 0; token < tokens; token++) {
    const product = matrixVector(matrix.values, rmsNorm(input.rows[from + token]!, norm, EPSILON), rows);
    product.forEach((value, row) => {
      expected[token * vocabulary + first + row] = 2 * value;
    });
  }
  expectClose(results[2]!, expected);
});

test.each([
  { headSize: 64, heads: 3, keyHeads: 3, turned: 64 },
  { headSize: 80, heads: 4, keyHeads: 2, turned: 40 },
])('heads of $headSize: projections, rope over $turned, and the append to the cache', async (shape) => {
  const { headSize, heads, keyHeads, turned } = shape;
  const random = randomNumbers(4);
  const [capacity, position, width, tokens] = [80, 13, 96, 66];
  const rows = (heads + 2 * keyHeads) * headSize;
  const norm = randomVectors(1, width, random).padded;
  const matrix = randomMatrix('Q4_1', rows, width, random, { norm });
  const input = randomVectors(ROOM, width, random);
  const angleOf = (at: number, pair: number) => at * (pair + 1) * 0.01;
  const table = new Float32Array(ROOM * turned);
  for (let token = 0; token < tokens; token++) {
    for (let pair = 0; pair < turned / 2; pair++) {
      const angle = angleOf(position + token, pair);
      table.set([Math.cos(angle), Math.sin(angle)], token * turned + 2 * pair);
    }
  }
  const stride = Math.ceil((heads * headSize) / 32) * 32;
  const half = keyHeads * capacity * headSize;
  const scratch = testScratch([position, tokens], {
    INPUT_AT: input.padded,
    ANGLES_AT: table,
    QUERIES_AT: ROOM * stride,
  });
  const [result, , cache] = await runKernel({
    kernel: 'qkv-prefill',
    cache: 'f32',
    constants: {
      ...constantsOf(matrix, 'qkv'),
      ...scratch.constants,
      CACHE_BINDING: 2,
      HEAD_SIZE: headSize,
      QUERY_WIDTH: heads * headSize,
      QUERY_QUADS: stride / 4,
      KEY_WIDTH: keyHeads * headSize,
      CAPACITY: capacity,
      ROPE_DIMENSIONS: turned,
      ROPE_AT: 0,
      ANGLE_QUADS: turned / 4,
      ATTENTION_SCALE: { float: 0.125 },
    },
    format: matrix.format,
    bindings: [scratch.words, matrix.packed, new Float32Array(2 * half)],
    workgroups: tiles('qkv', rows, tokens),
  });
  const queries = new Float32Array(ROOM * stride);
  const expected = new Float32Array(2 * half);
  for (let token = 0; token < tokens; token++) {
    const at = position + token;
    const angles = Float32Array.from({ length: turned / 2 }, (_, pair) => angleOf(at, pair));
    const all = matrixVector(matrix.values, rmsNorm(input.rows[token]!, norm, EPSILON), rows);
    const head = (index: number) => all.subarray(index * headSize, (index + 1) * headSize);
    for (let h = 0; h < heads; h++) {
      const turnedHead = rope(head(h), angles, 'interleaved').map((value) => value * 0.125);
      queries.set(turnedHead, token * stride + h * headSize);
    }
    for (let h = 0; h < keyHeads; h++) {
      const key = rope(head(heads + h), angles, 'interleaved');
      for (let d = 0; d < headSize; d++) {
        expected[(((h * headSize + d) >> 2) * capacity + at) * 4 + (d % 4)] = key[d]!;
      }
      expected.set(head(heads + keyHeads + h), half + (h * capacity + at) * headSize);
    }
  }
  expectClose(scratch.read(result!, 'QUERIES_AT', queries.length), queries);
  expectClose(cache!, expected);
});

test.each([
  {
    headSize: 64,
    heads: 3,
    keyHeads: 1,
    tileQueries: 16,
    tileKeys: 32,
    cases: [
      [0, 1],
      [0, 37],
      [45, 70],
    ],
  },
  { headSize: 80, heads: 2, keyHeads: 2, tileQueries: 16, tileKeys: 16, cases: [[3, 50]] },
  { headSize: 96, heads: 2, keyHeads: 1, tileQueries: 16, tileKeys: 16, cases: [[0, 41]], cap: 1.5 },
  { headSize: 128, heads: 2, keyHeads: 1, tileQueries: 8, tileKeys: 16, cases: [[31, 33]], window: 11 },
  { headSize: 256, heads: 1, keyHeads: 1, tileQueries: 4, tileKeys: 8, cases: [[0, 20]] },
])('causal attention of a chunk, heads of $headSize', async (shape) => {
  const { headSize, heads, keyHeads, tileQueries, tileKeys, cases, window, cap } = shape;
  const random = randomNumbers(5);
  const capacity = 130;
  const width = heads * headSize;
  const stride = Math.ceil(width / 32) * 32;
  const half = keyHeads * capacity * headSize;
  const clean = Float32Array.from({ length: 2 * half }, () => random() * 2 - 1);
  const queries = randomVectors(ROOM, width, random);
  const keyAt = (p: number, d: number, h: number) => (((h * headSize + d) >> 2) * capacity + p) * 4 + (d % 4);
  const valueAt = (p: number, d: number, h: number) => half + (h * capacity + p) * headSize + d;
  for (const [position, tokens] of cases as [number, number][]) {
    const end = position + tokens;
    const cache = clean.slice();
    for (let h = 0; h < keyHeads; h++) {
      for (let p = end; p < capacity; p++) {
        for (let d = 0; d < headSize; d++) {
          cache[keyAt(p, d, h)] = Number.NaN;
          cache[valueAt(p, d, h)] = Number.NaN;
        }
      }
    }
    const scratch = testScratch([position, tokens], { QUERIES_AT: queries.padded, ATTENDED_AT: ROOM * stride });
    const [result] = await runKernel({
      kernel: 'attention-prefill',
      cache: 'f32',
      constants: {
        ...scratch.constants,
        CACHE_BINDING: 1,
        HEADS_A_KEY: heads / keyHeads,
        HEAD_SIZE: headSize,
        KEY_WIDTH: keyHeads * headSize,
        QUERY_QUADS: stride / 4,
        CAPACITY: capacity,
        TILE_QUERIES: tileQueries,
        TILE_KEYS: tileKeys,
        WINDOW: window ?? 0,
        SCORE_CAP: { float: cap ?? 0 },
      },
      bindings: [scratch.words, cache],
      workgroups: [Math.ceil(tokens / tileQueries), heads],
    });
    const expected = new Float32Array(ROOM * stride);
    for (let h = 0; h < heads; h++) {
      const own = Math.floor(h / (heads / keyHeads));
      const gather = (from: number, to: number, at: typeof keyAt) =>
        Float32Array.from(
          { length: (to - from) * headSize },
          (_, i) => clean[at(from + Math.floor(i / headSize), i % headSize, own)]!,
        );
      for (let token = 0; token < tokens; token++) {
        const query = queries.rows[token]!.subarray(h * headSize, (h + 1) * headSize);
        const last = position + token + 1;
        const first = window === undefined ? 0 : Math.max(0, last - window);
        const mixed = attention(query, gather(first, last, keyAt), gather(first, last, valueAt), last - first, 1, cap);
        expected.set(mixed, token * stride + h * headSize);
      }
    }
    expectClose(scratch.read(result!, 'ATTENDED_AT', expected.length), expected);
  }
  expect(cases.length).toBeGreaterThan(0);
});
