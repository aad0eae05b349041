import { EIGHT_BIT_RECORD, SIXTEEN_BIT_RECORD, TILE_TOKENS } from '../../plan-fields';
import { halfToFloat, highHalves, lowHalves, multiplyAdd, REST_OF_BIAS } from '../math';
import { tilePlain, tileRelaxed } from './four-bit-tiles';
import { storeRows } from './store-rows';

/**
 * Q4_1: w = d * q + m, and Q4_0: w = d * (q - 8); 4-bit q, blocks of 32 (source: ggml-common.h of llama.cpp).
 *
 * In the file a row's block is d, for Q4_1 m (f16 both) and 16 bytes, byte j holding value j (low nibble) and j + 16
 * (high). Here 8 rows make a group, and a block of a group is 160 (144) bytes, the same size as in the file:
 *   4 vectors of rows 0-3, word w of each row in its lane; 4 vectors of rows 4-7; 8 d; for Q4_1 8 m,
 * where lane r of the d (m) vector holds row r in its low half and row r + 4 in its high half.
 * So lane r always belongs to row r: sums need no horizontal step, and repacking moves whole words.
 *
 * Both types share every function; `hasMinimum` is a constant wherever it is passed, and inlining removes its branches.
 */

// @ts-expect-error: decorator
@inline
export function blockBytes(hasMinimum: bool): usize {
  return hasMinimum ? 160 : 144;
}

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
      target += blockBytes(hasMinimum);
    }
  }
}

/** What a row's unsigned quants are shifted by: the stored minimum, or -8 d. Multiplies the sum of the activations, whose bias it completes. */
// @ts-expect-error: decorator
@inline
export function minima(hasMinimum: bool, stored: v128, d: v128): v128 {
  return hasMinimum ? f32x4.mul(stored, f32x4.splat(REST_OF_BIAS)) : f32x4.mul(d, f32x4.splat(-8 * REST_OF_BIAS));
}

// @ts-expect-error: decorator
@inline
export function lowNibbles(w: v128): v128 {
  return v128.and(w, i8x16.splat(15));
}

// @ts-expect-error: decorator
@inline
export function highNibbles(w: v128): v128 {
  return v128.and(i16x8.shr_u(w, 4), i8x16.splat(15));
}

/** int8 × unsigned 4-bit, pairs added in i16: exact, since nibbles fit the 7 bits for which the relaxed dot is defined. */
// @ts-expect-error: decorator
@inline
export function dot(x: v128, nibbles: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(x, nibbles);
}

/** Four rows of a block against its activations. Low nibbles are values 0-15, high ones 16-31. Pairs add up in i16 to at
 * most 8 * 127 * 15 = 15,240; the halves' integer scales then join them where a plain widening would stand anyway. */
// @ts-expect-error: decorator
@inline
function blockDot(w: usize, a: usize): v128 {
  let v = v128.load(w);
  let low = dot(v128.load(a), lowNibbles(v));
  let high = dot(v128.load(a, 64), highNibbles(v));
  v = v128.load(w, 16);
  low = i16x8.add(low, dot(v128.load(a, 16), lowNibbles(v)));
  high = i16x8.add(high, dot(v128.load(a, 80), highNibbles(v)));
  v = v128.load(w, 32);
  low = i16x8.add(low, dot(v128.load(a, 32), lowNibbles(v)));
  high = i16x8.add(high, dot(v128.load(a, 96), highNibbles(v)));
  v = v128.load(w, 48);
  low = i16x8.add(low, dot(v128.load(a, 48), lowNibbles(v)));
  high = i16x8.add(high, dot(v128.load(a, 112), highNibbles(v)));
  const joined = i32x4.add(i32x4.dot_i16x8_s(low, v128.load(a, 128)), i32x4.dot_i16x8_s(high, v128.load(a, 144)));
  return f32x4.convert_i32x4_s(joined);
}

/** The same without relaxed SIMD: nibbles are masked out as i16 and meet int16 activations. */
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
      const m0 = minima(hasMinimum, lowHalves(m), d0);
      const m4 = minima(hasMinimum, highHalves(m), d4);
      if (ASC_FEATURE_RELAXED_SIMD) {
        const step = v128.load(a, 160);
        const sum = v128.load(a, 176);
        rows0 = multiplyAdd(m0, sum, multiplyAdd(blockDot(w, a), f32x4.mul(step, d0), rows0));
        rows4 = multiplyAdd(m4, sum, multiplyAdd(blockDot(w + 64, a), f32x4.mul(step, d4), rows4));
        a += EIGHT_BIT_RECORD;
      } else {
        const step = v128.load(a, 64);
        const sum = v128.load(a, 80);
        rows0 = multiplyAdd(m0, sum, multiplyAdd(plainBlockDot(w, a), f32x4.mul(step, d0), rows0));
        rows4 = multiplyAdd(m4, sum, multiplyAdd(plainBlockDot(w + 64, a), f32x4.mul(step, d4), rows4));
        a += SIXTEEN_BIT_RECORD;
      }
      w += blockBytes(hasMinimum);
    }
    storeRows(out, rows0, add, scale);
    storeRows(out + 16, rows4, add, scale);
    data += stride;
    out += 32;
  }
}

// @ts-expect-error: decorator
@inline
function gemm(
  hasMinimum: bool,
  data: usize,
  blocks: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const record: usize = ASC_FEATURE_RELAXED_SIMD ? EIGHT_BIT_RECORD : SIXTEEN_BIT_RECORD;
  for (let t = 0; t < tiles; ++t) {
    if (ASC_FEATURE_RELAXED_SIMD) {
      tileRelaxed(hasMinimum, data, activations, blocks, false, out, outStride, add, scale);
      tileRelaxed(hasMinimum, data, activations, blocks, true, out + 16, outStride, add, scale);
    } else {
      tilePlain(hasMinimum, data, activations, blocks, false, out, outStride, add, scale);
      tilePlain(hasMinimum, data, activations, blocks, true, out + 16, outStride, add, scale);
    }
    activations += <usize>blocks * record * TILE_TOKENS;
    out += outStride * TILE_TOKENS;
  }
}

// @ts-expect-error: decorator
@inline
function row(hasMinimum: bool, data: usize, stride: usize, blocks: i32, index: i32, out: usize): void {
  const lane = <usize>(index & 3) * 4;
  const isHigh = (index & 4) != 0;
  let source = data + <usize>(index >> 3) * stride;
  for (let b = 0; b < blocks; ++b) {
    const halves = source + lane + (isHigh ? 2 : 0);
    const d = halfToFloat(load<u16>(halves, 128));
    const m: f32 = hasMinimum ? halfToFloat(load<u16>(halves, 144)) : -8 * d;
    const words = source + lane + (isHigh ? 64 : 0);
    for (let j: usize = 0; j < 16; ++j) {
      const byte = load<u8>(words + (j >> 2) * 16 + (j & 3));
      store<f32>(out + j * 4, <f32>(byte & 15) * d + m);
      store<f32>(out + j * 4, <f32>(byte >> 4) * d + m, 64);
    }
    source += blockBytes(hasMinimum);
    out += 128;
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

/** Many tokens against one group of 8 rows, which stays in the first-level cache: out[token][8] (+)= W x. */
export function gemmQ4_0(
  data: usize,
  blocks: i32,
  x: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  gemm(false, data, blocks, x, tiles, out, outStride, add, scale);
}

/** Many tokens against one group of 8 rows, which stays in the first-level cache: out[token][8] (+)= W x. */
export function gemmQ4_1(
  data: usize,
  blocks: i32,
  x: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  gemm(true, data, blocks, x, tiles, out, outStride, add, scale);
}

/** One row as f32, for the embedding table. */
export function rowQ4_0(data: usize, stride: usize, blocks: i32, index: i32, out: usize): void {
  row(false, data, stride, blocks, index, out);
}

/** One row as f32, for the embedding table. */
export function rowQ4_1(data: usize, stride: usize, blocks: i32, index: i32, out: usize): void {
  row(true, data, stride, blocks, index, out);
}
