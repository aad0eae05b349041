import {
  EIGHT_BIT_BIASED_STEP,
  EIGHT_BIT_FACTORS,
  EIGHT_BIT_INTEGER_FACTORS,
  EIGHT_BIT_PAIR_SUMS,
  EIGHT_BIT_STEP,
  EIGHT_BIT_SUM,
  SIXTEEN_BIT_BIASED_STEP,
  SIXTEEN_BIT_HALF_SUMS,
  SIXTEEN_BIT_LEVELS,
  SIXTEEN_BIT_LOW_PLANE,
  SIXTEEN_BIT_OFFSET_SUM,
  SIXTEEN_BIT_STEP,
  SIXTEEN_BIT_SUM,
} from '../../plan-fields';
import { HALF_BIAS, integerSum, maxLanes, SUM_BIAS, sumLanes, toInteger } from '../math';
import { BYTE_OFFSET } from './byte-offset';

/**
 * Activations become integers in blocks of 32 with one scale each: finer than one scale a row, which ruins perplexity
 * (docs/decisions/0001). Beside the scale stands the scaled sum of the integers: the minimum of an asymmetric weight
 * block multiplies exactly that. They carry HALF_BIAS and SUM_BIAS, see math.ts. `recordStride` lets four tokens' records interleave,
 * so that a GEMM kernel reaches all four from one pointer.
 */

/** Greatest magnitude of `bytes` bytes of f32. */
// @ts-expect-error: decorator
@inline
export function greatest(x: usize, bytes: usize): f32 {
  let m = f32x4.abs(v128.load(x));
  for (let i: usize = 16; i < bytes; i += 16) m = f32x4.pmax(m, f32x4.abs(v128.load(x + i)));
  return maxLanes(m);
}

/** Round half away from zero needs a sign select; `nearest` (half to even) is one instruction. */
// @ts-expect-error: decorator
@inline
function scaled(x: usize, inverse: v128): v128 {
  return toInteger(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
}

/**
 * int8 records. The two halves of a block have an integer scale each (up to 128, on top of the block's own): kernels widen
 * their sums by a multiplication anyway, and an outlier coarsens 15 neighbours instead of 31.
 */
export function quantiseEightBit(x: usize, blocks: i32, to: usize, recordStride: usize): void {
  const ones = i16x8.splat(1);
  for (let b = 0; b < blocks; ++b) {
    const peak0 = greatest(x, 64);
    const peak1 = greatest(x + 64, 64);
    const peak = max(peak0, peak1);
    const step: f32 = peak / (127.0 * 128.0);
    let total = 0;
    for (let half: usize = 0; half < 2; ++half) {
      const from = x + half * 64;
      // Rounded up, so that the half's greatest value still fits.
      const factor: f32 = peak > 0 ? max<f32>(1, ceil<f32>(((half ? peak1 : peak0) / peak) * 128.0)) : 1;
      const inverse = f32x4.splat(peak > 0 ? <f32>1.0 / (step * factor) : 0);
      const first = i16x8.narrow_i32x4_s(scaled(from, inverse), scaled(from + 16, inverse));
      const second = i16x8.narrow_i32x4_s(scaled(from + 32, inverse), scaled(from + 48, inverse));
      v128.store(to + half * 16, i8x16.narrow_i16x8_s(first, second));
      store<f32>(to + half * 4, factor, EIGHT_BIT_FACTORS);
      store<u16>(to + half * 2, <u16>factor, EIGHT_BIT_INTEGER_FACTORS);
      // In each i32 lane two values; lanes 0 and 2 are the first two of a word, lanes 1 and 3 the last two.
      const pairs = i32x4.add(i32x4.dot_i16x8_s(first, ones), i32x4.dot_i16x8_s(second, ones));
      const even = i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 2);
      const odd = i32x4.extract_lane(pairs, 1) + i32x4.extract_lane(pairs, 3);
      store<u32>(to + half * 4, (even & 0xffff) | (odd << 16), EIGHT_BIT_PAIR_SUMS);
      total += <i32>factor * (even + odd);
    }
    store<f32>(to, step * SUM_BIAS, EIGHT_BIT_BIASED_STEP);
    store<f32>(to, step * <f32>total * SUM_BIAS, EIGHT_BIT_SUM);
    store<f32>(to, step, EIGHT_BIT_STEP);
    x += 128;
    to += recordStride;
  }
}

/** Eight values as 256 * upper + lower, signed bytes both. */
// @ts-expect-error: decorator
@inline
function storePlanes(to: usize, values: v128): void {
  const upper = i16x8.shr_s(i16x8.add(values, i16x8.splat(128)), 8);
  const lower = i16x8.sub(values, i16x8.shl(upper, 8));
  const bytes = i8x16.narrow_i16x8_s(upper, lower);
  v128.store64_lane(to, bytes, 0);
  v128.store64_lane(to, bytes, 1, SIXTEEN_BIT_LOW_PLANE);
}

/**
 * int16 records. Pairs lie in the order (0,2) (1,3) (4,6) (5,7) …: the order in which bytes and nibbles come out of words; where dots
 * are fused their bytes lie apart and in order.
 */
export function quantiseSixteenBit(x: usize, blocks: i32, to: usize, recordStride: usize): void {
  const ones = i16x8.splat(1);
  for (let b = 0; b < blocks; ++b) {
    const peak = greatest(x, 128);
    const inverse = f32x4.splat(peak > 0 ? <f32>SIXTEEN_BIT_LEVELS / peak : 0);
    const step: f32 = peak / <f32>SIXTEEN_BIT_LEVELS;
    let total: f32 = 0;
    let offsets = 0;
    for (let half: usize = 0; half < 2; ++half) {
      let sums = i32x4.splat(0);
      for (let i: usize = 2 * half; i < 2 * half + 2; ++i) {
        const values = i16x8.narrow_i32x4_s(scaled(x + i * 32, inverse), scaled(x + i * 32 + 16, inverse));
        sums = i32x4.add(sums, i32x4.dot_i16x8_s(values, ones));
        if (FUSED_DOT) storePlanes(to + i * 8, values);
        else v128.store(to + i * 16, i16x8.shuffle(values, values, 0, 2, 1, 3, 4, 6, 5, 7));
      }
      if (FUSED_DOT) offsets += BYTE_OFFSET * integerSum(sums);
      const sum = sumLanes(f32x4.convert_i32x4_s(sums));
      store<f32>(to + half * 4, step * sum, SIXTEEN_BIT_HALF_SUMS);
      total += sum;
    }
    store<f32>(to, step * HALF_BIAS, SIXTEEN_BIT_BIASED_STEP);
    store<f32>(to, step * total * SUM_BIAS, SIXTEEN_BIT_SUM);
    store<f32>(to, step, SIXTEEN_BIT_STEP);
    if (FUSED_DOT) store<i32>(to, offsets, SIXTEEN_BIT_OFFSET_SUM);
    x += 128;
    to += recordStride;
  }
}
