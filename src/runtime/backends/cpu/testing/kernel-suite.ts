import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ggmlTypeByName } from '../../../../formats/gguf/index.ts';
import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';
import { randomBytes, wildBlocks } from '../../blocks/testing/random-blocks.ts';
import * as reference from '../../reference/index.ts';
import { kernelTypeOf, typesWithKernel } from '../kernel-types.ts';
import {
  ACTIVATION_CLAMPED,
  ACTIVATION_GELU,
  ACTIVATION_RELU,
  ACTIVATION_RELU_SQUARED,
  ACTIVATION_SILU,
  EIGHT_BIT_RECORD,
  SIXTEEN_BIT_LEVELS,
  SIXTEEN_BIT_RECORD,
  TABLE_LEVELS,
  TILE_TOKENS,
} from '../plan-fields.ts';
import { fillRopeTable, ropeFrequencies } from '../rope-table.ts';
import { type AttentionCase, KernelBench } from './kernel-bench.ts';

const FORMAT_EIGHT_BIT = 2;
const FORMAT_SIXTEEN_BIT = 4;
const FORMAT_TABLE = 8;

const TYPES = typesWithKernel();

/** What rounding in f32 may do to a product of this suite, as a share of the size of what is added up. */
const LARGEST_ERROR = 2e-5;

/** Greatest difference, as a share of the root mean square of `size`: of what was expected, unless said. */
function error(actual: ArrayLike<number>, expected: ArrayLike<number>, size: ArrayLike<number> = expected): number {
  let squares = 0;
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    squares += size[i]! ** 2;
    const difference = Math.abs(actual[i]! - expected[i]!);
    // NaN must not pass for small.
    most = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(most, difference);
  }
  return most / (Math.sqrt(squares / expected.length) || 1);
}

/** Exact in f32, so that the reference and the kernels start from the same number. */
const value = fc.integer({ min: -4096, max: 4096 }).map((n) => n / 512);
const vector = (length: number) => fc.array(value, { minLength: length, maxLength: length });
/** Some as large as models with an outlier channel have them: what is small enough for f32 must not overflow on the way. */
const activations = (length: number) =>
  fc.tuple(vector(length), fc.constantFrom(1, 1, 2 ** 12)).map(([x, factor]) => x.map((v) => v * factor));

/** The nearest half float, for values in its normal range. */
function roundToHalf(x: number): number {
  const step = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(x)))) - 10);
  const [below, rest] = [Math.floor(x / step), x / step - Math.floor(x / step)];
  const isUp = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return x === 0 ? 0 : (below + (isUp ? 1 : 0)) * step;
}

/**
 * What rounding scales to half floats while repacking may do on top, for the types where that happens: 4.9e-4 of a scale.
 * Where a minimum, rounded too, is taken from it, what is left may be smaller than both.
 */
const ROUNDED_SCALES: Readonly<Partial<Record<GgmlTypeName, number>>> = { Q4_K: 1e-3, Q5_K: 1e-3, IQ4_XS: 5e-4 };

/** Bytes of `rows` × `blocks` blocks with every bit pattern of quants and sound scales, positive and negative. */
function blockBytes(type: GgmlTypeName, rows: number, blocks: number): fc.Arbitrary<Uint8Array> {
  return fc.nat().map((seed) => wildBlocks(type, rows * blocks * 32, 1, randomBytes(seed)));
}

/** Holds the kernels of one build against the reference. */
export function describeKernels(name: string, open: () => Promise<WebAssembly.Module>, isShared = false): void {
  describe(`kernels, ${name}`, () => {
    let bench: KernelBench;
    beforeAll(async () => {
      bench = await KernelBench.open(await open(), isShared);
    });

    /** What a kernel is meant to compute: the reference product over activations rounded as its format rounds them. */
    const expectedProduct = (type: GgmlTypeName, bytes: Uint8Array, rows: number, x: readonly number[]) => {
      const format = bench.exports.activationFormat(kernelTypeOf(type)!.kernel);
      const exact = x.map(Math.fround);
      const seen =
        format === FORMAT_EIGHT_BIT
          ? reference.quantiseEightBit(exact)
          : format === FORMAT_SIXTEEN_BIT
            ? reference.quantiseActivations(exact, SIXTEEN_BIT_LEVELS, 32)
            : format === FORMAT_TABLE
              ? reference.quantiseActivations(exact, TABLE_LEVELS, 32)
              : exact;
      return reference.matrixVector(reference.dequantise(type, bytes), seen, rows);
    };

    /** Size of what is added up, a row: rounding errs in proportion to it, also where the sum itself cancels to nothing. */
    const sizeOfProduct = (type: GgmlTypeName, bytes: Uint8Array, rows: number, x: readonly number[]) =>
      reference.matrixVector(reference.dequantise(type, bytes).map(Math.abs), x.map(Math.abs), rows);

    /** Rows of any number, widths of whole blocks; `blocks` counts 32 values. */
    const shapesOf = (type: GgmlTypeName) => {
      const step = Math.max(1, ggmlTypeByName(type).blockLength / 32);
      const most = step > 1 ? 2 : 5;
      return fc.record({
        rows: fc.integer({ min: 1, max: 27 }),
        blocks: fc.integer({ min: 1, max: most }).map((n) => n * step),
      });
    };

    it.each(TYPES)('%s: one token', (type) => {
      const cases = shapesOf(type).chain(({ rows, blocks }) =>
        fc.tuple(fc.constant({ rows, blocks }), blockBytes(type, rows, blocks), activations(blocks * 32)),
      );
      fc.assert(
        fc.property(cases, ([{ rows, blocks }, bytes, x]) => {
          bench.reset();
          const matrix = bench.matrix(type, bytes, rows, blocks);
          const out = bench.gemv(matrix, x);
          const size = sizeOfProduct(type, bytes, rows, x);
          expect(error(out.subarray(0, rows), expectedProduct(type, bytes, rows, x), size)).toBeLessThan(
            LARGEST_ERROR + (ROUNDED_SCALES[type] ?? 0),
          );
        }),
        { numRuns: 40 },
      );
    });

    it.each(TYPES)('%s: several tokens, added to what was there', (type) => {
      const cases = shapesOf(type).chain(({ rows, blocks }) =>
        fc.tuple(
          fc.constant({ rows, blocks }),
          blockBytes(type, rows, blocks),
          fc.array(activations(blocks * 32), { minLength: 1, maxLength: 9 }),
        ),
      );
      fc.assert(
        fc.property(cases, ([{ rows, blocks }, bytes, tokens]) => {
          bench.reset();
          const matrix = bench.matrix(type, bytes, rows, blocks);
          const out = bench.gemm(matrix, tokens, 3, 0.5);
          for (const [t, x] of tokens.entries()) {
            const expected = expectedProduct(type, bytes, rows, x).map((product) => 3 + 0.5 * product);
            const size = sizeOfProduct(type, bytes, rows, x).map((product) => 3 + 0.5 * product);
            expect(error(out[t]!.subarray(0, rows), expected, size)).toBeLessThan(
              LARGEST_ERROR + (ROUNDED_SCALES[type] ?? 0),
            );
          }
        }),
        { numRuns: 25 },
      );
    });

    it.each(TYPES)('%s: eight tokens together as four and four, to the last bit', (type) => {
      const cases = shapesOf(type).chain(({ rows, blocks }) => {
        const tokens = fc.array(activations(blocks * 32), { minLength: 8, maxLength: 8 });
        return fc.tuple(fc.constant({ rows, blocks }), blockBytes(type, rows, blocks), tokens);
      });
      fc.assert(
        fc.property(cases, ([{ rows, blocks }, bytes, tokens]) => {
          bench.reset();
          const matrix = bench.matrix(type, bytes, rows, blocks);
          const together = bench.gemm(matrix, tokens, 3, 0.5).map((out) => out.slice());
          const apart = [tokens.slice(0, 4), tokens.slice(4)].flatMap((four) =>
            bench.gemm(matrix, four, 3, 0.5).map((out) => out.slice()),
          );
          expect(together).toEqual(apart);
        }),
        { numRuns: 5 },
      );
    });

    // More groups and blocks than any kernel takes at once, and as many as do not fill what it takes.
    it.each(TYPES)('%s: many groups together as one by one, to the last bit', (type) => {
      const [rows, blocks] = [163, 16];
      const tokens = fc.array(activations(blocks * 32), { minLength: 12, maxLength: 12 });
      fc.assert(
        fc.property(blockBytes(type, rows, blocks), tokens, (bytes, x) => {
          bench.reset();
          const matrix = bench.matrix(type, bytes, rows, blocks);
          const together = bench.gemm(matrix, x, 3, 0.5);
          for (let g = 0; g < matrix.groups; g++) {
            const group = { ...matrix, address: matrix.address + g * matrix.stride, groups: 1 };
            const apart = bench.gemm(group, x, 3, 0.5);
            for (const [t, row] of apart.entries()) expect(together[t]!.subarray(g * 8, g * 8 + 8)).toEqual(row);
          }
        }),
        { numRuns: 2 },
      );
    });

    // Why a token that was guessed, or stood in a prompt, is worth what one is that was written alone, on any number of threads.
    it.each(TYPES)('%s: one token as among nine, and in shares as by one thread, to the last bit', (type) => {
      const cases = fc
        .record({ rows: fc.integer({ min: 1, max: 163 }), split: fc.nat(20) })
        .chain(({ rows, split }) =>
          fc.tuple(
            fc.constant({ rows, split }),
            blockBytes(type, rows, 8),
            fc.array(activations(8 * 32), { minLength: 9, maxLength: 9 }),
          ),
        );
      fc.assert(
        fc.property(cases, ([{ rows, split }, bytes, tokens]) => {
          bench.reset();
          const matrix = bench.matrix(type, bytes, rows, 8);
          const border = Math.min(split, matrix.groups);
          const shares = [
            { ...matrix, groups: border },
            { ...matrix, address: matrix.address + border * matrix.stride, groups: matrix.groups - border },
          ].filter(({ groups }) => groups > 0);
          for (const [t, row] of bench.gemm(matrix, tokens, 0, 1).entries()) {
            // Added to 0, as the row was: -0 is 0 then.
            const alone = bench.gemv(matrix, tokens[t]!).map((value) => value + 0);
            expect(alone).toEqual(row);
            const apart = shares.flatMap((share) => [...bench.gemv(share, tokens[t]!)]);
            expect(Float32Array.from(apart, (value) => value + 0)).toEqual(row);
          }
        }),
        { numRuns: 4 },
      );
    });

    it.each(TYPES)('%s: rows of an embedding table', (type) => {
      const cases = shapesOf(type).chain(({ rows, blocks }) =>
        fc.tuple(fc.constant({ rows, blocks }), blockBytes(type, rows, blocks), fc.nat(rows - 1)),
      );
      fc.assert(
        fc.property(cases, ([{ rows, blocks }, bytes, row]) => {
          bench.reset();
          const out = bench.row(bench.matrix(type, bytes, rows, blocks), row);
          const width = blocks * 32;
          const expected = reference.dequantise(type, bytes).subarray(row * width, (row + 1) * width);
          expect(error(out, expected)).toBeLessThan(1e-6 + 10 * (ROUNDED_SCALES[type] ?? 0));
        }),
        { numRuns: 25 },
      );
    });

    it('RMS norm', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 9 }).chain((n) => fc.tuple(vector(n * 32), vector(n * 32))),
          ([x, weight]) => {
            bench.reset();
            const out = bench.floats(x.length);
            const [from, by] = [bench.store(x), bench.store(weight)];
            bench.exports.rmsNorm(from, by, x.length, 1e-5, 1, out.byteOffset);
            expect(error(out, reference.rmsNorm(x, weight, 1e-5))).toBeLessThan(1e-5);
          },
        ),
      );
    });

    it.each(['interleaved', 'halves'] as const)('rope, %s', (kind) => {
      const sizes = fc.constantFrom([64, 64], [64, 32], [128, 128], [8, 8], [80, 16], [80, 20], [24, 12]);
      const cases = sizes.chain(([size, dimensions]) =>
        fc.tuple(vector(2 * size!), fc.constant({ size: size!, dimensions: dimensions! }), fc.nat(5000)),
      );
      fc.assert(
        fc.property(cases, ([x, { size, dimensions }, position]) => {
          bench.reset();
          const spec = {
            kind,
            dimensions,
            base: 10_000,
            positionScale: 1,
            factors: undefined,
            longFactors: undefined,
            yarn: undefined,
            magnitude: 1,
          };
          const frequencies = ropeFrequencies(spec, undefined);
          const table = bench.floats(2 * dimensions);
          fillRopeTable(table, spec, frequencies, [{ position }]);
          const at = bench.store(x);
          bench.exports.rope(at, 2, size, dimensions, table.byteOffset, kind === 'interleaved' ? 1 : 0);
          const angles = frequencies.map((frequency) => frequency * position);
          const expected = [0, 1].flatMap((h) =>
            Array.from(reference.rope(x.slice(h * size, (h + 1) * size), angles, kind)),
          );
          expect(error(bench.view(at, x.length), expected)).toBeLessThan(1e-5);
        }),
      );
    });

    /** One to eight queries of one KV head over some positions: in two shares, through a window, with a soft-cap and sinks. */
    const attentionCases = fc
      .tuple(fc.constantFrom(8, 64, 80, 96, 128, 256), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 100 }))
      .chain(([size, heads, positions]) =>
        fc.record({
          size: fc.constant(size),
          positions: fc.constant(positions),
          queries: vector(heads * size),
          keys: vector(positions * size),
          values: vector(positions * size),
          scale: fc.constant(1 / Math.sqrt(size) / 4),
          // A share border inside the text where it is long enough, else at its end.
          border: fc.nat(3).map((block) => Math.min(block * 32, Math.floor((positions - 1) / 32) * 32)),
          first: fc.nat(positions - 1),
          cap: fc.constantFrom(0, 0.5, 30),
          sinks: fc.constantFrom(undefined, [-3, 0, 6, 1, -1, 2, -6, 3].slice(0, heads)),
        }),
      );

    it('the Hadamard transform, which is its own inverse', () => {
      const cases = fc.constantFrom(8, 16, 64, 80, 96, 128, 256).chain((size) => vector(size));
      fc.assert(
        fc.property(cases, (x) => {
          bench.reset();
          const at = bench.store(x);
          const scale = 1 / Math.sqrt(x.length & -x.length);
          bench.exports.hadamard(at, x.length);
          const scaled = bench.view(at, x.length).map((value) => value * scale);
          expect(error(scaled, reference.hadamard(x, x.length))).toBeLessThan(1e-5);
          expect(error(reference.hadamard(scaled, x.length), x)).toBeLessThan(1e-5);
        }),
      );
    });

    /** What each query should gather, of queries, keys and values as they meet. */
    const gathered = (
      given: AttentionCase,
      held: (x: readonly number[]) => ArrayLike<number> & Pick<Float64Array, 'subarray'>,
      asked: (x: readonly number[]) => ArrayLike<number> = (x) => x,
      rounded?: (weights: readonly number[]) => readonly number[],
    ) => {
      const { queries, size, positions, scale, first, cap, sinks } = given;
      const seen = (x: readonly number[]) => held(x).subarray(first * size);
      return Array.from({ length: queries.length / size }, (_, h) => {
        const query = asked(queries.slice(h * size, (h + 1) * size));
        const [keys, values] = [seen(given.keys), seen(given.values)];
        const length = positions - first;
        return reference.attention(query, keys, values, length, scale, cap || undefined, sinks?.[h], rounded);
      });
    };

    const asHeld = (size: number) => (x: readonly number[]) =>
      reference.hadamard(reference.quantiseActivations(reference.hadamard(x, size), 127, size), size);

    /**
     * Weights times the scales of their values in whole 255ths of the greatest of a share, rounded up from an odd 32th that differs
     * over 16 positions: the bits of a position, the lowest first.
     */
    const roundedWeights =
      ({ size, values, first, border }: AttentionCase) =>
      (weights: readonly number[]) => {
        const scales = weights.map((_, p) => {
          const value = reference.hadamard(values.slice((first + p) * size, (first + p + 1) * size), size);
          return Math.max(...value.map(Math.abs));
        });
        const isSecond = (p: number) => border > 0 && first < border && first + p >= border;
        const greatest = [false, true].map((second) =>
          Math.max(...weights.map((weight, p) => (isSecond(p) === second ? weight * scales[p]! : 0))),
        );
        return weights.map((weight, p) => {
          const unit = greatest[isSecond(p) ? 1 : 0]! / 255;
          const [a, b, c, d] = [1, 2, 4, 8].map((bit) => ((first + p) & bit ? 1 : 0));
          const threshold = a! / 2 + b! / 4 + c! / 8 + d! / 16 + 1 / 32;
          return scales[p] === 0 ? 0 : (Math.floor((weight * scales[p]!) / unit + threshold) * unit) / scales[p]!;
        });
      };

    it('attention over the int8 cache, whole and in shares, through windows and soft-caps', () => {
      fc.assert(
        fc.property(attentionCases, (given) => {
          bench.reset();
          const { size, values } = given;
          const out = bench.attention(given);
          const most = new Array(size).fill(Math.max(...values.map(Math.abs)));
          for (const [h, row] of gathered(given, asHeld(size), asHeld(size), roundedWeights(given)).entries()) {
            // Weights and queries at a border may be rounded to the other side, by a 255th and a 127th.
            expect(error(out.subarray(h * size, (h + 1) * size), row, most)).toBeLessThan(0.04);
          }
        }),
        { numRuns: 100 },
      );
    });

    // One position that outweighs any other hundreds of times, and others that say more together.
    it('attention over the int8 cache, whose small weights do not get lost', () => {
      bench.reset();
      const [size, positions] = [64, 4000];
      const wave = (length: number, pace: number) => Array.from({ length }, (_, i) => Math.sin(i * i * pace));
      const [queries, values] = [wave(size, 0.7), wave(positions * size, 0.31).map((x, i) => x + (i < size ? -1 : 1))];
      const keys = [...queries, ...wave((positions - 1) * size, 0.13).map((x) => x / 10)];
      const scale = Math.log(600) / queries.reduce((sum, x) => sum + x * x, 0);
      const given = { size, positions, queries, keys, values, scale, border: 128, first: 0, cap: 0, sinks: undefined };
      const [row] = gathered(given, asHeld(size), asHeld(size));
      expect(error(bench.attention(given), row!)).toBeLessThan(0.01);
    });

    it.each([
      ['f16', true, 1e-4],
      ['f32', false, 1e-4],
    ] as const)('attention over the %s cache', (_, isHalf, most) => {
      fc.assert(
        fc.property(attentionCases, (given) => {
          bench.reset();
          const { size } = given;
          const out = bench.floatAttention(isHalf, given);
          const expected = gathered(given, (x) =>
            Float64Array.from(x, (value) => (isHalf ? roundToHalf(value) : value)),
          );
          for (const [h, row] of expected.entries()) {
            expect(error(out.subarray(h * size, (h + 1) * size), row)).toBeLessThan(most);
          }
        }),
        { numRuns: 40, endOnFailure: true },
      );
    });

    it('layer norm', () => {
      fc.assert(
        fc.property(vector(64), vector(64), (x, weight) => {
          bench.reset();
          const out = bench.floats(64);
          bench.exports.layerNorm(bench.store(x), bench.store(weight), 64, 1e-5, 1, out.byteOffset);
          expect(error(out, reference.layerNorm(x, weight, 1e-5))).toBeLessThan(1e-4);
        }),
      );
    });

    it('soft-caps', () => {
      fc.assert(
        fc.property(vector(8), fc.constantFrom(0.25, 1, 30, 50), (x, cap) => {
          bench.reset();
          const at = bench.store(x);
          bench.exports.softCap(at, 8, cap);
          expect(
            error(
              bench.view(at, 8),
              x.map((value) => cap * Math.tanh(value / cap)),
            ),
          ).toBeLessThan(1e-5);
        }),
      );
    });

    it.each([
      ['silu', ACTIVATION_SILU],
      ['gelu', ACTIVATION_GELU],
      ['relu', ACTIVATION_RELU],
      ['relu-squared', ACTIVATION_RELU_SQUARED],
      ['clamped', ACTIVATION_CLAMPED],
    ] as const)('%s of the gate times up, and of up alone', (name, kind) => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: -240, max: 240 }), { minLength: 8, maxLength: 8 }),
          vector(8),
          (quarters, up) => {
            bench.reset();
            const gate = quarters.map((n) => n / 4);
            const out = bench.floats(8);
            const [g, u] = [bench.store(gate), bench.store(up)];
            bench.exports.activateTimes(kind, g, u, out.byteOffset);
            const expected = gate.map((value, i) => reference.activateTimes(name, value, up[i]!));
            // gelu's e^-2u multiplies how u was rounded by 2u, of which 88 is the most: far below zero, where next to nothing is left.
            const most = name === 'gelu' ? 5e-5 : 1e-5;
            expect(error(out, expected)).toBeLessThan(most);
            bench.exports.activateTimes(kind, 0, u, out.byteOffset);
            const alone = up.map((value) => reference.activate(name, value));
            expect(error(out, alone)).toBeLessThan(most);
          },
        ),
      );
    });

    it('notices values that are not finite, wherever they stand', () => {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (let place = 0; place < 16; place++) {
          bench.reset();
          const x = Array.from({ length: 16 }, (_, i) => i - 7.5);
          expect(bench.exports.allFinite(bench.store(x), 16)).toBeTruthy();
          x[place] = bad;
          expect(bench.exports.allFinite(bench.store(x), 16)).toBeFalsy();
        }
      }
    });

    it('records are as large as the plan says', () => {
      bench.reset();
      const x = bench.store(Array.from({ length: 32 * TILE_TOKENS }, (_, i) => Math.sin(i)));
      const to = bench.floats(512);
      const bytes = new Uint8Array(to.buffer, to.byteOffset, to.byteLength);
      for (const [record, quantise] of [
        [EIGHT_BIT_RECORD, bench.exports.quantiseEightBit],
        [SIXTEEN_BIT_RECORD, bench.exports.quantiseSixteenBit],
      ] as const) {
        bytes.fill(0x5a);
        quantise(x, 2, to.byteOffset, record);
        expect(bytes.subarray(2 * record).every((byte) => byte === 0x5a)).toBe(true);
        // Rounded up to whole vectors, so the very last words may be free.
        expect(bytes.subarray(2 * record - 16, 2 * record).every((byte) => byte === 0x5a)).toBe(false);
      }
    });
  });
}
