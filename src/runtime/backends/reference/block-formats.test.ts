import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { SottoError } from '../../../shared/index.ts';
import { dequantise, halfToNumber } from './block-formats.ts';

interface BlockCase {
  readonly type: GgmlTypeName;
  readonly bytes: string;
  readonly values: readonly number[];
}
const cases = JSON.parse(readFileSync('scripts/goldens/blocks.json', 'utf8')) as BlockCase[];

describe('block formats', () => {
  it.each(cases)('reads $type as the gguf package does', ({ type, bytes, values }) => {
    const read = dequantise(type, Uint8Array.from(Buffer.from(bytes, 'hex')));
    expect(read).toHaveLength(values.length);
    for (const [i, value] of values.entries()) {
      expect(Math.abs(read[i]! - value)).toBeLessThanOrEqual(1e-6 * Math.abs(value));
    }
  });

  it('reads half floats of every kind', () => {
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

  it('refuses a type it has no definition of', () => {
    expect(() => dequantise('Q6_K', new Uint8Array(210))).toThrow(SottoError);
  });
});
