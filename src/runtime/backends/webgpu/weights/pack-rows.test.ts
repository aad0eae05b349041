import { describe, expect, it } from 'vitest';
import type { GgmlTypeName } from '../../../../formats/gguf/index.ts';
import { dequantise } from '../../reference/index.ts';
import { randomNumbers, randomRows } from '../testing/random-model.ts';
import { PackedRows } from './pack-rows.ts';
import { REWRITES } from './rewrite-blocks.ts';
import { formatOf } from './weight-format.ts';
import { layoutOf } from './weight-matrix.ts';

const TYPES: readonly GgmlTypeName[] = ['Q4_0', 'Q4_1', 'Q8_0', 'Q4_K', 'Q6_K', 'IQ4_NL', 'F16', 'F32'];

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('PackedRows', () => {
  it('moves the scales of Q4_1 behind the values', () => {
    // Two blocks of one row: factor and offset, then 16 bytes of nibbles.
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => i);
    const packed = new PackedRows('q4_1', 1, 64);
    packed.pack('Q4_1', bytes, 1, () => 0);
    expect(hex(packed.bytes)).toBe(
      hex(
        Uint8Array.of(...bytes.slice(4, 20), ...bytes.slice(24, 40), 0, 1, 2, 3, 20, 21, 22, 23, ...Array(8).fill(0)),
      ),
    );
  });

  it('places rows where they are told to go, whatever the alignment of the bytes', () => {
    const random = randomNumbers(1);
    const bytes = randomRows('Q8_0', 3, 32, random);
    const odd = new Uint8Array(bytes.length + 1);
    odd.set(bytes, 1);
    const packed = new PackedRows('q8_0', 5, 32);
    packed.pack('Q8_0', odd.subarray(1), 3, (row) => 4 - 2 * row);
    for (let row = 0; row < 3; row++) {
      const place = 4 - 2 * row;
      expect(hex(packed.values.subarray(place * 32, place * 32 + 32))).toBe(
        hex(bytes.subarray(row * 34 + 2, row * 34 + 34)),
      );
      expect(hex(packed.scales.subarray(place * 2, place * 2 + 2))).toBe(hex(bytes.subarray(row * 34, row * 34 + 2)));
    }
    expect(packed.values.subarray(32, 64).every((byte) => byte === 0)).toBe(true);
  });

  it('pads rows of floats to whole blocks', () => {
    const packed = new PackedRows('f16', 2, 40);
    packed.pack('F16', new Uint8Array(160).fill(7), 2, (row) => row);
    expect(packed.bytes.byteLength).toBe(layoutOf('f16', 2, 40).byteLength);
    const isValue = (index: number) => index % 128 < 80;
    expect(packed.bytes.every((byte, index) => byte === (isValue(index) ? 7 : 0))).toBe(true);
  });

  it.each(TYPES)('widens %s to exactly its values', (type) => {
    const bytes = randomRows(type, 2, 256, randomNumbers(2));
    const packed = new PackedRows('f32', 2, 256);
    packed.pack(type, bytes, 2, (row) => 1 - row);
    const values = dequantise(type, bytes);
    const expected = new Float32Array([...values.subarray(256), ...values.subarray(0, 256)]);
    // Adding zero makes the two zeros one.
    expect(Array.from(new Float32Array(packed.bytes.buffer), (value) => value + 0)).toEqual(
      Array.from(expected, (value) => value + 0),
    );
  });

  it('widens BF16, the upper half of an f32', () => {
    expect(formatOf('BF16')).toBe('f32');
    const numbers = [1, -2.5, 0, 3e38, 2 ** -130];
    const bytes = new Uint8Array(2 * 32);
    const view = new DataView(bytes.buffer);
    for (const [i, value] of numbers.entries()) {
      view.setUint16(2 * i, new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16, true);
    }
    const packed = new PackedRows('f32', 1, 32);
    packed.pack('BF16', bytes, 1, () => 0);
    const values = new Float32Array(packed.bytes.buffer);
    expect([...values.subarray(0, 3)]).toEqual([1, -2.5, 0]);
    expect(values[3]! / 3e38).toBeCloseTo(1, 2);
    expect(values[4]).toBe(2 ** -130);
  });

  it.each([
    ['TQ1_0', 'Q4_0'],
    ['TQ2_0', 'Q4_0'],
    ['IQ4_NL', 'Q8_0'],
    ['MXFP4', 'Q8_0'],
  ] as const)('holds %s without loss, as blocks of %s', (type, as) => {
    expect(formatOf(type)).toBe(formatOf(as));
    const bytes = randomRows(type, 1, 512, randomNumbers(4));
    const rewritten = REWRITES.get(type)!(bytes);
    expect(rewritten).toHaveLength((512 / 32) * (as === 'Q4_0' ? 18 : 34));
    const plain = (values: Float32Array) => Array.from(values, (value) => value + 0);
    expect(plain(dequantise(as, rewritten))).toEqual(plain(dequantise(type, bytes)));
    let losses = 0;
    new PackedRows(formatOf(type), 1, 512, () => {
      losses += 1;
    }).pack(type, bytes, 1, () => 0);
    expect(losses).toBe(0);
  });

  it('requantises what has no reader to Q8_0, and says what that costs', () => {
    expect(formatOf('IQ4_XS')).toBe('q8_0');
    const bytes = randomRows('IQ4_XS', 1, 256, randomNumbers(3));
    let share = 0;
    const packed = new PackedRows('q8_0', 1, 256, ({ errorSquares, squares }) => {
      share = Math.sqrt(errorSquares / squares);
    });
    packed.pack('IQ4_XS', bytes, 1, () => 0);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(0.01);
    expect(packed.values.some((byte) => byte !== 0)).toBe(true);
  });
});
