/**
 * e^x for four values. Cody-Waite reduction to |r| <= ln2/2, then a degree-5 Taylor-like minimax polynomial:
 * relative error below 2e-7, which is far below what int8 activations lose. Inputs are clamped to the range of f32;
 * the operands stand so that NaN passes through and is noticed at the end.
 */
// @ts-expect-error: decorator
@inline
export function exponential(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.0)), f32x4.splat(88.0));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.44269504)));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1.0));
  const exponent = i32x4.shl(toInteger(n), 23);
  return i32x4.add(p, exponent);
}

/**
 * 2^x for four values that are at most 0: a minimax polynomial of what is left of the nearest integer, right to 3e-6, which is
 * enough for weights of 15 bits, or where `isFine` (a constant) to 2e-7. Less than 2^-60, or 2^-100, is nothing beside the
 * greatest, which is 1, and so the smallest that comes out: no product with it is subnormal. NaN passes through.
 */
// @ts-expect-error: decorator
@inline
export function powerOfTwo(x: v128, isFine: bool): v128 {
  const clamped = f32x4.pmax(x, f32x4.splat(isFine ? -100 : -60));
  const n = f32x4.nearest(clamped);
  const r = f32x4.sub(clamped, n);
  let p = f32x4.splat(isFine ? 1.32647266e-3 : 0.055171649903059006);
  if (isFine) {
    p = multiplyAdd(p, r, f32x4.splat(9.67151296e-3));
    p = multiplyAdd(p, r, f32x4.splat(5.55073375e-2));
  }
  p = multiplyAdd(p, r, f32x4.splat(isFine ? 2.40222421e-1 : 0.2426111251115799));
  p = multiplyAdd(p, r, f32x4.splat(isFine ? 6.93146978e-1 : 0.6932609677314758));
  p = multiplyAdd(p, r, f32x4.splat(isFine ? 1 : 0.9999280571937561));
  return i32x4.add(p, i32x4.shl(toInteger(n), 23));
}

/** tanh x = 1 - 2 / (e^2x + 1): right to 1e-7 of 1, which is what a soft-cap multiplies. */
// @ts-expect-error: decorator
@inline
export function hyperbolicTangent(x: v128): v128 {
  const e = exponential(f32x4.add(x, x));
  return f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(e, f32x4.splat(1))));
}

/** ln(1 + e^x), which is x where x is large. */
// @ts-expect-error: decorator
@inline
export function softplus(x: f32): f32 {
  return x > 20 ? x : NativeMathf.log1p(NativeMathf.exp(x));
}

/** Rounds towards zero. The inputs are in range, so the relaxed form (one instruction on x64) gives the same. */
// @ts-expect-error: decorator
@inline
export function toInteger(x: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_trunc_f32x4_s(x);
  return i32x4.trunc_sat_f32x4_s(x);
}

/** a * b + c, fused where the machine can. */
// @ts-expect-error: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Zeros in `bytes` bytes, a multiple of 16. Where they are few, memory.fill, which leaves the module, costs a good part of the tile that follows. */
// @ts-expect-error: decorator
@inline
export function clear(at: usize, bytes: usize): void {
  for (const end = at + bytes; at < end; at += 16) v128.store(at, i32x4.splat(0));
}

/** [a0 + a1, a2 + a3, b0 + b1, b2 + b3] of i32 */
// @ts-expect-error: decorator
@inline
export function fourSums(a: v128, b: v128): v128 {
  const even = i8x16.shuffle(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
  return i32x4.add(even, i8x16.shuffle(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31));
}

// @ts-expect-error: decorator
@inline
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The same of i32. */
// @ts-expect-error: decorator
@inline
export function integerSum(x: v128): i32 {
  return i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3);
}

/** Not by a scalar maximum: the browser makes branches of it that nobody can foretell. */
// @ts-expect-error: decorator
@inline
export function maxLanes(x: v128): f32 {
  const pairs = f32x4.pmax(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(f32x4.pmax(pairs, i32x4.shuffle(pairs, pairs, 1, 0, 3, 2)), 0);
}

/**
 * Half floats widened by integer shifts: exponent and mantissa land in place but the exponent is short by 112, so every
 * value comes out divided by HALF_BIAS. Kernels fold that power of two into the activations' scale, where it costs
 * nothing; conversion instructions do not exist in WASM. Four values lie in the low halves of the lanes, four in the high.
 */
export const HALF_BIAS: f32 = 5192296858534827628530496329220096.0; // 2^112

/**
 * A sum of activations carries less of the bias: 2^112 times a sum above 65,536 would be infinite, and large models do have
 * such sums. The rest comes with the minimum it meets, or, where int8 activations' steps carry as little, with what is added up at
 * the end: one multiplication a row and not one a block. For the same reason kernels multiply scale by scale before they
 * multiply the integers: (q · x) * 2^112 alone overflows where activations are in the hundreds.
 */
export const SUM_BIAS: f32 = 79228162514264337593543950336.0; // 2^96
export const REST_OF_BIAS: f32 = 65536.0; // 2^16

const HALF_MASK: i32 = 0x8fffe000;

// @ts-expect-error: decorator
@inline
export function lowHalves(x: v128): v128 {
  return v128.and(i32x4.shr_s(i32x4.shl(x, 16), 3), i32x4.splat(HALF_MASK));
}

// @ts-expect-error: decorator
@inline
export function highHalves(x: v128): v128 {
  return v128.and(i32x4.shr_s(x, 3), i32x4.splat(HALF_MASK));
}

/** One half float, exactly (subnormals included; infinities and NaN do not occur in sound weights). */
// @ts-expect-error: decorator
@inline
export function halfToFloat(half: u16): f32 {
  const bits = ((<i32>half << 16) >> 3) & HALF_MASK;
  return reinterpret<f32>(bits) * HALF_BIAS;
}

/** The nearest half float, ties to even; what is too large becomes the largest. */
export function floatToHalf(x: f32): u16 {
  const bits = reinterpret<u32>(x);
  const sign = (bits >> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size >= 0x477fe000) return <u16>(sign | 0x7bff);
  // Below the normal half floats, multiples of 2^-24.
  if (size < 0x38800000) return <u16>(sign | <u32>nearest<f32>(abs<f32>(x) * <f32>16777216.0));
  return <u16>(sign | ((size - 0x38000000 + 0xfff + ((size >> 13) & 1)) >> 13));
}
