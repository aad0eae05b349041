import { expect, test } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/index.ts';
import { attention, matrixVector, rmsNorm, rope, silu } from '../reference/index.ts';
import { type MatvecTuning, matvecTuning } from './matrix-tuning.ts';
import { expectClose } from './testing/expect-close.ts';
import { type RandomMatrix, randomMatrix, randomVectors } from './testing/random-matrix.ts';
import { randomNumbers } from './testing/random-model.ts';
import { runKernel } from './testing/run-kernel.ts';

const TYPES: readonly GgmlTypeName[] = ['Q4_0', 'Q4_1', 'Q8_0', 'F16', 'F32'];
const EPSILON = 1e-5;

function tuningConstants({ unitsALoad, threadsARow, rowGroups, rowsAThread }: MatvecTuning) {
  return {
    UNITS_A_LOAD: unitsALoad,
    THREADS_A_ROW: threadsARow,
    ROW_GROUPS: rowGroups,
    ROWS_A_THREAD: rowsAThread,
    TILE_ROWS: rowGroups * rowsAThread,
  };
}

function constantsOf(matrix: RandomMatrix, tuning: MatvecTuning) {
  return { ...matrix.constants, ...tuningConstants(tuning), EPSILON: { float: EPSILON } };
}

const tiles = (rows: number, { rowGroups, rowsAThread }: MatvecTuning): [number, number] => [
  Math.ceil(rows / (rowGroups * rowsAThread)),
  1,
];

test.each(TYPES)('embed reads rows of %s', async (type) => {
  const random = randomNumbers(1);
  const matrix = randomMatrix(type, 37, 96, random);
  const tokens = [36, 0, 17];
  const [, , hidden] = await runKernel({
    kernel: 'embed',
    constants: { ...matrix.constants, WORKGROUP: 64, FIRST_TOKEN: 0, EMBEDDING_SCALE: { float: 2 } },
    format: matrix.format,
    bindings: [Uint32Array.from(tokens), matrix.packed, new Float32Array(3 * 96)],
    workgroups: [3, 1],
  });
  const expected = tokens.flatMap((token) => [...matrix.values.subarray(token * 96, token * 96 + 96)]);
  expectClose(
    hidden!,
    expected.map((value) => 2 * value),
    1e-6,
  );
});

test('embed leaves tokens of another part of the table alone', async () => {
  const matrix = randomMatrix('F32', 8, 32, randomNumbers(2));
  const [, , hidden] = await runKernel({
    kernel: 'embed',
    constants: { ...matrix.constants, WORKGROUP: 64, FIRST_TOKEN: 64, EMBEDDING_SCALE: { float: 1 } },
    format: 'f32',
    bindings: [Uint32Array.of(63, 71, 72), matrix.packed, new Float32Array(96).fill(5)],
    workgroups: [3, 1],
  });
  expectClose(hidden!.subarray(0, 32), new Float32Array(32).fill(5), 0);
  expectClose(hidden!.subarray(32, 64), matrix.values.subarray(7 * 32), 0);
  expectClose(hidden!.subarray(64), new Float32Array(32).fill(5), 0);
});

test.each(TYPES.flatMap((type) => ([576, 2048] as const).map((hidden) => [type, hidden] as const)))(
  'down adds %s rows that fill no tile to the residual stream, tuned for %d',
  async (type, hiddenSize) => {
    const random = randomNumbers(3);
    const matrix = randomMatrix(type, 37, 1568, random);
    const gated = randomVectors(1, 1568, random);
    const hidden = randomVectors(1, 37, random);
    const tuning = matvecTuning('down', hiddenSize);
    const results = await runKernel({
      kernel: 'down-decode',
      constants: { ...constantsOf(matrix, tuning), RESIDUAL_SCALE: { float: 0.5 } },
      format: matrix.format,
      bindings: [gated.padded, matrix.packed, hidden.padded],
      workgroups: tiles(37, tuning),
    });
    const product = matrixVector(matrix.values, gated.rows[0]!, 37);
    expectClose(
      results[2]!.subarray(0, 37),
      product.map((value, i) => hidden.rows[0]![i]! + 0.5 * value),
    );
    expectClose(results[2]!.subarray(37), new Float32Array(27), 0);
  },
);

test.each(['Q4_1', 'F32'] as const)('gate and up norm, project and gate with %s', async (type) => {
  const random = randomNumbers(4);
  // A width that only floats can have: the last block of a row is half empty.
  const width = type === 'F32' ? 112 : 96;
  const matrix = randomMatrix(type, 2 * 21, width, random);
  const hidden = randomVectors(1, width, random);
  const norm = randomVectors(1, width, random);
  const tuning = matvecTuning('gateUp', 576);
  const results = await runKernel({
    kernel: 'gate-up-decode',
    constants: constantsOf(matrix, tuning),
    format: matrix.format,
    bindings: [hidden.padded, norm.padded, matrix.packed, new Float32Array(32)],
    workgroups: tiles(42, tuning),
  });
  const both = matrixVector(matrix.values, rmsNorm(hidden.rows[0]!, norm.rows[0]!, EPSILON), 42);
  const expected = Array.from({ length: 21 }, (_, i) => silu(both[2 * i]!) * both[2 * i + 1]!);
  expectClose(results[3]!.subarray(0, 21), expected);
  expectClose(results[3]!.subarray(21), new Float32Array(11), 0);
});

test('a gate far below zero gives zero, not a number that is none', async () => {
  const matrix = { ...randomMatrix('F32', 2, 32, randomNumbers(5)) };
  const weights = new Float32Array(64);
  weights[0] = -1e6;
  weights[32] = 1;
  const tuning = matvecTuning('gateUp', 576);
  const ones = new Float32Array(32).fill(1);
  const results = await runKernel({
    kernel: 'gate-up-decode',
    constants: constantsOf(matrix, tuning),
    format: 'f32',
    bindings: [ones, ones, weights, new Float32Array(4)],
    workgroups: [1, 1],
  });
  expectClose(results[3]!.subarray(0, 1), [0], 1e-20);
});

test.each([
  [64, 64],
  [80, 80],
  [96, 48],
  [256, 256],
])('heads of %d values: projections, rope over %d of them, and the append to the cache', async (headSize, turned) => {
  const random = randomNumbers(6);
  const [heads, keyHeads, capacity, position, width] = [3, 1, 9, 7, 96];
  const matrix = randomMatrix('Q4_1', (heads + 2 * keyHeads) * headSize, width, random);
  const hidden = randomVectors(1, width, random);
  const norm = randomVectors(1, width, random);
  const angles = Float32Array.from({ length: turned / 2 }, () => random() * 6);
  const table = new Float32Array(capacity * turned);
  angles.forEach((angle, pair) => {
    table.set([Math.cos(angle), Math.sin(angle)], position * turned + 2 * pair);
  });
  const tuning = matvecTuning('qkv', 576);
  const cache = keyHeads * capacity * headSize;
  const results = await runKernel({
    kernel: 'qkv-decode',
    constants: {
      ...constantsOf(matrix, tuning),
      HEAD_SIZE: headSize,
      QUERY_WIDTH: heads * headSize,
      KEY_WIDTH: keyHeads * headSize,
      CAPACITY: capacity,
      ROPE_DIMENSIONS: turned,
      ATTENTION_SCALE: { float: 0.125 },
    },
    format: matrix.format,
    bindings: [
      Uint32Array.of(position, 1),
      hidden.padded,
      norm.padded,
      matrix.packed,
      table,
      new Float32Array(heads * headSize),
      new Float32Array(cache).fill(9),
      new Float32Array(cache).fill(9),
    ],
    uniforms: [0],
    workgroups: tiles(matrix.rows, tuning),
  });
  const all = matrixVector(matrix.values, rmsNorm(hidden.rows[0]!, norm.rows[0]!, EPSILON), matrix.rows);
  const head = (index: number) => all.subarray(index * headSize, (index + 1) * headSize);
  const queries = Array.from({ length: heads }, (_, h) => [...rope(head(h), angles, 'interleaved')]).flat();
  expectClose(
    results[5]!,
    queries.map((value) => value * 0.125),
  );
  const key = rope(head(heads), angles, 'interleaved');
  const expectedKeys = new Float32Array(cache).fill(9);
  const expectedValues = new Float32Array(cache).fill(9);
  for (let d = 0; d < headSize; d++) {
    expectedKeys[(Math.floor(d / 4) * capacity + position) * 4 + (d % 4)] = key[d]!;
    expectedValues[position * headSize + d] = head(heads + 1)[d]!;
  }
  expectClose(results[6]!, expectedKeys);
  expectClose(results[7]!, expectedValues);
});

test.each([
  { headSize: 64, heads: 9, keyHeads: 3, groupHeads: 3, positions: [1, 32, 33, 700] },
  { headSize: 80, heads: 4, keyHeads: 4, groupHeads: 1, positions: [5] },
  { headSize: 96, heads: 8, keyHeads: 1, groupHeads: 4, positions: [70] },
  { headSize: 256, heads: 4, keyHeads: 2, groupHeads: 2, positions: [40] },
])('attention over splits and the output projection: $heads heads of $headSize at $positions', async (shape) => {
  const { headSize, heads, keyHeads, groupHeads } = shape;
  const [splits, splitTile, capacity, rows] = [8, 32, 701, 21];
  const random = randomNumbers(7);
  const width = heads * headSize;
  const matrix = randomMatrix('Q8_0', rows, width, random);
  const queries = randomVectors(1, width, random).rows[0]!;
  const cache = keyHeads * capacity * headSize;
  const keys = Float32Array.from({ length: cache }, () => random() * 2 - 1);
  const values = Float32Array.from({ length: cache }, () => random() * 2 - 1);
  const common = { HEADS: heads, HEADS_A_KEY: heads / keyHeads, HEAD_SIZE: headSize, CAPACITY: capacity };
  const both = { ...common, SPLITS: splits, SPLIT_TILE: splitTile };
  for (const positions of shape.positions) {
    // What lies behind the last position must not be looked at.
    const dirtyKeys = keys.slice();
    const dirtyValues = values.slice();
    for (let head = 0; head < keyHeads; head++) {
      for (let at = positions; at < capacity; at++) {
        for (let d = 0; d < headSize; d++) {
          dirtyKeys[((head * headSize + d - (d % 4)) / 4) * capacity * 4 + at * 4 + (d % 4)] = Number.NaN;
          dirtyValues[(head * capacity + at) * headSize + d] = Number.NaN;
        }
      }
    }
    const state = Uint32Array.of(positions - 1, 1);
    const [, , , , splitValues, splitStats] = await runKernel({
      kernel: 'attention-decode',
      constants: { ...both, GROUP_HEADS: groupHeads, WORKGROUP: 128 },
      bindings: [
        state,
        queries.map((value) => value * 0.3),
        dirtyKeys,
        dirtyValues,
        new Float32Array(splits * width),
        new Float32Array(splits * heads * 2),
      ],
      uniforms: [0],
      workgroups: [splits, heads / groupHeads],
    });
    const tuning = matvecTuning('output', 576);
    const results = await runKernel({
      kernel: 'attention-output-decode',
      constants: { ...both, ...constantsOf(matrix, tuning), RESIDUAL_SCALE: { float: 1 } },
      format: matrix.format,
      bindings: [state, splitValues!, splitStats!, matrix.packed, new Float32Array(32).fill(1)],
      uniforms: [0],
      workgroups: tiles(rows, tuning),
    });
    const attended = Array.from({ length: heads }, (_, head) => {
      const keyHead = Math.floor(head / (heads / keyHeads));
      const at = (position: number, d: number) =>
        ((keyHead * headSize + d - (d % 4)) / 4) * capacity * 4 + position * 4 + (d % 4);
      const ownKeys = Float32Array.from(
        { length: positions * headSize },
        (_, i) => keys[at(Math.floor(i / headSize), i % headSize)]!,
      );
      const start = keyHead * capacity * headSize;
      const own = queries.subarray(head * headSize, (head + 1) * headSize);
      return [...attention(own, ownKeys, values.subarray(start, start + positions * headSize), positions, 0.3)];
    }).flat();
    const expected = matrixVector(matrix.values, attended, rows).map((value) => 1 + value);
    expectClose(results[4]!.subarray(0, rows), expected);
  }
});

test('the head leaves all logits, and the likeliest token is chosen', async () => {
  const random = randomNumbers(8);
  const [rows, width] = [131, 96];
  const matrix = randomMatrix('Q8_0', rows, width, random);
  const hidden = randomVectors(1, width, random);
  const norm = randomVectors(1, width, random);
  const tuning = matvecTuning('head', 576);
  const [workgroups] = tiles(rows, tuning);
  const [, , , logits, candidates] = await runKernel({
    kernel: 'head-decode',
    constants: { ...constantsOf(matrix, tuning), LOGIT_SCALE: { float: 3 }, FIRST_TOKEN: 10, FIRST_CANDIDATE: 1 },
    format: matrix.format,
    bindings: [
      hidden.padded,
      norm.padded,
      matrix.packed,
      new Float32Array(10 + rows),
      new Float32Array(2 * (1 + workgroups)).fill(-1e9),
    ],
    workgroups: [workgroups, 1],
  });
  const product = matrixVector(matrix.values, rmsNorm(hidden.rows[0]!, norm.rows[0]!, EPSILON), rows);
  const expected = product.map((value) => 3 * value);
  expectClose(logits!.subarray(10), expected);
  const [state, , token] = await runKernel({
    kernel: 'choose',
    constants: { WORKGROUP: 256, CANDIDATES: 1 + workgroups },
    bindings: [Uint32Array.of(5, 1), candidates!, new Uint32Array(1)],
    workgroups: [1, 1],
  });
  expect(wordOf(token!)).toBe(10 + expected.indexOf(Math.max(...expected)));
  expect(wordOf(state!)).toBe(6);
});

const wordOf = (floats: Float32Array) => new Uint32Array(floats.buffer)[0]!;

test.each([
  { name: 'of equals the lowest', logits: [1, 7, 3, 7], token: 11 },
  { name: 'all below zero', logits: [-5, -2, -9, -2.5], token: 11 },
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
  const norm = new Float32Array(32).fill(Math.sqrt(1 / 32));
  const tuning: MatvecTuning = { unitsALoad: 1, threadsARow: 4, rowGroups: 1, rowsAThread: 2 };
  const [, , , , candidates] = await runKernel({
    kernel: 'head-decode',
    constants: {
      ...tuningConstants(tuning),
      ROWS: 4,
      WIDTH: 32,
      BLOCKS: 1,
      SCALES_AT: 0,
      EPSILON: { float: 0 },
      LOGIT_SCALE: { float: 1 },
      FIRST_TOKEN: 10,
      FIRST_CANDIDATE: 0,
    },
    format: 'f32',
    bindings: [one, norm, weights, new Float32Array(14), new Float32Array(4)],
    workgroups: [2, 1],
  });
  const [, , chosen] = await runKernel({
    kernel: 'choose',
    constants: { WORKGROUP: 256, CANDIDATES: 2 },
    bindings: [Uint32Array.of(0, 1), candidates!, new Uint32Array(1)],
    workgroups: [1, 1],
  });
  expect(wordOf(chosen!)).toBe(token);
});
