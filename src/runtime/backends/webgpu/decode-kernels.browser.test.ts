import { describe, expect, test } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/index.ts';
import type { Activation } from '../../architectures/index.ts';
import { attention, matrixVector, rmsNorm, rope } from '../reference/index.ts';
import { activate } from '../reference/operations.ts';
import { type MatrixRole, matvecTuning } from './matrix-tuning.ts';
import { expectClose } from './testing/expect-close.ts';
import { type RandomMatrix, randomMatrix, randomVectors } from './testing/random-matrix.ts';
import { randomNumbers } from './testing/random-model.ts';
import { runKernel } from './testing/run-kernel.ts';
import { testScratch } from './testing/scratch.ts';

const EVEN_WIDTHS: readonly GgmlTypeName[] = ['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0', 'IQ4_NL', 'MXFP4', 'F16', 'F32'];
const WHOLE_256S: readonly GgmlTypeName[] = ['Q1_0', 'Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K', 'TQ1_0', 'TQ2_0'];
const EPSILON = 1e-5;
const ACTIVATIONS: readonly Activation[] = ['silu', 'gelu', 'relu', 'relu-squared'];

function constantsOf(matrix: RandomMatrix, role: MatrixRole) {
  const { parts, lanes, rowGroups, rowsAThread } = matvecTuning(role, matrix.columns);
  return {
    ...matrix.constants,
    PARTS: parts,
    LANES: lanes,
    ROW_GROUPS: rowGroups,
    ROWS_A_THREAD: rowsAThread,
    TILE_ROWS: rowGroups * rowsAThread,
    EPSILON: { float: EPSILON },
  };
}

const tiles = ({ rows, columns }: RandomMatrix, role: MatrixRole): [number, number] => {
  const { rowGroups, rowsAThread } = matvecTuning(role, columns);
  return [Math.ceil(rows / (rowGroups * rowsAThread)), 1];
};

const wordOf = (floats: Float32Array, at = 0) => new Uint32Array(floats.buffer, floats.byteOffset)[at]!;

test.each([...EVEN_WIDTHS, ...WHOLE_256S])('embed reads rows of %s, and the angles of the positions', async (type) => {
  const random = randomNumbers(1);
  const width = WHOLE_256S.includes(type) ? 512 : 96;
  const matrix = randomMatrix(type, 37, width, random);
  const tokens = [36, 0, 17, 40];
  const scratch = testScratch([1, 4], {
    TOKENS_AT: new Float32Array(Uint32Array.from(tokens).buffer),
    ANGLES_AT: 16,
    HIDDEN_AT: 4 * width,
  });
  const rope = Float32Array.from({ length: 5 * 4 }, (_, i) => i);
  const [result] = await runKernel({
    kernel: 'embed',
    constants: {
      ...matrix.constants,
      ...scratch.constants,
      WORKGROUP: 64,
      ANGLE_QUADS: 1,
      FETCHES_ANGLES: true,
      IS_BY_POSITION: false,
      IS_ADDED: false,
      OUTPUT_SCALE: { float: 2 },
    },
    format: matrix.format,
    bindings: [scratch.words, matrix.packed, rope],
    workgroups: [4, 1],
  });
  const rows = tokens.slice(0, 3).flatMap((token) => [...matrix.values.subarray(token * width, (token + 1) * width)]);
  // The last token is of another part of the table: its row stays as it is.
  const expected = [...rows.map((value) => 2 * value), ...new Array<number>(width).fill(0)];
  expectClose(scratch.read(result!, 'HIDDEN_AT', 4 * width), expected, 1e-5);
  expectClose(scratch.read(result!, 'ANGLES_AT', 16), rope.subarray(4), 0);
});

test.each([
  ...EVEN_WIDTHS.flatMap((type) => ([96, 1568] as const).map((width) => [type, width] as const)),
  ...WHOLE_256S.flatMap((type) => ([256, 3328] as const).map((width) => [type, width] as const)),
])('rows of %s, %d wide, that fill no tile are added to the residual stream', async (type, width) => {
  const random = randomNumbers(3);
  const bias = randomVectors(1, 37, random).padded.subarray(0, 37);
  const matrix = randomMatrix(type, 37, width, random, { bias });
  const input = randomVectors(1, width, random);
  const hidden = randomVectors(1, 37, random);
  const scratch = testScratch([], { INPUT_AT: input.padded, OUTPUT_AT: hidden.padded });
  const [result] = await runKernel({
    kernel: 'project-decode',
    constants: { ...constantsOf(matrix, 'down'), ...scratch.constants, IS_ADDED: true, OUTPUT_SCALE: { float: 0.5 } },
    format: matrix.format,
    bindings: [scratch.words, matrix.packed],
    workgroups: tiles(matrix, 'down'),
  });
  const product = matrixVector(matrix.values, input.rows[0]!, 37);
  const expected = new Float32Array(64);
  product.forEach((value, i) => {
    expected[i] = hidden.rows[0]![i]! + 0.5 * (value + bias[i]!);
  });
  expectClose(scratch.read(result!, 'OUTPUT_AT', 64), expected);
});

describe('gate and up', () => {
  const gatePlace = (row: number) => row + 4 * Math.floor(row / 4);
  test.each(ACTIVATIONS.flatMap((activation) => [true, false].map((hasGate) => [activation, hasGate] as const)))(
    'norm, project and apply %s, with a gate: %s',
    async (activation, hasGate) => {
      const random = randomNumbers(4);
      // A width that only floats can have: the last block of a row is half empty.
      const [width, size] = [112, 20];
      const norm = randomVectors(1, width, random).padded;
      const rows = hasGate ? 2 * size : size;
      // The first half of the rows are gates, the second ups.
      const placeOf = hasGate
        ? (row: number) => (row < size ? gatePlace(row) : gatePlace(row - size) + 4)
        : (row: number) => row;
      const matrix = randomMatrix('F32', rows, width, random, { norm, placeOf });
      const input = randomVectors(1, width, random);
      const scratch = testScratch([], { INPUT_AT: input.padded, GATED_AT: 32 });
      const [result] = await runKernel({
        kernel: 'gate-up-decode',
        constants: {
          ...constantsOf(matrix, 'gateUp'),
          ...scratch.constants,
          HAS_GATE: hasGate,
          ACTIVATION: ACTIVATIONS.indexOf(activation),
        },
        format: matrix.format,
        bindings: [scratch.words, matrix.packed],
        workgroups: tiles(matrix, 'gateUp'),
      });
      const normed = rmsNorm(input.rows[0]!, norm.subarray(0, width), EPSILON);
      const both = matrixVector(matrix.values, normed, rows);
      const expected = new Float32Array(32);
      for (let i = 0; i < size; i++) {
        expected[i] = activate(activation, both[i]!) * (hasGate ? both[size + i]! : 1);
      }
      expectClose(scratch.read(result!, 'GATED_AT', 32), expected);
    },
  );

  test('a gate far below zero gives zero, not a number that is none', async () => {
    const weights = new Float32Array(8 * 32);
    weights[0] = -1e6;
    weights[4 * 32] = 1;
    const matrix = randomMatrix('F32', 8, 32, randomNumbers(5));
    const scratch = testScratch([], { INPUT_AT: new Float32Array(32).fill(1), GATED_AT: new Float32Array(4).fill(7) });
    const [result] = await runKernel({
      kernel: 'gate-up-decode',
      constants: { ...constantsOf(matrix, 'gateUp'), ...scratch.constants, HAS_GATE: true, ACTIVATION: 0 },
      format: 'f32',
      bindings: [scratch.words, weights],
      workgroups: [1, 1],
    });
    expectClose(scratch.read(result!, 'GATED_AT', 1), [0], 1e-20);
  });
});

test.each([
  [64, 64],
  [80, 80],
  [96, 48],
  [256, 256],
])('heads of %d values: projections, rope over %d of them, and the append to the cache', async (headSize, turned) => {
  const random = randomNumbers(6);
  const [heads, keyHeads, capacity, position, width] = [3, 1, 9, 7, 96];
  const norm = randomVectors(1, width, random).padded;
  const matrix = randomMatrix('Q4_1', (heads + 2 * keyHeads) * headSize, width, random, { norm });
  const input = randomVectors(1, width, random);
  const angles = Float32Array.from({ length: turned / 2 }, () => random() * 6);
  const table = Float32Array.from({ length: turned }, (_, i) => (i % 2 === 0 ? Math.cos : Math.sin)(angles[i >> 1]!));
  const scratch = testScratch([position], { INPUT_AT: input.padded, ANGLES_AT: table, QUERIES_AT: heads * headSize });
  const half = keyHeads * capacity * headSize;
  const [result, , cache] = await runKernel({
    kernel: 'qkv-decode',
    cache: 'f32',
    constants: {
      ...constantsOf(matrix, 'qkv'),
      ...scratch.constants,
      CACHE_BINDING: 2,
      HEAD_SIZE: headSize,
      QUERY_WIDTH: heads * headSize,
      KEY_WIDTH: keyHeads * headSize,
      CAPACITY: capacity,
      ROPE_DIMENSIONS: turned,
      ROPE_AT: 0,
      ANGLE_QUADS: turned / 4,
      ATTENTION_SCALE: { float: 0.125 },
    },
    format: matrix.format,
    bindings: [scratch.words, matrix.packed, new Float32Array(2 * half).fill(9)],
    workgroups: tiles(matrix, 'qkv'),
  });
  const all = matrixVector(matrix.values, rmsNorm(input.rows[0]!, norm.subarray(0, width), EPSILON), matrix.rows);
  const head = (index: number) => all.subarray(index * headSize, (index + 1) * headSize);
  const queries = Array.from({ length: heads }, (_, h) => [...rope(head(h), angles, 'interleaved')]).flat();
  expectClose(
    scratch.read(result!, 'QUERIES_AT', heads * headSize),
    queries.map((value) => value * 0.125),
  );
  const key = rope(head(heads), angles, 'interleaved');
  const expected = new Float32Array(2 * half).fill(9);
  for (let d = 0; d < headSize; d++) {
    expected[(Math.floor(d / 4) * capacity + position) * 4 + (d % 4)] = key[d]!;
    expected[half + position * headSize + d] = head(heads + 1)[d]!;
  }
  expectClose(cache!, expected);
});

test.each([
  { headSize: 64, heads: 9, keyHeads: 3, groupHeads: 3, tile: 64, positions: [1, 64, 65, 700] },
  { headSize: 80, heads: 4, keyHeads: 4, groupHeads: 1, tile: 32, positions: [5] },
  { headSize: 96, heads: 8, keyHeads: 1, groupHeads: 4, tile: 32, positions: [70] },
  { headSize: 256, heads: 4, keyHeads: 2, groupHeads: 2, tile: 32, positions: [40], cap: 2 },
  { headSize: 64, heads: 2, keyHeads: 1, groupHeads: 2, tile: 64, positions: [30, 600], window: 200 },
])('attention over splits and the output projection: $heads heads of $headSize at $positions', async (shape) => {
  const { headSize, heads, keyHeads, groupHeads, tile, window, cap } = shape;
  const [splits, capacity, rows] = [8, 701, 21];
  const random = randomNumbers(7);
  const width = heads * headSize;
  const matrix = randomMatrix('Q8_0', rows, width, random);
  const queries = randomVectors(1, width, random).rows[0]!.map((value) => value * 0.3);
  const half = keyHeads * capacity * headSize;
  const clean = Float32Array.from({ length: 2 * half }, () => random() * 2 - 1);
  const keyAt = (head: number, position: number, d: number) =>
    ((head * headSize + d - (d % 4)) / 4) * capacity * 4 + position * 4 + (d % 4);
  const valueAt = (head: number, position: number, d: number) => half + (head * capacity + position) * headSize + d;
  for (const positions of shape.positions) {
    // What lies behind the last position must not be looked at.
    const cache = clean.slice();
    for (let head = 0; head < keyHeads; head++) {
      for (let at = positions; at < capacity; at++) {
        for (let d = 0; d < headSize; d++) {
          cache[keyAt(head, at, d)] = Number.NaN;
          cache[valueAt(head, at, d)] = Number.NaN;
        }
      }
    }
    const scratch = testScratch([positions - 1], {
      QUERIES_AT: queries,
      SPLIT_VALUES_AT: splits * width,
      SPLIT_STATS_AT: splits * heads * 4,
      ATTENDED_AT: Math.ceil(width / 32) * 32,
      OUTPUT_AT: new Float32Array(32).fill(1),
    });
    const constants = {
      ...scratch.constants,
      HEADS: heads,
      HEADS_A_KEY: heads / keyHeads,
      HEAD_SIZE: headSize,
      KEY_WIDTH: keyHeads * headSize,
      CAPACITY: capacity,
      CACHE_BINDING: 1,
      SPLITS: splits,
      SPLIT_TILE: tile,
      WINDOW: window ?? 0,
      SCORE_CAP: { float: cap ?? 0 },
    };
    const [split] = await runKernel({
      kernel: 'attention-decode',
      cache: 'f32',
      constants: { ...constants, GROUP_HEADS: groupHeads, WORKGROUP: 128 },
      bindings: [scratch.words, cache],
      workgroups: [splits, heads / groupHeads],
    });
    const [fused] = await runKernel({
      kernel: 'attention-output-decode',
      constants: { ...constants, ...constantsOf(matrix, 'output'), IS_ADDED: true, OUTPUT_SCALE: { float: 2 } },
      format: matrix.format,
      bindings: [split!, matrix.packed],
      workgroups: tiles(matrix, 'output'),
    });
    const [apart] = await runKernel({
      kernel: 'attention-join-decode',
      constants: { ...constants, WORKGROUP: 64 },
      bindings: [split!],
      workgroups: [Math.ceil(width / 256), 1],
    });
    const first = window === undefined ? 0 : Math.max(0, positions - window);
    const seen = positions - first;
    const attended = Array.from({ length: heads }, (_, head) => {
      const keyHead = Math.floor(head / (heads / keyHeads));
      const gather = (at: typeof keyAt) =>
        Float32Array.from(
          { length: seen * headSize },
          (_, i) => clean[at(keyHead, first + Math.floor(i / headSize), i % headSize)]!,
        );
      const own = queries.subarray(head * headSize, (head + 1) * headSize);
      return [...attention(own, gather(keyAt), gather(valueAt), seen, 1, cap)];
    }).flat();
    const expected = matrixVector(matrix.values, attended, rows).map((value) => 1 + 2 * value);
    expectClose(scratch.read(fused!, 'OUTPUT_AT', rows), expected);
    expectClose(scratch.read(apart!, 'ATTENDED_AT', width), attended);
  }
});

const CANDIDATES = 8;
/** What a choice reads and writes besides. */
const CHOICE = { PENALTIES_AT: 4, RECENT_AT: 64, RESULTS_AT: 64 };
const CHOICE_CONSTANTS = { WORKGROUP: 256, RESULT_SLOTS: 16, IS_PENALISED: false, TILE_ROWS: 32, VOCABULARY: 131 };

test('the head leaves all logits, and the likeliest token is chosen', async () => {
  const random = randomNumbers(8);
  const [rows, width] = [131, 96];
  const norm = randomVectors(1, width, random).padded;
  const matrix = randomMatrix('Q8_0', rows, width, random, { norm });
  const input = randomVectors(1, width, random);
  const scratch = testScratch([5, 1], {
    INPUT_AT: input.padded,
    TOKENS_AT: 4,
    CANDIDATES_AT: 4 * CANDIDATES,
    ...CHOICE,
  });
  const [workgroups] = tiles(matrix, 'head');
  const [left, , logits] = await runKernel({
    kernel: 'head-decode',
    constants: {
      ...constantsOf(matrix, 'head'),
      ...scratch.constants,
      LOGIT_SCALE: { float: 3 },
      LOGIT_CAP: { float: 4 },
      FIRST_ROW: 0,
    },
    format: matrix.format,
    bindings: [scratch.words, matrix.packed, new Float32Array(132)],
    workgroups: [workgroups, 1],
  });
  const product = matrixVector(matrix.values, rmsNorm(input.rows[0]!, norm.subarray(0, width), EPSILON), rows);
  const expected = product.map((value) => 4 * Math.tanh((3 * value) / 4));
  expectClose(logits!.subarray(0, rows), expected);
  const [chosen] = await runKernel({
    kernel: 'choose',
    constants: { ...scratch.constants, ...CHOICE_CONSTANTS, CANDIDATES: workgroups },
    bindings: [left!, logits!],
    workgroups: [1, 1],
  });
  expect(wordOf(scratch.read(chosen!, 'TOKENS_AT', 1))).toBe(expected.indexOf(Math.max(...expected)));
  expect([wordOf(chosen!), wordOf(chosen!, 1)]).toEqual([6, 1]);
});

test.each([
  { name: 'of equals the lowest', logits: [1, 7, 3, 7], token: 65 },
  { name: 'all below zero', logits: [-5, -2, -9, -2.5], token: 65 },
  { name: 'one is not a number', logits: [1, Number.NaN, 3, 2], token: 0xffffffff },
  { name: 'one is infinite', logits: [1, 2, Number.POSITIVE_INFINITY, 2], token: 0xffffffff },
])('the choice among candidates: $name', async ({ logits, token }) => {
  // One weight a row and an input of one make the logits what they should be.
  const weights = new Float32Array(4 * 32);
  logits.forEach((logit, row) => {
    weights[row * 32] = logit;
  });
  const one = new Float32Array(32);
  one[0] = 1;
  const matrix = randomMatrix('F32', 4, 32, randomNumbers(9));
  const scratch = testScratch([0, 1], { INPUT_AT: one, TOKENS_AT: 4, CANDIDATES_AT: 4 * CANDIDATES, ...CHOICE });
  const [left] = await runKernel({
    kernel: 'head-decode',
    constants: {
      ...constantsOf(matrix, 'head'),
      ...scratch.constants,
      LOGIT_SCALE: { float: 1 },
      LOGIT_CAP: { float: 0 },
      FIRST_ROW: 64,
    },
    format: 'f32',
    bindings: [scratch.words, weights, new Float32Array(68)],
    workgroups: [1, 1],
  });
  const [chosen] = await runKernel({
    kernel: 'choose',
    // The part before it left nothing better.
    constants: {
      ...scratch.constants,
      CANDIDATES_AT: Number(scratch.constants['CANDIDATES_AT']) + 2,
      ...CHOICE_CONSTANTS,
      CANDIDATES: 1,
    },
    bindings: [left!, new Float32Array(68)],
    workgroups: [1, 1],
  });
  expect(wordOf(scratch.read(chosen!, 'TOKENS_AT', 1))).toBe(token);
});
