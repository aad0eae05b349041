import {
  EIGHT_BIT_RECORD,
  SIXTEEN_BIT_BIASED_STEP,
  SIXTEEN_BIT_RECORD,
} from '../../plan-fields';
import { highHalves, lowHalves, multiplyAdd } from '../math';
import { accumulate, blockBytes, halves, minima, scalesAt, whole } from './affine-block';
import { storeRows } from './store-rows';
import { highNibbles, lowNibbles } from './unpack';
import { addDot, scaledHalves } from './word-dot';

/**
 * Two tokens × eight rows, for jobs that have no more: a guess behind a token, or two texts. A tile of four would compute two
 * tokens for nothing. The steps of four-bit.ts and q8_0.ts in their order, so that results are the same to the last bit; the
 * tokens' records lie interleaved with those of their tile.
 */

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
    let firstLow0 = i32x4.splat(0);
    let firstHigh0 = firstLow0;
    let firstLow4 = firstLow0;
    let firstHigh4 = firstLow0;
    let secondLow0 = firstLow0;
    let secondHigh0 = firstLow0;
    let secondLow4 = firstLow0;
    let secondHigh4 = firstLow0;
    for (let word: usize = 0; word < 4; ++word) {
      const rows0 = v128.load(w + word * 16);
      const rows4 = v128.load(w + word * 16, 64);
      const low = lowNibbles(rows0);
      const high = highNibbles(rows0);
      const lows = lowNibbles(rows4);
      const highs = highNibbles(rows4);
      let x = v128.load32_splat(a + word * 4);
      let y = v128.load32_splat(a + word * 4, 16);
      firstLow0 = addDot(firstLow0, x, low);
      firstHigh0 = addDot(firstHigh0, y, high);
      firstLow4 = addDot(firstLow4, x, lows);
      firstHigh4 = addDot(firstHigh4, y, highs);
      x = v128.load32_splat(other + word * 4);
      y = v128.load32_splat(other + word * 4, 16);
      secondLow0 = addDot(secondLow0, x, low);
      secondHigh0 = addDot(secondHigh0, y, high);
      secondLow4 = addDot(secondLow4, x, lows);
      secondHigh4 = addDot(secondHigh4, y, highs);
    }
    let d = halves(w + scalesAt(4), false);
    let m = minima(4, hasMinimum, hasMinimum ? halves(w + scalesAt(4) + 16, false) : d, d);
    first0 = accumulate(a, scaledHalves(a, firstLow0, firstHigh0), d, m, first0);
    second0 = accumulate(other, scaledHalves(other, secondLow0, secondHigh0), d, m, second0);
    d = halves(w + scalesAt(4), true);
    m = minima(4, hasMinimum, hasMinimum ? halves(w + scalesAt(4) + 16, true) : d, d);
    first4 = accumulate(a, scaledHalves(a, firstLow4, firstHigh4), d, m, first4);
    second4 = accumulate(other, scaledHalves(other, secondLow4, secondHigh4), d, m, second4);
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
