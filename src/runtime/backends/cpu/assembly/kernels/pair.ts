import {
  EIGHT_BIT_RECORD,
  SIXTEEN_BIT_BIASED_STEP,
  SIXTEEN_BIT_RECORD,
} from '../../plan-fields';
import { highHalves, lowHalves, multiplyAdd } from '../math';
import { accumulate, blockBytes, minima, whole } from './affine-block';
import { storeRows } from './store-rows';
import { addDot, scaledHalves } from './word-dot';

/**
 * Two tokens × eight rows, for jobs that have no more: a guess behind a token, or two texts. A tile of four would compute two
 * tokens for nothing. The steps of four-bit.ts and q8_0.ts in their order, so that results are the same to the last bit; the
 * tokens' records lie interleaved with those of their tile.
 */

/** sum + words `word` of four rows, low nibbles, against the first half of a token's activations. */
// @ts-expect-error: decorator
@inline
function addLow(sum: v128, a: usize, v: v128): v128 {
  return addDot(sum, v128.load32_splat(a), v128.and(v, i8x16.splat(15)));
}

/** sum + words `word + 4`, high nibbles, against the second half. */
// @ts-expect-error: decorator
@inline
function addHigh(sum: v128, a: usize, v: v128): v128 {
  return addDot(sum, v128.load32_splat(a, 16), v128.and(i16x8.shr_u(v, 4), i8x16.splat(15)));
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
    const none = i32x4.splat(0);
    const d = v128.load(w, 128);
    const m = hasMinimum ? v128.load(w, 144) : d;
    // Four rows at a time: more would not stay in sixteen registers.
    let v = v128.load(w);
    let l = addLow(none, a, v);
    let h = addHigh(none, a, v);
    let k = addLow(none, other, v);
    let g = addHigh(none, other, v);
    v = v128.load(w, 16);
    l = addLow(l, a + 4, v);
    h = addHigh(h, a + 4, v);
    k = addLow(k, other + 4, v);
    g = addHigh(g, other + 4, v);
    v = v128.load(w, 32);
    l = addLow(l, a + 8, v);
    h = addHigh(h, a + 8, v);
    k = addLow(k, other + 8, v);
    g = addHigh(g, other + 8, v);
    v = v128.load(w, 48);
    l = addLow(l, a + 12, v);
    h = addHigh(h, a + 12, v);
    k = addLow(k, other + 12, v);
    g = addHigh(g, other + 12, v);
    let scales = lowHalves(d);
    let least = minima(4, hasMinimum, lowHalves(m), scales);
    first0 = accumulate(a, scaledHalves(a, l, h), scales, least, first0);
    second0 = accumulate(other, scaledHalves(other, k, g), scales, least, second0);
    v = v128.load(w, 64);
    l = addLow(none, a, v);
    h = addHigh(none, a, v);
    k = addLow(none, other, v);
    g = addHigh(none, other, v);
    v = v128.load(w, 80);
    l = addLow(l, a + 4, v);
    h = addHigh(h, a + 4, v);
    k = addLow(k, other + 4, v);
    g = addHigh(g, other + 4, v);
    v = v128.load(w, 96);
    l = addLow(l, a + 8, v);
    h = addHigh(h, a + 8, v);
    k = addLow(k, other + 8, v);
    g = addHigh(g, other + 8, v);
    v = v128.load(w, 112);
    l = addLow(l, a + 12, v);
    h = addHigh(h, a + 12, v);
    k = addLow(k, other + 12, v);
    g = addHigh(g, other + 12, v);
    scales = highHalves(d);
    least = minima(4, hasMinimum, highHalves(m), scales);
    first4 = accumulate(a, scaledHalves(a, l, h), scales, least, first4);
    second4 = accumulate(other, scaledHalves(other, k, g), scales, least, second4);
    a += 4 * EIGHT_BIT_RECORD;
    w += blockBytes(4, hasMinimum);
  }
  storeRows(out, whole(first0), add, scale);
  storeRows(out + 16, whole(first4), add, scale);
  storeRows(out + outStride, whole(second0), add, scale);
  storeRows(out + outStride + 16, whole(second4), add, scale);
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
