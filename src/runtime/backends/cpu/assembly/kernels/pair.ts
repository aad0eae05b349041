import {
  EIGHT_BIT_RECORD,
  SIXTEEN_BIT_BIASED_STEP,
  SIXTEEN_BIT_RECORD,
} from '../../plan-fields';
import { highHalves, lowHalves, multiplyAdd } from '../math';
import { accumulate, blockBytes, halves, minima, scalesAt, whole } from './affine-block';
import { storeRows } from './store-rows';
import { highNibbles, lowNibbles } from './unpack';
import { addDot, firstDot, scaledHalves } from './word-dot';

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
    let words = v128.load(w);
    let low = lowNibbles(words);
    let high = highNibbles(words);
    words = v128.load(w, 64);
    let lows = lowNibbles(words);
    let highs = highNibbles(words);
    let x = v128.load32_splat(a);
    let y = v128.load32_splat(a, 16);
    let firstLow0 = firstDot(x, low);
    let firstHigh0 = firstDot(y, high);
    let firstLow4 = firstDot(x, lows);
    let firstHigh4 = firstDot(y, highs);
    x = v128.load32_splat(other);
    y = v128.load32_splat(other, 16);
    let secondLow0 = firstDot(x, low);
    let secondHigh0 = firstDot(y, high);
    let secondLow4 = firstDot(x, lows);
    let secondHigh4 = firstDot(y, highs);
    words = v128.load(w, 16);
    low = lowNibbles(words);
    high = highNibbles(words);
    words = v128.load(w, 80);
    lows = lowNibbles(words);
    highs = highNibbles(words);
    x = v128.load32_splat(a, 4);
    y = v128.load32_splat(a, 20);
    firstLow0 = addDot(firstLow0, x, low);
    firstHigh0 = addDot(firstHigh0, y, high);
    firstLow4 = addDot(firstLow4, x, lows);
    firstHigh4 = addDot(firstHigh4, y, highs);
    x = v128.load32_splat(other, 4);
    y = v128.load32_splat(other, 20);
    secondLow0 = addDot(secondLow0, x, low);
    secondHigh0 = addDot(secondHigh0, y, high);
    secondLow4 = addDot(secondLow4, x, lows);
    secondHigh4 = addDot(secondHigh4, y, highs);
    words = v128.load(w, 32);
    low = lowNibbles(words);
    high = highNibbles(words);
    words = v128.load(w, 96);
    lows = lowNibbles(words);
    highs = highNibbles(words);
    x = v128.load32_splat(a, 8);
    y = v128.load32_splat(a, 24);
    firstLow0 = addDot(firstLow0, x, low);
    firstHigh0 = addDot(firstHigh0, y, high);
    firstLow4 = addDot(firstLow4, x, lows);
    firstHigh4 = addDot(firstHigh4, y, highs);
    x = v128.load32_splat(other, 8);
    y = v128.load32_splat(other, 24);
    secondLow0 = addDot(secondLow0, x, low);
    secondHigh0 = addDot(secondHigh0, y, high);
    secondLow4 = addDot(secondLow4, x, lows);
    secondHigh4 = addDot(secondHigh4, y, highs);
    words = v128.load(w, 48);
    low = lowNibbles(words);
    high = highNibbles(words);
    words = v128.load(w, 112);
    lows = lowNibbles(words);
    highs = highNibbles(words);
    x = v128.load32_splat(a, 12);
    y = v128.load32_splat(a, 28);
    firstLow0 = addDot(firstLow0, x, low);
    firstHigh0 = addDot(firstHigh0, y, high);
    firstLow4 = addDot(firstLow4, x, lows);
    firstHigh4 = addDot(firstHigh4, y, highs);
    x = v128.load32_splat(other, 12);
    y = v128.load32_splat(other, 28);
    secondLow0 = addDot(secondLow0, x, low);
    secondHigh0 = addDot(secondHigh0, y, high);
    secondLow4 = addDot(secondLow4, x, lows);
    secondHigh4 = addDot(secondHigh4, y, highs);
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
