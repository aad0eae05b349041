import { FINE_RECORD_BYTES, WEIGHT_BYTES } from '../../encoder-fields';
import { clear, maxLanes, multiplyAdd } from '../math';
import { addFine, timesSteps } from './fine-tile';

/**
 * Products with 7-bit activations, in builds that have relaxed SIMD. An activation is least + step * u with u in 0..127, a step
 * and a least value a block of 32: the relaxed dot takes no more than 7 bits beside 8, and a range of its own for each block
 * costs half the error of one that is even around 0. So w · x = step * Σ d q (u - centre) + (least + step * centre) * Σ d q,
 * whose second sum is kept with the weights.
 *
 * Where one instruction multiplies and adds in 32 bits (FUSED_DOT), it takes a whole block, and 14 bits as two planes of 7.
 * Elsewhere widening to 32 bits is as dear as multiplying, so eight products are added in 16 bits first. Sums start at -centre * Σq and may
 * wrap on the way: what counts is that the last fits, which holds where |q| |u - centre| does (Cauchy–Schwarz), both as lengths of
 * the eight. Records say how long theirs is at most; the few blocks that might not fit are widened at once, to the same integers.
 */

/** Bytes of the 7-bit integers of 32 values of four tokens. */
export const PLANE_BYTES: usize = 128;
/** Bytes of 32 values of four tokens: 7-bit integers of each, then a step, a value for the integer `centre`, and a length for each token. */
export const RECORD_BYTES: usize = 176;
export const STEP_OF_RECORD: usize = 128;
export const LEAST_OF_RECORD: usize = 144;
export const BOUND_OF_RECORD: usize = 160;
/** Bytes of 32 values of 8 rows with what sums start at. */
export const CENTRED_BLOCK_BYTES: usize = FUSED_DOT ? 352 : 432;

// @ts-expect-error: decorator
@inline
export function tileBytes(blocks: i32): usize {
  return <usize>blocks * RECORD_BYTES;
}

/** A group's weights as they are (256 bytes and 64 of scales), then what sums start at, in 32 bits; and in 16, with the length that activations may have. */
const WIDE_STARTS: usize = 320;
const STARTS: usize = 352;
const LIMIT: usize = 416;

export function centreWeights(w: usize, blocks: i32, centre: i32, to: usize): void {
  for (let b = 0; b < blocks; ++b) {
    for (let i: usize = 0; i < 320; i += 16) v128.store(to + i, v128.load(w + i));
    for (let quad: usize = 0; quad < 32; quad += 16) {
      let whole = i32x4.splat(0);
      for (let half: usize = 0; half < 256; half += 128) {
        let sums = i16x8.splat(0);
        for (let step: usize = 0; step < 128; step += 32) {
          sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_s(v128.load(w + half + step + quad)));
        }
        if (!FUSED_DOT) v128.store(to + STARTS + half / 4 + quad, i16x8.mul(sums, i16x8.splat(<i16>-centre)));
        whole = i32x4.add(whole, i32x4.extadd_pairwise_i16x8_s(sums));
      }
      v128.store(to + WIDE_STARTS + quad, i32x4.mul(whole, i32x4.splat(-centre)));
    }
    // A little less than 2^15 for what rounding adds; no weights at all go with any activations.
    if (!FUSED_DOT) v128.store(to + LIMIT, f32x4.splat(<f32>32760.0 / sqrt<f32>(max<f32>(1, longestEight(w)))));
    w += WEIGHT_BYTES;
    to += CENTRED_BLOCK_BYTES;
  }
}

/** The largest sum of squares of the eight weights of a row that are added up in 16 bits. */
// @ts-expect-error: decorator
@inline
function longestEight(w: usize): f32 {
  let longest = i32x4.splat(0);
  for (let half: usize = 0; half < 256; half += 128) {
    for (let quad: usize = 0; quad < 32; quad += 16) {
      let low = i32x4.splat(0);
      let high = low;
      for (let step: usize = 0; step < 128; step += 32) {
        const x = v128.load(w + half + step + quad);
        const first = i16x8.extend_low_i8x16_s(x);
        const second = i16x8.extend_high_i8x16_s(x);
        low = i32x4.add(low, i32x4.dot_i16x8_s(first, first));
        high = i32x4.add(high, i32x4.dot_i16x8_s(second, second));
      }
      longest = i32x4.max_s(longest, i32x4.max_s(low, high));
    }
  }
  return maxLanes(f32x4.convert_i32x4_s(longest));
}

/** Adds a block's sums of one token. What the eight rows share is loaded once for all tokens: loads are scarce in this loop. */
// @ts-expect-error: decorator
@inline
function addScaled(out: usize, a: usize, token: usize, low: v128, high: v128, d: v128, e: v128, sums: v128, moreSums: v128): void {
  const step = v128.load32_splat(a + STEP_OF_RECORD + token * 4);
  const least = v128.load32_splat(a + LEAST_OF_RECORD + token * 4);
  const to = out + token * 32;
  v128.store(to, multiplyAdd(f32x4.mul(f32x4.convert_i32x4_s(low), step), d, multiplyAdd(least, sums, v128.load(to))));
  v128.store(to, multiplyAdd(f32x4.mul(f32x4.convert_i32x4_s(high), step), e, multiplyAdd(least, moreSums, v128.load(to, 16))), 16);
}

/** Pairs of products of eight weights in 16 bits. */
// @ts-expect-error: decorator
@inline
function pairs(w: v128, a: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(w, a);
}

// @ts-expect-error: decorator
@inline
function widened(sums: v128): v128 {
  return i32x4.dot_i16x8_s(sums, i16x8.splat(1));
}

// @ts-expect-error: decorator
@inline
function add16(sums: v128, w: v128, a: v128): v128 {
  return i16x8.add(sums, pairs(w, a));
}

/** sums + the products of a, four of a row. */
// @ts-expect-error: decorator
@inline
function add32(sums: v128, w: v128, a: v128): v128 {
  if (FUSED_DOT) return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, a, sums);
  return i32x4.add(sums, widened(pairs(w, a)));
}

/** Four tokens × eight rows: out[token][8]. `parts`: 128 bytes for the sums of half a block. */
export function tile(w: usize, a: usize, blocks: i32, out: usize, parts: usize): void {
  clear(out, 128);
  for (let b = 0; b < blocks; ++b) {
    if (FUSED_DOT) wideBlock(w, a, out, false);
    else if (v128.any_true(f32x4.gt(v128.load(a + BOUND_OF_RECORD), v128.load(w + LIMIT)))) carefulBlock(w, a, out);
    else quickBlock(w, a, out, parts);
    a += RECORD_BYTES;
    w += CENTRED_BLOCK_BYTES;
  }
}

/** The same with activations of 14 bits, where dots are fused. */
export function planesTile(w: usize, a: usize, blocks: i32, out: usize): void {
  clear(out, 128);
  for (let b = 0; b < blocks; ++b) {
    wideBlock(w, a, out, true);
    a += FINE_RECORD_BYTES;
    w += CENTRED_BLOCK_BYTES;
  }
  timesSteps(out, a);
}

/** Adds a block's sums of four tokens to their floats. */
// @ts-expect-error: decorator
@inline
function endBlock(
  w: usize,
  a: usize,
  out: usize,
  l0: v128,
  h0: v128,
  l1: v128,
  h1: v128,
  l2: v128,
  h2: v128,
  l3: v128,
  h3: v128,
): void {
  const d = v128.load(w, 256);
  const e = v128.load(w, 272);
  const sums = v128.load(w, 288);
  const moreSums = v128.load(w, 304);
  addScaled(out, a, 0, l0, h0, d, e, sums, moreSums);
  addScaled(out, a, 1, l1, h1, d, e, sums, moreSums);
  addScaled(out, a, 2, l2, h2, d, e, sums, moreSums);
  addScaled(out, a, 3, l3, h3, d, e, sums, moreSums);
}

// @ts-expect-error: decorator
@inline
function quickBlock(w: usize, a: usize, out: usize, parts: usize): void {
  let l0 = v128.load(w + STARTS);
  let h0 = v128.load(w + STARTS, 16);
  let l1 = l0;
  let h1 = h0;
  let l2 = l0;
  let h2 = h0;
  let l3 = l0;
  let h3 = h0;
  for (let step: usize = 0; step < 16; step += 4) {
    const low = v128.load(w + step * 8);
    const high = v128.load(w + step * 8, 16);
    let x = v128.load32_splat(a + step);
    l0 = add16(l0, low, x);
    h0 = add16(h0, high, x);
    x = v128.load32_splat(a + step, 32);
    l1 = add16(l1, low, x);
    h1 = add16(h1, high, x);
    x = v128.load32_splat(a + step, 64);
    l2 = add16(l2, low, x);
    h2 = add16(h2, high, x);
    x = v128.load32_splat(a + step, 96);
    l3 = add16(l3, low, x);
    h3 = add16(h3, high, x);
  }
  v128.store(parts, widened(l0));
  v128.store(parts, widened(h0), 16);
  v128.store(parts, widened(l1), 32);
  v128.store(parts, widened(h1), 48);
  v128.store(parts, widened(l2), 64);
  v128.store(parts, widened(h2), 80);
  v128.store(parts, widened(l3), 96);
  v128.store(parts, widened(h3), 112);
  l0 = v128.load(w + STARTS, 32);
  h0 = v128.load(w + STARTS, 48);
  l1 = l0;
  h1 = h0;
  l2 = l0;
  h2 = h0;
  l3 = l0;
  h3 = h0;
  for (let step: usize = 16; step < 32; step += 4) {
    const low = v128.load(w + step * 8);
    const high = v128.load(w + step * 8, 16);
    let x = v128.load32_splat(a + step);
    l0 = add16(l0, low, x);
    h0 = add16(h0, high, x);
    x = v128.load32_splat(a + step, 32);
    l1 = add16(l1, low, x);
    h1 = add16(h1, high, x);
    x = v128.load32_splat(a + step, 64);
    l2 = add16(l2, low, x);
    h2 = add16(h2, high, x);
    x = v128.load32_splat(a + step, 96);
    l3 = add16(l3, low, x);
    h3 = add16(h3, high, x);
  }
  l0 = i32x4.add(v128.load(parts), widened(l0));
  h0 = i32x4.add(v128.load(parts, 16), widened(h0));
  l1 = i32x4.add(v128.load(parts, 32), widened(l1));
  h1 = i32x4.add(v128.load(parts, 48), widened(h1));
  l2 = i32x4.add(v128.load(parts, 64), widened(l2));
  h2 = i32x4.add(v128.load(parts, 80), widened(h2));
  l3 = i32x4.add(v128.load(parts, 96), widened(l3));
  h3 = i32x4.add(v128.load(parts, 112), widened(h3));
  endBlock(w, a, out, l0, h0, l1, h1, l2, h2, l3, h3);
}

/** For a block whose sums might not fit 16 bits. */
function carefulBlock(w: usize, a: usize, out: usize): void {
  wideBlock(w, a, out, false);
}

/** A block whose sums are of 32 bits from the start. `isFine`: of two planes, the upper one first. */
// @ts-expect-error: decorator
@inline
function wideBlock(w: usize, a: usize, out: usize, isFine: bool): void {
  let l0 = v128.load(w + WIDE_STARTS);
  let h0 = v128.load(w + WIDE_STARTS, 16);
  let l1 = l0;
  let h1 = h0;
  let l2 = l0;
  let h2 = h0;
  let l3 = l0;
  let h3 = h0;
  for (let plane = a; ; plane += PLANE_BYTES) {
    for (let step: usize = 0; step < 32; step += 4) {
      const low = v128.load(w + step * 8);
      const high = v128.load(w + step * 8, 16);
      let x = v128.load32_splat(plane + step);
      l0 = add32(l0, low, x);
      h0 = add32(h0, high, x);
      x = v128.load32_splat(plane + step, 32);
      l1 = add32(l1, low, x);
      h1 = add32(h1, high, x);
      x = v128.load32_splat(plane + step, 64);
      l2 = add32(l2, low, x);
      h2 = add32(h2, high, x);
      x = v128.load32_splat(plane + step, 96);
      l3 = add32(l3, low, x);
      h3 = add32(h3, high, x);
    }
    if (!isFine || plane != a) break;
    l0 = i32x4.shl(l0, 7);
    h0 = i32x4.shl(h0, 7);
    l1 = i32x4.shl(l1, 7);
    h1 = i32x4.shl(h1, 7);
    l2 = i32x4.shl(l2, 7);
    h2 = i32x4.shl(h2, 7);
    l3 = i32x4.shl(l3, 7);
    h3 = i32x4.shl(h3, 7);
  }
  if (isFine) addFine(w + 256, out, l0, h0, l1, h1, l2, h2, l3, h3);
  else endBlock(w, a, out, l0, h0, l1, h1, l2, h2, l3, h3);
}
