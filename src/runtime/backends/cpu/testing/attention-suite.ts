import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomBytes } from '../../blocks/testing/random-blocks.ts';
import * as fields from '../encoder-fields.ts';
import { NEXT_ITEM, PLAN, THREADS } from '../plan-fields.ts';
import { type EncoderBuild, openEncoderBuild } from './encoder-suite.ts';

const STEP = 1 << 13;
const SEQUENCES = STEP + fields.STEP_BYTES;
const [QKV, OUT, SCRATCH] = [1 << 19, 1 << 21, 3 << 20];

/** Keys that differ, or all alike (every position weighs the same), or so long that one position is all. */
type Keys = 'wild' | 'alike' | 'long';
interface Case {
  readonly lengths: readonly number[];
  readonly keyHeads: number;
  readonly headsEach: number;
  readonly headSize: number;
  readonly reach: number;
  readonly seed: number;
  readonly keys: Keys;
  /** All values at the end of their range: sums as large as they get. */
  readonly isExtreme: boolean;
}

const cases: fc.Arbitrary<Case> = fc.record({
  lengths: fc.array(fc.oneof(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 14, max: 90 })), {
    minLength: 1,
    maxLength: 3,
  }),
  keyHeads: fc.integer({ min: 1, max: 2 }),
  headsEach: fc.integer({ min: 1, max: 2 }),
  headSize: fc.constantFrom(8, 16, 32, 64),
  reach: fc.constantFrom(0, 0, 1, 4, 9),
  seed: fc.nat(),
  keys: fc.constantFrom<Keys>('wild', 'wild', 'alike', 'long'),
  isExtreme: fc.boolean(),
});

/** Holds an encoder's attention in one build against exact arithmetic. */
export function describeEncoderAttention(name: string, open: () => Promise<WebAssembly.Module>): void {
  describe(`attention of an encoder, ${name}`, () => {
    let build: EncoderBuild;
    beforeAll(async () => {
      build = await openEncoderBuild(open);
    });

    it('weighs the values of a text by its own positions', () => {
      fc.assert(
        fc.property(cases, (one) => {
          const { qkv, width, outWidth, tokens } = write(build.memory.buffer, one);
          build.exports.attendSequences(STEP, SEQUENCES, one.lengths.length, SCRATCH);
          const out = new Float32Array(build.memory.buffer, OUT, tokens * outWidth);
          let first = 0;
          for (const length of one.lengths) {
            const rows = qkv.subarray(first * width, (first + length) * width);
            for (const [at, expected] of exact(rows, width, length, one).entries()) {
              // Weights of 15 bits and values of 12: far finer than the 7 that are kept of what comes out, whose size is 1.
              expect(Math.abs(out[first * outWidth + at]! - expected), JSON.stringify({ one, at })).toBeLessThan(1e-3);
            }
            first += length;
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}

function write(buffer: ArrayBufferLike, one: Case) {
  const { lengths, keyHeads, headsEach, headSize } = one;
  const heads = keyHeads * headsEach;
  const [width, outWidth] = [(heads + 2 * keyHeads) * headSize, heads * headSize];
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const byte = randomBytes(one.seed);
  const view = new DataView(buffer);
  const qkv = new Float32Array(buffer, QKV, tokens * width);
  for (let at = 0; at < qkv.length; at++) {
    const kind = Math.floor((at % width) / headSize);
    const x = ((byte() & 255) - 127.5) / 127.5;
    const isKey = kind >= heads && kind < heads + keyHeads;
    if (isKey) qkv[at] = one.keys === 'alike' ? Math.sin(at % width) : one.keys === 'long' ? x * 10 : x * 2;
    else qkv[at] = one.isExtreme && kind >= heads ? 1 : x;
  }
  new Uint8Array(buffer, STEP, fields.STEP_BYTES).fill(0);
  for (const [offset, value] of [
    [fields.ATTEND_QKV, QKV],
    [fields.ATTEND_WIDTH, width],
    [fields.ATTEND_OUT, OUT],
    [fields.ATTEND_HEADS, heads],
    [fields.ATTEND_KEY_HEADS, keyHeads],
    [fields.ATTEND_HEAD_SIZE, headSize],
    [fields.ATTEND_REACH, one.reach],
  ] as const) {
    view.setUint32(STEP + offset, value, true);
  }
  view.setFloat32(STEP + fields.ATTEND_SCALE, 1 / Math.sqrt(headSize), true);
  let first = 0;
  for (const [index, length] of lengths.entries()) {
    view.setInt32(SEQUENCES + index * 8, first, true);
    view.setInt32(SEQUENCES + index * 8 + 4, length, true);
    first += length;
  }
  view.setInt32(PLAN + THREADS, 1, true);
  view.setInt32(PLAN + NEXT_ITEM, 0, true);
  return { qkv, width, outWidth, tokens };
}

/** Rows of heads beside each other, in the order of the kernel's output. */
function exact(rows: Float32Array, width: number, length: number, one: Case): number[] {
  const { keyHeads, headsEach, headSize, reach } = one;
  const heads = keyHeads * headsEach;
  const out: number[] = [];
  for (let q = 0; q < length; q++) {
    for (let head = 0; head < heads; head++) {
      const key = (heads + Math.floor(head / headsEach)) * headSize;
      const scores = Array.from({ length }, (_, p) => {
        if (reach > 0 && Math.abs(p - q) > reach) return -Infinity;
        let dot = 0;
        for (let d = 0; d < headSize; d++) dot += rows[q * width + head * headSize + d]! * rows[p * width + key + d]!;
        return dot / Math.sqrt(headSize);
      });
      const most = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - most));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (let d = 0; d < headSize; d++) {
        const value = key + keyHeads * headSize + d;
        out.push(weights.reduce((total, weight, p) => total + weight * rows[p * width + value]!, 0) / sum);
      }
    }
  }
  return out;
}
