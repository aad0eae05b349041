import {
  EIGHT_BIT_BIASED_STEP,
  EIGHT_BIT_FACTORS,
  EIGHT_BIT_RECORD,
  EIGHT_BIT_SUM,
  SIXTEEN_BIT_BIASED_STEP,
  SIXTEEN_BIT_RECORD,
  SIXTEEN_BIT_SUM,
} from '../../plan-fields';
import { highHalves, lowHalves, multiplyAdd } from '../math';
import { blockBytes, minima } from './affine-block';
import { subMinimum, subScale } from './k-scales';
import { storeRows } from './store-rows';
import { dot } from './word-dot';

/**
 * Q4_1, Q4_0 and Q4_K: one token, and repacking; see affine-block.ts. In the file a row's block is d, for Q4_1 m (f16
 * both) and 16 bytes, byte j holding value j (low nibble) and j + 16 (high): words move as they are.
 */

// @ts-expect-error: decorator
@inline
function repack(hasMinimum: bool, from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  const quants: usize = hasMinimum ? 4 : 2;
  const fileBytes = quants + 16;
  for (let row = 0; row < rows; ++row) {
    const lane = <usize>(row & 3) * 4;
    const isHigh = (row & 4) != 0;
    let source = from + <usize>row * <usize>blocks * fileBytes;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; ++b) {
      const halves = target + lane + (isHigh ? 2 : 0);
      store<u16>(halves, load<u16>(source), 128);
      if (hasMinimum) store<u16>(halves, load<u16>(source, 2), 144);
      const words = target + lane + (isHigh ? 64 : 0);
      for (let w: usize = 0; w < 4; ++w) store<u32>(words + w * 16, load<u32>(source + quants + w * 4));
      source += fileBytes;
      target += blockBytes(4, hasMinimum);
    }
  }
}

// @ts-expect-error: decorator
@inline
function lowNibbles(w: v128): v128 {
  return v128.and(w, i8x16.splat(15));
}

// @ts-expect-error: decorator
@inline
function highNibbles(w: v128): v128 {
  return v128.and(i16x8.shr_u(w, 4), i8x16.splat(15));
}

/** Four rows of a block without relaxed SIMD: nibbles are masked out as i16 and meet int16 activations. */
// @ts-expect-error: decorator
@inline
function plainWord(w: usize, a: usize): v128 {
  const v = v128.load(w);
  const mask = i16x8.splat(15);
  const low = i32x4.add(
    i32x4.dot_i16x8_s(v128.load32_splat(a), v128.and(v, mask)),
    i32x4.dot_i16x8_s(v128.load32_splat(a, 4), v128.and(i16x8.shr_u(v, 8), mask)),
  );
  const high = i32x4.add(
    i32x4.dot_i16x8_s(v128.load32_splat(a, 32), v128.and(i16x8.shr_u(v, 4), mask)),
    i32x4.dot_i16x8_s(v128.load32_splat(a, 36), i16x8.shr_u(v, 12)),
  );
  return i32x4.add(low, high);
}

// @ts-expect-error: decorator
@inline
function plainBlockDot(w: usize, a: usize): v128 {
  const first = i32x4.add(plainWord(w, a), plainWord(w + 16, a + 8));
  const second = i32x4.add(plainWord(w + 32, a + 16), plainWord(w + 48, a + 24));
  return f32x4.convert_i32x4_s(i32x4.add(first, second));
}

// @ts-expect-error: decorator
@inline
function gemv(
  hasMinimum: bool,
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  out: usize,
  add: bool,
  scale: f32,
): void {
  for (let g = 0; g < groups; ++g) {
    let w = data;
    let a = activations;
    let rows0 = f32x4.splat(0);
    let rows4 = f32x4.splat(0);
    for (let b = 0; b < blocks; ++b) {
      const d = v128.load(w, 128);
      const d0 = lowHalves(d);
      const d4 = highHalves(d);
      const m = hasMinimum ? v128.load(w, 144) : d;
      const m0 = minima(4, hasMinimum, lowHalves(m), d0);
      const m4 = minima(4, hasMinimum, highHalves(m), d4);
      if (ASC_FEATURE_RELAXED_SIMD) {
        const step = v128.load32_splat(a, EIGHT_BIT_BIASED_STEP);
        const sum = v128.load32_splat(a, EIGHT_BIT_SUM);
        let x = v128.load(a);
        let y = v128.load(a, 64);
        let v = v128.load(w);
        let l0 = dot(x, lowNibbles(v));
        let h0 = dot(y, highNibbles(v));
        v = v128.load(w, 64);
        let l4 = dot(x, lowNibbles(v));
        let h4 = dot(y, highNibbles(v));
        x = v128.load(a, 16);
        y = v128.load(a, 80);
        v = v128.load(w, 16);
        l0 = i16x8.add(l0, dot(x, lowNibbles(v)));
        h0 = i16x8.add(h0, dot(y, highNibbles(v)));
        v = v128.load(w, 80);
        l4 = i16x8.add(l4, dot(x, lowNibbles(v)));
        h4 = i16x8.add(h4, dot(y, highNibbles(v)));
        x = v128.load(a, 32);
        y = v128.load(a, 96);
        v = v128.load(w, 32);
        l0 = i16x8.add(l0, dot(x, lowNibbles(v)));
        h0 = i16x8.add(h0, dot(y, highNibbles(v)));
        v = v128.load(w, 96);
        l4 = i16x8.add(l4, dot(x, lowNibbles(v)));
        h4 = i16x8.add(h4, dot(y, highNibbles(v)));
        x = v128.load(a, 48);
        y = v128.load(a, 112);
        v = v128.load(w, 48);
        l0 = i16x8.add(l0, dot(x, lowNibbles(v)));
        h0 = i16x8.add(h0, dot(y, highNibbles(v)));
        v = v128.load(w, 112);
        l4 = i16x8.add(l4, dot(x, lowNibbles(v)));
        h4 = i16x8.add(h4, dot(y, highNibbles(v)));
        x = v128.load32_splat(a, EIGHT_BIT_FACTORS);
        y = v128.load32_splat(a, EIGHT_BIT_FACTORS + 4);
        const j0 = i32x4.add(i32x4.dot_i16x8_s(l0, x), i32x4.dot_i16x8_s(h0, y));
        const j4 = i32x4.add(i32x4.dot_i16x8_s(l4, x), i32x4.dot_i16x8_s(h4, y));
        rows0 = multiplyAdd(m0, sum, multiplyAdd(f32x4.convert_i32x4_s(j0), f32x4.mul(step, d0), rows0));
        rows4 = multiplyAdd(m4, sum, multiplyAdd(f32x4.convert_i32x4_s(j4), f32x4.mul(step, d4), rows4));
        a += EIGHT_BIT_RECORD;
      } else {
        const step = v128.load32_splat(a, SIXTEEN_BIT_BIASED_STEP);
        const sum = v128.load32_splat(a, SIXTEEN_BIT_SUM);
        rows0 = multiplyAdd(m0, sum, multiplyAdd(plainBlockDot(w, a), f32x4.mul(step, d0), rows0));
        rows4 = multiplyAdd(m4, sum, multiplyAdd(plainBlockDot(w + 64, a), f32x4.mul(step, d4), rows4));
        a += SIXTEEN_BIT_RECORD;
      }
      w += blockBytes(4, hasMinimum);
    }
    storeRows(out, rows0, add, scale);
    storeRows(out + 16, rows4, add, scale);
    data += stride;
    out += 32;
  }
}

export function repackQ4_0(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  repack(false, from, rows, blocks, to, stride);
}

export function repackQ4_1(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  repack(true, from, rows, blocks, to, stride);
}

/** One token: out[8 a group] (+)= W x. */
export function gemvQ4_0(
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  x: usize,
  out: usize,
  add: bool,
  scale: f32,
): void {
  gemv(false, data, stride, groups, blocks, x, out, add, scale);
}

/** One token: out[8 a group] (+)= W x. */
export function gemvQ4_1(
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  x: usize,
  out: usize,
  add: bool,
  scale: f32,
): void {
  gemv(true, data, stride, groups, blocks, x, out, add, scale);
}

/** Nibbles of four values each, from a word of the file: the low ones, or the high ones. */
// @ts-expect-error: decorator
@inline
function nibbles(word: u32, isHigh: bool): u32 {
  return (isHigh ? word >> 4 : word) & 0x0f0f0f0f;
}

/**
 * Q4_K as Q4_1: the two-level scales and minima of a super-block multiplied out. Their products are rounded to half floats,
 * which changes weights by 1e-4 of themselves, fifty times less than activations are rounded.
 */
export function repackQ4_K(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    let source = from + <usize>row * <usize>(blocks >> 3) * 144;
    const lane = <usize>(row & 3) * 4;
    const isHigh = (row & 4) != 0;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; b += 8) {
      for (let s = 0; s < 8; ++s) {
        store<u16>(target + lane + (isHigh ? 2 : 0), subScale(source, s), 128);
        store<u16>(target + lane + (isHigh ? 2 : 0), subMinimum(source, s), 144);
        const quants = source + 16 + <usize>(s >> 1) * 32;
        const words = target + lane + (isHigh ? 64 : 0);
        for (let w: usize = 0; w < 4; ++w) {
          const low = nibbles(load<u32>(quants + w * 4), (s & 1) != 0);
          store<u32>(words + w * 16, low | (nibbles(load<u32>(quants + w * 4, 16), (s & 1) != 0) << 4));
        }
        target += blockBytes(4, true);
      }
      source += 144;
    }
  }
}
