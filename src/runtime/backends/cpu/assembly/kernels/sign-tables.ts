import { TABLE_GROUP, TABLE_LEVELS, TABLE_RECORD, TABLE_STEP } from '../../plan-fields';
import { toInteger } from '../math';
import { greatest } from './quantise';

/**
 * Activations for weights of one bit (one-bit.ts). Four of them against four signs have only sixteen outcomes: all sums
 * ±x0 ±x1 ±x2 ±x3 are made once, and a lookup then stands for four products in each of sixteen rows. Blocks of 32 as
 * int8 with one step; the sums take ten bits: low + 32 * high, both from -16 to 15, in two tables of bytes, so that
 * eight lookups add up within a byte. That is why values end at 123: four times 127 is above 32 * 15 + 15.
 */
export function tabulateSigns(x: usize, blocks: i32, to: usize): void {
  // Bit i of an index is the sign of value i. Values 0 to 2 make eight sums; value 3 doubles them.
  const first = i16x8(-1, 1, -1, 1, -1, 1, -1, 1);
  const second = i16x8(-1, -1, 1, 1, -1, -1, 1, 1);
  const third = i16x8(-1, -1, -1, -1, 1, 1, 1, 1);
  const middle = i16x8.splat(16);
  for (let b = 0; b < blocks; ++b) {
    const peak = greatest(x, 128);
    const inverse = f32x4.splat(peak > 0 ? <f32>TABLE_LEVELS / peak : 0);
    for (let g: usize = 0; g < 8; ++g) {
      const q = toInteger(f32x4.nearest(f32x4.mul(v128.load(x + g * 16), inverse)));
      let sums = i16x8.mul(first, i16x8.splat(<i16>i32x4.extract_lane(q, 0)));
      sums = i16x8.add(sums, i16x8.mul(second, i16x8.splat(<i16>i32x4.extract_lane(q, 1))));
      sums = i16x8.add(sums, i16x8.mul(third, i16x8.splat(<i16>i32x4.extract_lane(q, 2))));
      const last = i16x8.splat(<i16>i32x4.extract_lane(q, 3));
      const lowered = i16x8.sub(sums, last);
      const raised = i16x8.add(sums, last);
      const loweredHigh = i16x8.shr_s(i16x8.add(lowered, middle), 5);
      const raisedHigh = i16x8.shr_s(i16x8.add(raised, middle), 5);
      const table = to + g * TABLE_GROUP;
      const loweredLow = i16x8.sub(lowered, i16x8.shl(loweredHigh, 5));
      v128.store(table, i8x16.narrow_i16x8_s(loweredLow, i16x8.sub(raised, i16x8.shl(raisedHigh, 5))));
      v128.store(table, i8x16.narrow_i16x8_s(loweredHigh, raisedHigh), 16);
    }
    store<f32>(to, peak / <f32>TABLE_LEVELS, TABLE_STEP);
    x += 128;
    to += TABLE_RECORD;
  }
}
