import { expect, test } from 'vitest';
import type { RecurrentSpec, VectorSpec, WeightSpec } from '../../architectures/index.ts';
import { RecurrentState } from '../reference/recurrent-state.ts';
import { mixerShapes, type RecurrentShape } from './mixer-shapes.ts';
import { mixerVectors } from './mixer-vectors.ts';
import { wholeBlocks } from './model-shape.ts';
import { stateKernels } from './state-kernels.ts';
import { slotBytes } from './state-room.ts';
import { expectClose } from './testing/expect-close.ts';
import { randomNumbers } from './testing/random-model.ts';
import { runKernel } from './testing/run-kernel.ts';
import { testScratch } from './testing/scratch.ts';
import type { UploadOptions } from './weights/index.ts';

const EPSILON = 1e-5;
const SLOTS = 3;

interface Sizes {
  readonly rule: RecurrentSpec['rule'];
  readonly heads: number;
  readonly headSize: number;
  readonly stateSize: number;
  readonly groups: number;
  readonly isNormed: boolean;
}

const weight = (rows: number): WeightSpec => ({
  name: '',
  type: 'F32',
  rows,
  columns: 32,
  firstRow: 0,
  bias: undefined,
});

/** The vectors lie one behind the other in a file of random numbers. */
function specOf({ rule, heads, headSize, stateSize, groups, isNormed }: Sizes) {
  const inner = heads * headSize;
  const channels = inner + 2 * groups * stateSize;
  let first = 0;
  const take = (size: number): VectorSpec => {
    first += size;
    return { name: 'vectors', type: 'F32', size, first: first - size };
  };
  const isScan = rule === 'scan';
  const spec: RecurrentSpec = {
    kind: 'recurrent',
    rule,
    heads,
    headSize,
    stateSize,
    groups,
    channels: weight(channels),
    gate: weight(inner),
    steps: weight(heads),
    strengths: isScan ? undefined : weight(heads),
    selection: undefined,
    convolution: { length: 4, taps: take(4 * channels), bias: isScan ? take(channels) : undefined },
    decay: take(heads),
    stepBias: take(heads),
    skip: isScan ? take(heads) : undefined,
    norm: isNormed ? take(isScan ? inner : headSize) : undefined,
    output: weight(32),
  };
  return { spec, size: first };
}

/** One run of tokens through the three kernels. */
async function run(
  shape: RecurrentShape,
  position: number,
  raws: readonly Float32Array[],
  vectors: Float32Array,
  states: Float32Array,
) {
  const rawStride = wholeBlocks(shape.rawWidth);
  const mixedStride = wholeBlocks(shape.width);
  const raw = new Float32Array(raws.length * rawStride);
  for (const [token, row] of raws.entries()) raw.set(row, token * rawStride);
  const mixed = new Float32Array(raws.length * mixedStride).fill(Number.NaN);
  const scratch = testScratch([position, raws.length], {
    RAW_AT: raw,
    CHANNELS_AT: raws.length * shape.channels,
    MIXED_AT: mixed,
  });
  let words: Float32Array | Uint32Array = scratch.words;
  let after = states;
  for (const { kernel, constants, workgroups, binds } of stateKernels(shape, SLOTS)) {
    const result = await runKernel({
      kernel,
      constants: { ...scratch.constants, EPSILON: { float: EPSILON }, ...constants },
      bindings: [words, vectors, after].slice(0, binds),
      workgroups: workgroups(raws.length),
    });
    words = result[0]!;
    after = result[2] ?? after;
  }
  return { states: after, mixed: scratch.read(words as Float32Array, 'MIXED_AT', mixed.length) };
}

test.each<Sizes>([
  { rule: 'scan', heads: 3, headSize: 64, stateSize: 128, groups: 1, isNormed: true },
  // Rows that fill no lanes, heads that fill no tile, a width of no whole blocks.
  { rule: 'scan', heads: 6, headSize: 12, stateSize: 20, groups: 2, isNormed: false },
  { rule: 'delta', heads: 4, headSize: 40, stateSize: 132, groups: 2, isNormed: true },
])('a $rule of $heads heads of $headSize × $stateSize goes on from run to run', async (sizes) => {
  const random = randomNumbers(11);
  const { spec, size } = specOf(sizes);
  const file = Float32Array.from({ length: size }, () => random() - 0.5);
  const { decay } = spec;
  for (let i = 0; i < decay.size; i++) file[decay.first + i] = -0.1 - random();
  const source = {
    gguf: { tensors: new Map([['vectors', { offset: 0, byteLength: 4 * size }]]) },
    source: {
      size: 4 * size,
      read: async (offset: number, length: number) => new Uint8Array(file.buffer, offset, length),
    },
    signal: undefined,
  } as unknown as UploadOptions;
  const layer = { attention: spec, besideAttention: undefined } as Parameters<typeof mixerShapes>[0];
  const shape = mixerShapes(layer, 32, [], 16_384)[0] as RecurrentShape;
  const vectors = await mixerVectors(shape, source);
  const vector = ({ first, size: length }: VectorSpec) => file.subarray(first, first + length);
  const multiply = () => expect.unreachable('Nothing is chosen here.');
  const reference = new RecurrentState(spec, { vector, multiply, epsilon: EPSILON });
  // What another text left there is no state before the first token.
  let states = new Float32Array((SLOTS * slotBytes(shape)) / 4).fill(Number.NaN);
  let position = 0;
  // One token, and as many as come back to the slot that they began from.
  for (const count of [5, 1, SLOTS]) {
    const raws = Array.from({ length: count }, () =>
      Float32Array.from({ length: shape.rawWidth }, () => 2 * random() - 1),
    );
    const expected = raws.map((row) => {
      const part = (at: number, length: number) => Float64Array.from(row.subarray(at, at + length));
      return reference.step({
        channels: part(0, shape.channels),
        gate: part(shape.gateAt, shape.width),
        steps: part(shape.stepsAt, spec.heads),
        strengths: spec.strengths && part(shape.strengthsAt, spec.heads),
      });
    });
    const result = await run(shape, position, raws, vectors, states);
    states = result.states as Float32Array<ArrayBuffer>;
    position += count;
    const stride = wholeBlocks(shape.width);
    for (const [token, row] of expected.entries()) {
      const got = result.mixed.subarray(token * stride, (token + 1) * stride);
      expectClose(got, [...row, ...new Array<number>(stride - row.length).fill(0)], 1e-4);
    }
  }
  expect(position).toBe(9);
});
