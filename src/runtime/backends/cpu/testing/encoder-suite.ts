import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomBytes } from '../../blocks/testing/random-blocks.ts';
import * as fields from '../encoder-fields.ts';
import { instantiateEngine } from '../engine-module.ts';
import { NEXT_ITEM, PLAN, PLAN_BYTES, THREADS } from '../plan-fields.ts';

/** What tests of an encoder's steps call beside the engine's own exports. */
interface Products {
  repackEncoder(from: number, rows: number, blocks: number, to: number): void;
  prepareRows(step: number, count: number, records: number, thread: number): void;
  multiplyRecords(step: number, count: number, records: number, scratch: number): void;
  attendSequences(step: number, sequences: number, count: number, scratch: number): void;
}

const PAGES = 64;
const STEP = Math.ceil((PLAN + PLAN_BYTES) / 64) * 64;
const [FILE, WEIGHTS, X, RECORDS, OUT, SCRATCH] = [1, 2, 3, 4, 5, 6].map((n) => n << 19) as [
  number,
  number,
  number,
  number,
  number,
  number,
];

type Extreme = 'none' | 'along' | 'against' | 'low';
interface Case {
  readonly tokens: number;
  readonly groups: number;
  readonly blocks: number;
  readonly seed: number;
  readonly isFine: boolean;
  readonly centre: number;
  /** Activations at the ends of their range, where a first row of the largest weights has the one sign or the other. */
  readonly extreme: Extreme;
}

const cases: fc.Arbitrary<Case> = fc.record({
  tokens: fc.integer({ min: 1, max: 9 }),
  groups: fc.integer({ min: 1, max: 5 }),
  blocks: fc.integer({ min: 1, max: 5 }),
  seed: fc.nat(),
  isFine: fc.boolean(),
  centre: fc.constantFrom(fields.CENTRE_EVEN, fields.CENTRE_LOW),
  extreme: fc.constantFrom<Extreme>('none', 'none', 'along', 'against', 'low'),
});

/** Holds the products of an encoder in one build against sums in 64 bits. */
export function describeEncoderProducts(name: string, open: () => Promise<WebAssembly.Module>, isShared = false): void {
  describe(`products of an encoder, ${name}`, () => {
    let build: EncoderBuild;
    beforeAll(async () => {
      build = await openEncoderBuild(open, isShared);
    });

    it('are those of activations that 7 bits can say, however large their sums are on the way', () => {
      fc.assert(
        fc.property(cases, (one) => {
          const { out, weights, x } = multiply(build, one);
          const columns = one.blocks * 32;
          for (const [at, actual] of out.entries()) {
            const [token, row] = [Math.floor(at / (one.groups * 8)), at % (one.groups * 8)];
            let [expected, size, weightSize, peak] = [0, 0, 0, 0];
            for (let c = 0; c < columns; c++) {
              const [weight, value] = [weights[row * columns + c]!, x[token * columns + c]!];
              expected += weight * value;
              size += Math.abs(weight * value);
              weightSize += Math.abs(weight);
              peak = Math.max(peak, Math.abs(value));
            }
            // Where a token has one step of 14 bits, each of its values is off by half a step at most.
            const rounding = one.isFine ? (weightSize * peak) / 8191 / 2 : 0;
            // A sum that wrapped in 16 bits would be off by 65,536 steps, some 250 times as much.
            expect(Math.abs(actual - expected), JSON.stringify({ one, token, row })).toBeLessThan(
              rounding + 2e-4 * size + 1e-3,
            );
          }
        }),
        { numRuns: 120 },
      );
    });
  });
}

/** Vectors must not depend on the processor: an index that one machine made is searched on another. */
export function describeSameProducts(
  name: string,
  open: () => Promise<WebAssembly.Module>,
  openOther: () => Promise<WebAssembly.Module>,
): void {
  it(`products of an encoder, ${name}: the same to the last bit`, async () => {
    const [build, other] = [await openEncoderBuild(open), await openEncoderBuild(openOther)];
    fc.assert(
      fc.property(cases, (one) => {
        const bits = (from: EncoderBuild) => {
          const { out } = multiply(from, one);
          return new Uint32Array(out.slice().buffer);
        };
        expect(bits(build)).toEqual(bits(other));
      }),
      { numRuns: 120 },
    );
  });
}

export interface EncoderBuild {
  readonly memory: WebAssembly.Memory;
  readonly exports: Products;
}

export async function openEncoderBuild(
  open: () => Promise<WebAssembly.Module>,
  isShared = false,
): Promise<EncoderBuild> {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: 65_536, shared: isShared });
  return { memory, exports: (await instantiateEngine(await open(), memory)) as unknown as Products };
}

function multiply({ memory, exports }: EncoderBuild, one: Case) {
  const written = write(memory.buffer, one);
  exports.repackEncoder(FILE, one.groups * 8, one.blocks, WEIGHTS);
  exports.prepareRows(STEP, one.tokens, RECORDS, 0);
  exports.multiplyRecords(STEP + fields.STEP_BYTES, one.tokens, RECORDS, SCRATCH);
  return { ...written, out: new Float32Array(memory.buffer, OUT, one.tokens * one.groups * 8) };
}

/** Q8_0 rows, activations and the two steps; what they say. Scales are powers of two, so that all of it is exact. */
function write(buffer: ArrayBufferLike, one: Case): { weights: Float64Array; x: Float32Array } {
  const { tokens, groups, blocks, extreme } = one;
  const [rows, columns] = [groups * 8, blocks * 32];
  const byte = randomBytes(one.seed);
  const view = new DataView(buffer);
  const weights = new Float64Array(rows * columns);
  const q = Int8Array.from({ length: rows * columns }, () => Math.max(-127, (byte() << 24) >> 24));
  if (extreme !== 'none') for (let i = 0; i < columns; i++) q[i] = q[i]! < 0 ? -127 : 127;
  for (let block = 0; block < rows * blocks; block++) {
    const at = FILE + block * 34;
    // Half floats of 2^-7 … 2^-4.
    const exponent = block % 4;
    view.setUint16(at, (8 + exponent) << 10, true);
    for (let i = 0; i < 32; i++) {
      view.setInt8(at + 2 + i, q[block * 32 + i]!);
      weights[block * 32 + i] = q[block * 32 + i]! * 2 ** (exponent - 7);
    }
  }
  const x = new Float32Array(buffer, X, tokens * columns);
  for (let at = 0; at < x.length; at++) {
    const level = byte();
    const block = Math.floor(at / 32);
    const isUp = q[at % columns]! > 0 === (extreme === 'along');
    const ends = at % 32 === 0 ? 0 : at % 32 === 1 ? 127 : undefined;
    const u = ends ?? (extreme === 'none' ? level & 127 : extreme === 'low' ? level & 3 : isUp ? 127 : 0);
    x[at] = 2 ** (block % 3) * (u / 128 - (block % 2) / 2);
  }
  const words = (at: number, entries: readonly (readonly [number, number])[]) => {
    new Uint8Array(buffer, at, fields.STEP_BYTES).fill(0);
    for (const [offset, value] of entries) view.setUint32(at + offset, value, true);
  };
  words(STEP, [
    [fields.ROWS_X, X],
    [fields.ROWS_WIDTH, columns],
    [fields.ROWS_PREPARES, one.isFine ? fields.PREPARES_FINE : fields.PREPARES_COARSE],
    [fields.ROWS_CENTRE, one.centre],
  ]);
  words(STEP + fields.STEP_BYTES, [
    [fields.MULTIPLY_DATA, WEIGHTS],
    [fields.MULTIPLY_GROUPS, groups],
    [fields.MULTIPLY_BLOCKS, blocks],
    [fields.MULTIPLY_OUT, OUT],
    [fields.MULTIPLY_WIDTH, rows],
    [fields.MULTIPLY_FINE, one.isFine ? 1 : 0],
    [fields.MULTIPLY_CENTRE, one.centre],
  ]);
  view.setInt32(PLAN + THREADS, 1, true);
  view.setInt32(PLAN + NEXT_ITEM, 0, true);
  return { weights, x };
}
