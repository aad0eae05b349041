import { TABLE_GROUP, TABLE_RECORD, TABLE_STEP } from '../../plan-fields';
import { toInteger } from '../math';
import { greatest } from './quantise';

/**
 * Activations for weights of one bit (one-bit.ts). Four of them against four signs have only sixteen outcomes: all sums
 * ±x0 ±x1 ±x2 ±x3 are made once, and a lookup then stands for four products in each of sixteen rows. Blocks of 32 as
 * int8 with one step; the sums, raised by 512, take ten bits: five in each of two tables of bytes, so that eight
 * lookups add up within a byte.
 */
export function tabulateSigns(x: usize, blocks: i32, to: usize): void {
  // Bit i of an index is the sign of value i. Values 0 to 2 make eight sums; value 3 doubles them.
  const first = i16x8(-1, 1, -1, 1, -1, 1, -1, 1);
  const second = i16x8(-1, -1, 1, 1, -1, -1, 1, 1);
  const third = i16x8(-1, -1, -1, -1, 1, 1, 1, 1);
  const middle = i16x8.splat(512);
  const low = i16x8.splat(31);
  for (let b = 0; b < blocks; ++b) {
    const peak = greatest(x, 128);
    const inverse = f32x4.splat(peak > 0 ? 127.0 / peak : 0);
    for (let g: usize = 0; g < 8; ++g) {
      const q = toInteger(f32x4.nearest(f32x4.mul(v128.load(x + g * 16), inverse)));
      let sums = i16x8.add(middle, i16x8.mul(first, i16x8.splat(<i16>i32x4.extract_lane(q, 0))));
      sums = i16x8.add(sums, i16x8.mul(second, i16x8.splat(<i16>i32x4.extract_lane(q, 1))));
      sums = i16x8.add(sums, i16x8.mul(third, i16x8.splat(<i16>i32x4.extract_lane(q, 2))));
      const last = i16x8.splat(<i16>i32x4.extract_lane(q, 3));
      const lowered = i16x8.sub(sums, last);
      const raised = i16x8.add(sums, last);
      const table = to + g * TABLE_GROUP;
      v128.store(table, i8x16.narrow_i16x8_u(v128.and(lowered, low), v128.and(raised, low)));
      v128.store(table, i8x16.narrow_i16x8_u(i16x8.shr_u(lowered, 5), i16x8.shr_u(raised, 5)), 16);
    }
    store<f32>(to, peak / <f32>127.0, TABLE_STEP);
    x += 128;
    to += TABLE_RECORD;
  }
}
