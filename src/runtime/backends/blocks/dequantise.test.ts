import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { SottoError } from '../../../shared/index.ts';
import { dequantise, halfToNumber, isReadable, numberToHalf, quantiseQ8_0 } from './index.ts';

interface BlockCase {
  readonly type: GgmlTypeName;
  readonly bytes: string;
  readonly values: string;
}
const cases = JSON.parse(readFileSync('scripts/goldens/blocks.json', 'utf8')) as BlockCase[];

function floats(hex: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  return new Float32Array(bytes.buffer);
}

describe('block formats', () => {
  it.each(cases)('reads $type as llama.cpp does', ({ type, bytes, values }) => {
    const read = dequantise(type, Uint8Array.from(Buffer.from(bytes, 'hex')));
    const expected = floats(values);
    expect(read).toHaveLength(expected.length);
    expect(expected.some((value) => value !== 0)).toBe(true);
    for (const [i, value] of expected.entries()) {
      expect(Math.abs(read[i]! - value), `value ${i}`).toBeLessThanOrEqual(1e-6 * Math.abs(value) + 1e-12);
    }
  });

  it('has a reader for each of them, and says so', () => {
    expect(cases).toHaveLength(19);
    for (const { type } of cases) expect(isReadable(type)).toBe(true);
    expect(isReadable('IQ2_XXS')).toBe(false);
    expect(() => dequantise('IQ2_XXS', new Uint8Array(66))).toThrow(SottoError);
  });

  it('writes into the array it is given', () => {
    const { bytes, values } = cases.find(({ type }) => type === 'Q6_K')!;
    const out = new Float32Array(floats(values).length);
    expect(dequantise('Q6_K', Uint8Array.from(Buffer.from(bytes, 'hex')), out)).toBe(out);
    expect(out.some((value) => value !== 0)).toBe(true);
  });
});

describe('half floats', () => {
  it('are read, of every kind', () => {
    expect([0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x8000].map(halfToNumber)).toEqual([
      1,
      -2,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      65504,
      -0,
    ]);
    expect(halfToNumber(0xfc00)).toBe(Number.NEGATIVE_INFINITY);
    expect(halfToNumber(0x7e01)).toBeNaN();
  });

  it('come back from numbers, all 65,536 of them, and what lies between goes to the nearest, ties to even', () => {
    const all = Array.from({ length: 65_536 }, (_, half) => half).filter((half) => !Number.isNaN(halfToNumber(half)));
    expect(all.filter((half) => numberToHalf(halfToNumber(half)) !== half)).toEqual([]);
    expect(halfToNumber(numberToHalf(Number.NaN))).toBeNaN();
    for (let half = 0; half < 0x7bff; half += 13) {
      const [low, high] = [halfToNumber(half), halfToNumber(half + 1)];
      expect(numberToHalf((low + high) / 2)).toBe(half + (half & 1));
      expect(numberToHalf(low + (high - low) / 4)).toBe(half);
      expect(numberToHalf(-(low + ((high - low) * 3) / 4))).toBe(0x8000 | (half + 1));
    }
    expect(numberToHalf(65519)).toBe(0x7bff);
    expect(numberToHalf(65520)).toBe(0x7c00);
    expect(numberToHalf(-1e9)).toBe(0xfc00);
  });
});

describe('requantising to Q8_0', () => {
  it.each(cases)('keeps $type within half a step of each block, and reports the loss', ({ values }) => {
    const old = floats(values);
    const bytes = new Uint8Array((old.length / 32) * 34);
    const { errorSquares, squares } = quantiseQ8_0(old, bytes);
    const read = dequantise('Q8_0', bytes);
    let sum = 0;
    for (let start = 0; start < old.length; start += 32) {
      const peak = old.subarray(start, start + 32).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (let i = start; i < start + 32; i++) {
        sum += (read[i]! - old[i]!) ** 2;
        // Half a step, the rounding of the scale at 127 steps, and the coarse scales of very small blocks.
        expect(Math.abs(read[i]! - old[i]!)).toBeLessThanOrEqual(peak / 127 / 2 + peak / 2048 + 127 * 2 ** -25);
      }
    }
    expect(errorSquares).toBeCloseTo(sum, 6);
    expect(squares).toBeGreaterThan(0);
    expect(Math.sqrt(errorSquares / squares)).toBeLessThan(0.01);
  });
});
