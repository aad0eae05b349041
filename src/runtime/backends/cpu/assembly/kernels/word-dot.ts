import { EIGHT_BIT_FACTORS, EIGHT_BIT_INTEGER_FACTORS } from '../../plan-fields';
import { multiplyAdd } from '../math';
import { unpack } from './unpack';

/** int8 × unsigned bytes of at most 7 bits, pairs added in i16: exact, for that is the range the relaxed dots are defined in. */
// @ts-expect-error: decorator
@inline
export function dot(x: v128, quants: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(x, quants);
}

/**
 * int8 activations against words of quants of four rows. Sums are i16, lanes 2r and 2r + 1 of row r; in a build with FUSED_DOT
 * they are i32, lane r of row r, for one instruction there multiplies four values of a row and adds them up.
 */
// @ts-expect-error: decorator
@inline
export function firstDot(x: v128, quants: v128): v128 {
  if (FUSED_DOT) return i32x4.relaxed_dot_i8x16_i7x16_add_s(x, quants, i32x4.splat(0));
  return dot(x, quants);
}

/** sum + dot */
// @ts-expect-error: decorator
@inline
export function addDot(sum: v128, x: v128, quants: v128): v128 {
  if (FUSED_DOT) return i32x4.relaxed_dot_i8x16_i7x16_add_s(x, quants, sum);
  return i16x8.add(sum, dot(x, quants));
}

/**
 * What the words of the first half of a block add up to, times the integer scale of those activations: half of joinHalves.
 * Integers of i32, or where dots are fused the same as floats: below 2^24 those are exact, and i32 products are slow on some
 * processors, where the other builds need theirs to widen the sums.
 */
// @ts-expect-error: decorator
@inline
export function scaleFirst(a: usize, sums: v128): v128 {
  if (FUSED_DOT) return f32x4.mul(f32x4.convert_i32x4_s(sums), v128.load32_splat(a, EIGHT_BIT_FACTORS));
  return i32x4.dot_i16x8_s(sums, v128.load16_splat(a, EIGHT_BIT_INTEGER_FACTORS));
}

/** A block's integers of four rows as floats, from the scaled first half and the sums of the second. */
// @ts-expect-error: decorator
@inline
export function joinHalves(a: usize, first: v128, sums: v128): v128 {
  if (FUSED_DOT) return multiplyAdd(f32x4.convert_i32x4_s(sums), v128.load32_splat(a, EIGHT_BIT_FACTORS + 4), first);
  const second = i32x4.dot_i16x8_s(sums, v128.load16_splat(a, EIGHT_BIT_INTEGER_FACTORS + 2));
  return f32x4.convert_i32x4_s(i32x4.add(first, second));
}

/** Both at once. */
// @ts-expect-error: decorator
@inline
export function scaledHalves(a: usize, first: v128, second: v128): v128 {
  return joinHalves(a, scaleFirst(a, first), second);
}

/** Half a block of four rows (words `word` to `word + 3`) against its activations, i16 in all builds. */
// @ts-expect-error: decorator
@inline
export function halfDot(bits: i32, w: usize, word: i32, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const first = i16x8.add(dot(x0, unpack(bits, w, word)), dot(x1, unpack(bits, w, word + 1)));
  return i16x8.add(i16x8.add(first, dot(x2, unpack(bits, w, word + 2))), dot(x3, unpack(bits, w, word + 3)));
}

/** halfDot where the quants are unpacked already, for one of several tokens. */
// @ts-expect-error: decorator
@inline
export function tokenDot(a: usize, n0: v128, n1: v128, n2: v128, n3: v128): v128 {
  const first = i16x8.add(dot(v128.load32_splat(a), n0), dot(v128.load32_splat(a, 4), n1));
  return i16x8.add(i16x8.add(first, dot(v128.load32_splat(a, 8), n2)), dot(v128.load32_splat(a, 12), n3));
}

/** Bytes 0 and 2 of every word as i16, unsigned or signed: without relaxed SIMD they meet int16 activations. */
// @ts-expect-error: decorator
@inline
export function evenBytes(quants: v128, isSigned: bool): v128 {
  return isSigned ? i16x8.shr_s(i16x8.shl(quants, 8), 8) : v128.and(quants, i16x8.splat(255));
}

/** Bytes 1 and 3. */
// @ts-expect-error: decorator
@inline
export function oddBytes(quants: v128, isSigned: bool): v128 {
  return isSigned ? i16x8.shr_s(quants, 8) : i16x8.shr_u(quants, 8);
}

/** A word of four rows against int16 activations, whose pairs lie in the order (0, 2), (1, 3). */
// @ts-expect-error: decorator
@inline
export function plainWordDot(a: usize, quants: v128, isSigned: bool): v128 {
  const even = i32x4.dot_i16x8_s(v128.load32_splat(a), evenBytes(quants, isSigned));
  return i32x4.add(even, i32x4.dot_i16x8_s(v128.load32_splat(a, 4), oddBytes(quants, isSigned)));
}

/** Four words of which the even and odd bytes are apart already, for one of several tokens. */
// @ts-expect-error: decorator
@inline
export function plainTokenDot(
  a: usize,
  e0: v128,
  o0: v128,
  e1: v128,
  o1: v128,
  e2: v128,
  o2: v128,
  e3: v128,
  o3: v128,
): v128 {
  let s = i32x4.dot_i16x8_s(v128.load32_splat(a), e0);
  s = i32x4.add(s, i32x4.dot_i16x8_s(v128.load32_splat(a, 4), o0));
  s = i32x4.add(s, i32x4.dot_i16x8_s(v128.load32_splat(a, 8), e1));
  s = i32x4.add(s, i32x4.dot_i16x8_s(v128.load32_splat(a, 12), o1));
  s = i32x4.add(s, i32x4.dot_i16x8_s(v128.load32_splat(a, 16), e2));
  s = i32x4.add(s, i32x4.dot_i16x8_s(v128.load32_splat(a, 20), o2));
  s = i32x4.add(s, i32x4.dot_i16x8_s(v128.load32_splat(a, 24), e3));
  return i32x4.add(s, i32x4.dot_i16x8_s(v128.load32_splat(a, 28), o3));
}
