import { WEIGHT_BYTES } from '../../encoder-fields';
import { clear, maxLanes, multiplyAdd } from '../math';

/**
 * Products with 7-bit activations, in builds that have relaxed SIMD. An activation is least + step * u with u in 0..127, a step
 * and a least value a block of 32: the relaxed dot takes no more than 7 bits beside 8, and a range of its own for each block
 * costs half the error of one that is even around 0. So w · x = step * Σ d q (u - centre) + (least + step * centre) * Σ d q,
 * whose second sum is kept with the weights.
 *
 * Widening to 32 bits is as dear as multiplying, so eight products are added in 16 bits first. Sums start at -centre * Σq and may
 * wrap on the way: what counts is that the last fits, which holds where |q| |u - centre| does (Cauchy–Schwarz), both as lengths of
 * the eight. Records say how long theirs is at most; the few blocks that might not fit are widened at once, to the same integers.
 */

/** Bytes of 32 values of four tokens: 7-bit integers of each, then a step, a value for the integer `centre`, and a length for each token. */
export const RECORD_BYTES: usize = 176;
export const STEP_OF_RECORD: usize = 128;
export const LEAST_OF_RECORD: usize = 144;
export const BOUND_OF_RECORD: usize = 160;
/** Bytes of 32 values of 8 rows with what sums start at. */
export const CENTRED_BLOCK_BYTES: usize = 432;

// @ts-expect-error: decorator
@inline
export function tileBytes(blocks: i32): usize {
  return <usize>blocks * RECORD_BYTES;
}

/** A group's weights as they are (256 bytes and 64 of scales), then what sums start at, in 16 bits and in 32, and the length that activations may have. */
const STARTS: usize = 320;
const WIDE_STARTS: usize = 384;
const LIMIT: usize = 416;

export function centreWeights(w: usize, blocks: i32, centre: i32, to: usize): void {
  for (let b = 0; b < blocks; ++b) {
    for (let i: usize = 0; i < 320; i += 16) v128.store(to + i, v128.load(w + i));
    let longest = f32x4.splat(0);
    for (let quad: usize = 0; quad < 32; quad += 16) {
      let whole = i32x4.splat(0);
      for (let half: usize = 0; half < 256; half += 128) {
        let sums = i16x8.splat(0);
        let low = i32x4.splat(0);
        let high = low;
        for (let step: usize = 0; step < 128; step += 32) {
          const x = v128.load(w + half + step + quad);
          sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_s(x));
          const first = i16x8.extend_low_i8x16_s(x);
          const second = i16x8.extend_high_i8x16_s(x);
          low = i32x4.add(low, i32x4.dot_i16x8_s(first, first));
          high = i32x4.add(high, i32x4.dot_i16x8_s(second, second));
        }
        v128.store(to + STARTS + half / 4 + quad, i16x8.mul(sums, i16x8.splat(<i16>-centre)));
        whole = i32x4.add(whole, i32x4.extadd_pairwise_i16x8_s(sums));
        longest = f32x4.pmax(longest, f32x4.convert_i32x4_s(i32x4.max_s(low, high)));
      }
      v128.store(to + WIDE_STARTS + quad, i32x4.mul(whole, i32x4.splat(-centre)));
    }
    // A little less than 2^15 for what rounding adds; no weights at all go with any activations.
    v128.store(to + LIMIT, f32x4.splat(<f32>32760.0 / sqrt<f32>(max<f32>(1, maxLanes(longest)))));
    w += WEIGHT_BYTES;
    to += CENTRED_BLOCK_BYTES;
  }
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

/** Four tokens × eight rows: out[token][8]. `parts`: 128 bytes for the sums of half a block. */
export function tile(w: usize, a: usize, blocks: i32, out: usize, parts: usize): void {
  clear(out, 128);
  for (let b = 0; b < blocks; ++b) {
    if (v128.any_true(f32x4.gt(v128.load(a + BOUND_OF_RECORD), v128.load(w + LIMIT)))) {
      carefulBlock(w, a, out);
    } else {
      quickBlock(w, a, out, parts);
    }
    a += RECORD_BYTES;
    w += CENTRED_BLOCK_BYTES;
  }
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
  const d = v128.load(w, 256);
  const e = v128.load(w, 272);
  const sums = v128.load(w, 288);
  const moreSums = v128.load(w, 304);
  addScaled(out, a, 0, i32x4.add(v128.load(parts), widened(l0)), i32x4.add(v128.load(parts, 16), widened(h0)), d, e, sums, moreSums);
  addScaled(out, a, 1, i32x4.add(v128.load(parts, 32), widened(l1)), i32x4.add(v128.load(parts, 48), widened(h1)), d, e, sums, moreSums);
  addScaled(out, a, 2, i32x4.add(v128.load(parts, 64), widened(l2)), i32x4.add(v128.load(parts, 80), widened(h2)), d, e, sums, moreSums);
  addScaled(out, a, 3, i32x4.add(v128.load(parts, 96), widened(l3)), i32x4.add(v128.load(parts, 112), widened(h3)), d, e, sums, moreSums);
}

/** The same for a block whose sums might not fit 16 bits. */
function carefulBlock(w: usize, a: usize, out: usize): void {
  let l0 = v128.load(w + WIDE_STARTS);
  let h0 = v128.load(w + WIDE_STARTS, 16);
  let l1 = l0;
  let h1 = h0;
  let l2 = l0;
  let h2 = h0;
  let l3 = l0;
  let h3 = h0;
  for (let step: usize = 0; step < 32; step += 4) {
    const low = v128.load(w + step * 8);
    const high = v128.load(w + step * 8, 16);
    let x = v128.load32_splat(a + step);
    l0 = i32x4.add(l0, widened(pairs(low, x)));
    h0 = i32x4.add(h0, widened(pairs(high, x)));
    x = v128.load32_splat(a + step, 32);
    l1 = i32x4.add(l1, widened(pairs(low, x)));
    h1 = i32x4.add(h1, widened(pairs(high, x)));
    x = v128.load32_splat(a + step, 64);
    l2 = i32x4.add(l2, widened(pairs(low, x)));
    h2 = i32x4.add(h2, widened(pairs(high, x)));
    x = v128.load32_splat(a + step, 96);
    l3 = i32x4.add(l3, widened(pairs(low, x)));
    h3 = i32x4.add(h3, widened(pairs(high, x)));
  }
  const d = v128.load(w, 256);
  const e = v128.load(w, 272);
  const sums = v128.load(w, 288);
  const moreSums = v128.load(w, 304);
  addScaled(out, a, 0, l0, h0, d, e, sums, moreSums);
  addScaled(out, a, 1, l1, h1, d, e, sums, moreSums);
  addScaled(out, a, 2, l2, h2, d, e, sums, moreSums);
  addScaled(out, a, 3, l3, h3, d, e, sums, moreSums);
}
