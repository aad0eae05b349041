import { EIGHT_BIT_BIASED_STEP, EIGHT_BIT_SUM, SIXTEEN_BIT_BIASED_STEP, SIXTEEN_BIT_SUM } from '../../plan-fields';
import { highHalves, lowHalves, multiplyAdd, REST_OF_BIAS } from '../math';

/**
 * Weights of 4 or 5 bits in blocks of 32: w = d * q + m with a stored minimum m, or w = d * (q - middle) without one.
 *
 * 8 rows make a group. A block of a group holds the quants of rows 0-3, then those of rows 4-7 (see unpack.ts), 8 d, and
 * where there are minima 8 m: lane r of the d (m) vector holds row r in its low half and row r + 4 in its high half, as
 * half floats. So lane r always belongs to row r and sums need no horizontal step; in all, as many bytes as in the file.
 *
 * `bits` and `hasMinimum` are constants wherever they are passed, and inlining removes their branches.
 */

/** Bytes of the quants of four rows. */
// @ts-expect-error: decorator
@inline
export function halfGroup(bits: i32): usize {
  return <usize>bits * 16;
}

/** Where d stands in a block; m follows it. */
// @ts-expect-error: decorator
@inline
export function scalesAt(bits: i32): usize {
  return 2 * halfGroup(bits);
}

// @ts-expect-error: decorator
@inline
export function blockBytes(bits: i32, hasMinimum: bool): usize {
  return scalesAt(bits) + (hasMinimum ? 32 : 16);
}

/** The scales of rows 0-3 or 4-7, divided by HALF_BIAS. */
// @ts-expect-error: decorator
@inline
export function halves(address: usize, isHigh: bool): v128 {
  return isHigh ? highHalves(v128.load(address)) : lowHalves(v128.load(address));
}

/** What is taken from unsigned quants where no minimum is stored. */
// @ts-expect-error: decorator
@inline
export function middle(bits: i32): f32 {
  return bits == 4 ? 8 : 16;
}

/** What a row's unsigned quants are shifted by. Multiplies the sum of the activations, whose bias it completes where sums of rows do not. */
// @ts-expect-error: decorator
@inline
export function minima(bits: i32, hasMinimum: bool, stored: v128, d: v128): v128 {
  const rest: f32 = ASC_FEATURE_RELAXED_SIMD ? 1 : REST_OF_BIAS;
  if (!hasMinimum) return f32x4.mul(d, f32x4.splat(-middle(bits) * rest));
  return ASC_FEATURE_RELAXED_SIMD ? stored : f32x4.mul(stored, f32x4.splat(rest));
}

/** Sums of rows as they are stored: with int8 activations their bias is completed once, at the end. */
// @ts-expect-error: decorator
@inline
export function whole(rows: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.mul(rows, f32x4.splat(REST_OF_BIAS)) : rows;
}

/** Adds a block's integers (as floats), which met the activations of the record at `a`, and its minima to the sums of four rows. */
// @ts-expect-error: decorator
@inline
export function accumulate(a: usize, integers: v128, d: v128, m: v128, rows: v128): v128 {
  const step = v128.load32_splat(a, ASC_FEATURE_RELAXED_SIMD ? EIGHT_BIT_BIASED_STEP : SIXTEEN_BIT_BIASED_STEP);
  const sum = v128.load32_splat(a, ASC_FEATURE_RELAXED_SIMD ? EIGHT_BIT_SUM : SIXTEEN_BIT_SUM);
  return multiplyAdd(m, sum, multiplyAdd(integers, f32x4.mul(step, d), rows));
}

/** Adds a block of rows 0-3 (4-7) to their sums: `integers` are what its quants made with the record at `a`. */
// @ts-expect-error: decorator
@inline
export function addBlock(bits: i32, hasMinimum: bool, isHigh: bool, w: usize, a: usize, integers: v128, rows: v128): v128 {
  const d = halves(w + scalesAt(bits), isHigh);
  const m = minima(bits, hasMinimum, hasMinimum ? halves(w + scalesAt(bits) + 16, isHigh) : d, d);
  return accumulate(a, integers, d, m, rows);
}
