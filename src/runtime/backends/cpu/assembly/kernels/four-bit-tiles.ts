import { EIGHT_BIT_RECORD, SIXTEEN_BIT_RECORD } from '../../plan-fields';
import { highHalves, lowHalves, multiplyAdd } from '../math';
import { blockBytes, dot, highNibbles, lowNibbles, minima } from './four-bit';
import { storeRows } from './store-rows';

/** Four tokens × four rows of a group (see four-bit.ts): weights are unpacked once for four tokens, sums stay in registers. */

/** The scales of rows 0-3 or 4-7. */
// @ts-expect-error: decorator
@inline
function half(address: usize, isHigh: bool): v128 {
  return isHigh ? highHalves(v128.load(address)) : lowHalves(v128.load(address));
}

/** 16 values of four rows for one token, times the integer scale of that half of its activations. */
// @ts-expect-error: decorator
@inline
function tokenDot(a: usize, scale: usize, n0: v128, n1: v128, n2: v128, n3: v128): v128 {
  const first = i16x8.add(dot(v128.load(a), n0), dot(v128.load(a, 16), n1));
  const sum = i16x8.add(i16x8.add(first, dot(v128.load(a, 32), n2)), dot(v128.load(a, 48), n3));
  return i32x4.dot_i16x8_s(sum, v128.load(scale));
}

// @ts-expect-error: decorator
@inline
export function tileRelaxed(
  hasMinimum: bool,
  w: usize,
  a: usize,
  blocks: i32,
  isHigh: bool,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  let t0 = f32x4.splat(0);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  for (let b = 0; b < blocks; ++b) {
    const v = w + (isHigh ? 64 : 0);
    const d = half(w + 128, isHigh);
    // Half a block at a time, which reads the weights twice, keeps everything in sixteen registers.
    let n0 = lowNibbles(v128.load(v));
    let n1 = lowNibbles(v128.load(v, 16));
    let n2 = lowNibbles(v128.load(v, 32));
    let n3 = lowNibbles(v128.load(v, 48));
    let s0 = tokenDot(a, a + 128, n0, n1, n2, n3);
    let s1 = tokenDot(a + 192, a + 320, n0, n1, n2, n3);
    let s2 = tokenDot(a + 384, a + 512, n0, n1, n2, n3);
    let s3 = tokenDot(a + 576, a + 704, n0, n1, n2, n3);
    n0 = highNibbles(v128.load(v));
    n1 = highNibbles(v128.load(v, 16));
    n2 = highNibbles(v128.load(v, 32));
    n3 = highNibbles(v128.load(v, 48));
    s0 = i32x4.add(s0, tokenDot(a + 64, a + 144, n0, n1, n2, n3));
    s1 = i32x4.add(s1, tokenDot(a + 256, a + 336, n0, n1, n2, n3));
    s2 = i32x4.add(s2, tokenDot(a + 448, a + 528, n0, n1, n2, n3));
    s3 = i32x4.add(s3, tokenDot(a + 640, a + 720, n0, n1, n2, n3));
    t0 = multiplyAdd(f32x4.convert_i32x4_s(s0), f32x4.mul(v128.load(a, 160), d), t0);
    t1 = multiplyAdd(f32x4.convert_i32x4_s(s1), f32x4.mul(v128.load(a, 352), d), t1);
    t2 = multiplyAdd(f32x4.convert_i32x4_s(s2), f32x4.mul(v128.load(a, 544), d), t2);
    t3 = multiplyAdd(f32x4.convert_i32x4_s(s3), f32x4.mul(v128.load(a, 736), d), t3);
    const m = minima(hasMinimum, hasMinimum ? half(w + 144, isHigh) : d, d);
    t0 = multiplyAdd(m, v128.load(a, 176), t0);
    t1 = multiplyAdd(m, v128.load(a, 368), t1);
    t2 = multiplyAdd(m, v128.load(a, 560), t2);
    t3 = multiplyAdd(m, v128.load(a, 752), t3);
    a += 4 * EIGHT_BIT_RECORD;
    w += blockBytes(hasMinimum);
  }
  storeRows(out, t0, add, scale);
  storeRows(out + outStride, t1, add, scale);
  storeRows(out + 2 * outStride, t2, add, scale);
  storeRows(out + 3 * outStride, t3, add, scale);
}

// @ts-expect-error: decorator
@inline
export function tilePlain(hasMinimum: bool, w: usize, a: usize, blocks: i32, isHigh: bool, out: usize, outStride: usize, add: bool, scale: f32): void {
  let t0 = f32x4.splat(0);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  const mask = i16x8.splat(15);
  let vectors = w + (isHigh ? 64 : 0);
  for (let b = 0; b < blocks; ++b) {
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let i: usize = 0; i < 4; ++i) {
      const x = v128.load(vectors + i * 16);
      const ai = a + i * 8;
      let n = v128.and(x, mask);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load32_splat(ai), n));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load32_splat(ai, 96), n));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load32_splat(ai, 192), n));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load32_splat(ai, 288), n));
      n = v128.and(i16x8.shr_u(x, 8), mask);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load32_splat(ai, 4), n));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load32_splat(ai, 100), n));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load32_splat(ai, 196), n));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load32_splat(ai, 292), n));
      n = v128.and(i16x8.shr_u(x, 4), mask);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load32_splat(ai, 32), n));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load32_splat(ai, 128), n));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load32_splat(ai, 224), n));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load32_splat(ai, 320), n));
      n = i16x8.shr_u(x, 12);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load32_splat(ai, 36), n));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load32_splat(ai, 132), n));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load32_splat(ai, 228), n));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load32_splat(ai, 324), n));
    }
    const halves = vectors - (isHigh ? 64 : 0);
    const d = half(halves + 128, isHigh);
    const m = minima(hasMinimum, hasMinimum ? half(halves + 144, isHigh) : d, d);
    t0 = multiplyAdd(f32x4.convert_i32x4_s(s0), f32x4.mul(v128.load(a, 64), d), t0);
    t0 = multiplyAdd(m, v128.load(a, 80), t0);
    t1 = multiplyAdd(f32x4.convert_i32x4_s(s1), f32x4.mul(v128.load(a, 160), d), t1);
    t1 = multiplyAdd(m, v128.load(a, 176), t1);
    t2 = multiplyAdd(f32x4.convert_i32x4_s(s2), f32x4.mul(v128.load(a, 256), d), t2);
    t2 = multiplyAdd(m, v128.load(a, 272), t2);
    t3 = multiplyAdd(f32x4.convert_i32x4_s(s3), f32x4.mul(v128.load(a, 352), d), t3);
    t3 = multiplyAdd(m, v128.load(a, 368), t3);
    a += 4 * SIXTEEN_BIT_RECORD;
    vectors += blockBytes(hasMinimum);
  }
  storeRows(out, t0, add, scale);
  storeRows(out + outStride, t1, add, scale);
  storeRows(out + 2 * outStride, t2, add, scale);
  storeRows(out + 3 * outStride, t3, add, scale);
}
