import {
  EIGHT_BIT_RECORD,
  SIXTEEN_BIT_BIASED_STEP,
  SIXTEEN_BIT_RECORD,
} from '../../plan-fields';
import { highHalves, lowHalves, multiplyAdd } from '../math';
import { accumulate, blockBytes, minima } from './affine-block';
import { storeRows } from './store-rows';
import { dot, scaledHalves } from './word-dot';

/**
 * Two tokens × eight rows, for jobs that have no more: a guess behind a token, or two texts. A tile of four would compute two
 * tokens for nothing. The steps of four-bit.ts and q8_0.ts in their order, so that results are the same to the last bit; the
 * tokens' records lie interleaved with those of their tile.
 */

/** Words `word` and `word + 4` of four rows' nibbles against both halves of a token's activations. */
// @ts-expect-error: decorator
@inline
function lowDot(a: usize, v: v128): v128 {
  return dot(v128.load32_splat(a), v128.and(v, i8x16.splat(15)));
}

// @ts-expect-error: decorator
@inline
function highDot(a: usize, v: v128): v128 {
  return dot(v128.load32_splat(a, 16), v128.and(i16x8.shr_u(v, 4), i8x16.splat(15)));
}

/** Four-bit weights with relaxed SIMD: out[token][8] (+)= W x. */
// @ts-expect-error: decorator
@inline
export function pairOfFourBit(
  hasMinimum: bool,
  w: usize,
  blocks: i32,
  a: usize,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  let first0 = f32x4.splat(0);
  let first4 = first0;
  let second0 = first0;
  let second4 = first0;
  for (let b = 0; b < blocks; ++b) {
    const other = a + EIGHT_BIT_RECORD;
    const d = v128.load(w, 128);
    const m = hasMinimum ? v128.load(w, 144) : d;
    // Four rows at a time: more would not stay in sixteen registers.
    let v = v128.load(w);
    let l = lowDot(a, v);
    let h = highDot(a, v);
    let k = lowDot(other, v);
    let g = highDot(other, v);
    v = v128.load(w, 16);
    l = i16x8.add(l, lowDot(a + 4, v));
    h = i16x8.add(h, highDot(a + 4, v));
    k = i16x8.add(k, lowDot(other + 4, v));
    g = i16x8.add(g, highDot(other + 4, v));
    v = v128.load(w, 32);
    l = i16x8.add(l, lowDot(a + 8, v));
    h = i16x8.add(h, highDot(a + 8, v));
    k = i16x8.add(k, lowDot(other + 8, v));
    g = i16x8.add(g, highDot(other + 8, v));
    v = v128.load(w, 48);
    l = i16x8.add(l, lowDot(a + 12, v));
    h = i16x8.add(h, highDot(a + 12, v));
    k = i16x8.add(k, lowDot(other + 12, v));
    g = i16x8.add(g, highDot(other + 12, v));
    let scales = lowHalves(d);
    let least = minima(4, hasMinimum, lowHalves(m), scales);
    first0 = accumulate(a, scaledHalves(a, l, h), scales, least, first0);
    second0 = accumulate(other, scaledHalves(other, k, g), scales, least, second0);
    v = v128.load(w, 64);
    l = lowDot(a, v);
    h = highDot(a, v);
    k = lowDot(other, v);
    g = highDot(other, v);
    v = v128.load(w, 80);
    l = i16x8.add(l, lowDot(a + 4, v));
    h = i16x8.add(h, highDot(a + 4, v));
    k = i16x8.add(k, lowDot(other + 4, v));
    g = i16x8.add(g, highDot(other + 4, v));
    v = v128.load(w, 96);
    l = i16x8.add(l, lowDot(a + 8, v));
    h = i16x8.add(h, highDot(a + 8, v));
    k = i16x8.add(k, lowDot(other + 8, v));
    g = i16x8.add(g, highDot(other + 8, v));
    v = v128.load(w, 112);
    l = i16x8.add(l, lowDot(a + 12, v));
    h = i16x8.add(h, highDot(a + 12, v));
    k = i16x8.add(k, lowDot(other + 12, v));
    g = i16x8.add(g, highDot(other + 12, v));
    scales = highHalves(d);
    least = minima(4, hasMinimum, highHalves(m), scales);
    first4 = accumulate(a, scaledHalves(a, l, h), scales, least, first4);
    second4 = accumulate(other, scaledHalves(other, k, g), scales, least, second4);
    a += 4 * EIGHT_BIT_RECORD;
    w += blockBytes(4, hasMinimum);
  }
  storeRows(out, first0, add, scale);
  storeRows(out + 16, first4, add, scale);
  storeRows(out + outStride, second0, add, scale);
  storeRows(out + outStride + 16, second4, add, scale);
}

/** Eight-bit weights: the same. */
export function pairOfQ8_0(
  w: usize,
  blocks: i32,
  a: usize,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  let first0 = f32x4.splat(0);
  let first4 = first0;
  let second0 = first0;
  let second4 = first0;
  for (let b = 0; b < blocks; ++b) {
    const other = a + SIXTEEN_BIT_RECORD;
    let s0 = i32x4.splat(0);
    let s4 = s0;
    let r0 = s0;
    let r4 = s0;
    for (let p: usize = 0; p < 16; ++p) {
      const rows0 = v128.load8x8_s(w + p * 16);
      const rows4 = v128.load8x8_s(w + p * 16 + 8);
      let x = v128.load32_splat(a + p * 4);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(x, rows0));
      s4 = i32x4.add(s4, i32x4.dot_i16x8_s(x, rows4));
      x = v128.load32_splat(other + p * 4);
      r0 = i32x4.add(r0, i32x4.dot_i16x8_s(x, rows0));
      r4 = i32x4.add(r4, i32x4.dot_i16x8_s(x, rows4));
    }
    const d = v128.load(w, 256);
    const d0 = lowHalves(d);
    const d4 = highHalves(d);
    let step = v128.load32_splat(a, SIXTEEN_BIT_BIASED_STEP);
    first0 = multiplyAdd(f32x4.convert_i32x4_s(s0), f32x4.mul(step, d0), first0);
    first4 = multiplyAdd(f32x4.convert_i32x4_s(s4), f32x4.mul(step, d4), first4);
    step = v128.load32_splat(other, SIXTEEN_BIT_BIASED_STEP);
    second0 = multiplyAdd(f32x4.convert_i32x4_s(r0), f32x4.mul(step, d0), second0);
    second4 = multiplyAdd(f32x4.convert_i32x4_s(r4), f32x4.mul(step, d4), second4);
    a += 4 * SIXTEEN_BIT_RECORD;
    w += 272;
  }
  storeRows(out, first0, add, scale);
  storeRows(out + 16, first4, add, scale);
  storeRows(out + outStride, second0, add, scale);
  storeRows(out + outStride + 16, second4, add, scale);
}
