import { TABLE_GROUP, TABLE_RECORD, TABLE_STEP } from '../../plan-fields';
import { HALF_BIAS, halfToFloat, highHalves, lowHalves, multiplyAdd } from '../math';
import { storeRows } from './store-rows';
import { dot } from './word-dot';

/**
 * Q1_0: w = ±d, 128 signs a scale. A block of a group of 8 rows holds 16 times 8 bytes, byte r eight signs of row r, then
 * 8 d as affine-block.ts has them: as many bytes as in the file. The bits of a byte are looked up in tables of the
 * activations (sign-tables.ts), four at a time, in two groups at once.
 */

/** Bytes of 128 signs of 8 rows, where their scales stand, and of both. */
const BLOCK_SIGNS: usize = 128;
const BLOCK_BYTES: usize = 144;

export function repackQ1_0(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    const lane = <usize>(row & 7);
    let source = from + <usize>row * <usize>(blocks >> 2) * 18;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; b += 4) {
      for (let i: usize = 0; i < 16; ++i) store<u8>(target + i * 8 + lane, load<u8>(source + i, 2));
      store<u16>(target + (lane & 3) * 4 + (lane >> 2) * 2, load<u16>(source), BLOCK_SIGNS);
      source += 18;
      target += BLOCK_BYTES;
    }
  }
}

// @ts-expect-error: decorator
@inline
function lookUp(table: usize, index: v128): v128 {
  const sums = v128.load(table);
  return ASC_FEATURE_RELAXED_SIMD ? i8x16.relaxed_swizzle(sums, index) : i8x16.swizzle(sums, index);
}

/** Eight signs of eight rows of two groups: a byte each. */
// @ts-expect-error: decorator
@inline
function signs(w: usize, second: usize): v128 {
  return v128.load64_lane(w + second, v128.load64_zero(w), 1);
}

// @ts-expect-error: decorator
@inline
function lowBits(bytes: v128): v128 {
  return v128.and(bytes, i8x16.splat(15));
}

// @ts-expect-error: decorator
@inline
function highBits(bytes: v128): v128 {
  return v128.and(i16x8.shr_u(bytes, 4), i8x16.splat(15));
}

/** What 32 values of rows 0 to 7 of both groups' sixteen add up to: low + 32 * high, i16. */
// @ts-expect-error: decorator
@inline
function firstSums(low: v128, high: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    const pairs = i8x16.shuffle(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    return dot(pairs, i16x8.splat(0x2001));
  }
  return i16x8.add(i16x8.extend_low_i8x16_s(low), i16x8.shl(i16x8.extend_low_i8x16_s(high), 5));
}

/** Of the other eight. */
// @ts-expect-error: decorator
@inline
function lastSums(low: v128, high: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    const pairs = i8x16.shuffle(low, high, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    return dot(pairs, i16x8.splat(0x2001));
  }
  return i16x8.add(i16x8.extend_high_i8x16_s(low), i16x8.shl(i16x8.extend_high_i8x16_s(high), 5));
}

// @ts-expect-error: decorator
@inline
function firstFour(sums: v128, step: v128, rows: v128): v128 {
  return multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(sums)), step, rows);
}

// @ts-expect-error: decorator
@inline
function lastFour(sums: v128, step: v128, rows: v128): v128 {
  return multiplyAdd(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(sums)), step, rows);
}

// @ts-expect-error: decorator
@inline
function scaled(sums: v128, d: v128, rows: v128): v128 {
  return multiplyAdd(sums, f32x4.mul(d, f32x4.splat(HALF_BIAS)), rows);
}

/** One token against the group at `w` and the one `second` bytes behind it, of which `outs` is the place; 0: there is none. */
// @ts-expect-error: decorator
@inline
function twoGroups(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  let rows0 = f32x4.splat(0);
  let rows4 = rows0;
  let rows8 = rows0;
  let rows12 = rows0;
  for (let b = 0; b < blocks; b += 4) {
    let sums0 = f32x4.splat(0);
    let sums4 = sums0;
    let sums8 = sums0;
    let sums12 = sums0;
    for (const end = w + BLOCK_SIGNS; w < end; w += 32) {
      let v = signs(w, second);
      let index = lowBits(v);
      let low = lookUp(a, index);
      let high = lookUp(a + 16, index);
      index = highBits(v);
      low = i8x16.add(low, lookUp(a + TABLE_GROUP, index));
      high = i8x16.add(high, lookUp(a + TABLE_GROUP + 16, index));
      v = signs(w + 8, second);
      index = lowBits(v);
      low = i8x16.add(low, lookUp(a + 2 * TABLE_GROUP, index));
      high = i8x16.add(high, lookUp(a + 2 * TABLE_GROUP + 16, index));
      index = highBits(v);
      low = i8x16.add(low, lookUp(a + 3 * TABLE_GROUP, index));
      high = i8x16.add(high, lookUp(a + 3 * TABLE_GROUP + 16, index));
      v = signs(w + 16, second);
      index = lowBits(v);
      low = i8x16.add(low, lookUp(a + 4 * TABLE_GROUP, index));
      high = i8x16.add(high, lookUp(a + 4 * TABLE_GROUP + 16, index));
      index = highBits(v);
      low = i8x16.add(low, lookUp(a + 5 * TABLE_GROUP, index));
      high = i8x16.add(high, lookUp(a + 5 * TABLE_GROUP + 16, index));
      v = signs(w + 24, second);
      index = lowBits(v);
      low = i8x16.add(low, lookUp(a + 6 * TABLE_GROUP, index));
      high = i8x16.add(high, lookUp(a + 6 * TABLE_GROUP + 16, index));
      index = highBits(v);
      low = i8x16.add(low, lookUp(a + 7 * TABLE_GROUP, index));
      high = i8x16.add(high, lookUp(a + 7 * TABLE_GROUP + 16, index));
      const step = v128.load32_splat(a, TABLE_STEP);
      let sums = firstSums(low, high);
      sums0 = firstFour(sums, step, sums0);
      sums4 = lastFour(sums, step, sums4);
      sums = lastSums(low, high);
      sums8 = firstFour(sums, step, sums8);
      sums12 = lastFour(sums, step, sums12);
      a += TABLE_RECORD;
    }
    let d = v128.load(w);
    rows0 = scaled(sums0, lowHalves(d), rows0);
    rows4 = scaled(sums4, highHalves(d), rows4);
    d = v128.load(w + second);
    rows8 = scaled(sums8, lowHalves(d), rows8);
    rows12 = scaled(sums12, highHalves(d), rows12);
    w += BLOCK_BYTES - BLOCK_SIGNS;
  }
  storeRows(out, rows0, add, scale);
  storeRows(out + 16, rows4, add, scale);
  if (second == 0) return;
  storeRows(outs, rows8, add, scale);
  storeRows(outs + 16, rows12, add, scale);
}

/**
 * One token: out[8 a group] (+)= W x. Groups of the first half meet groups of the second: two streams that go on and on,
 * which memory brings in time, where neighbours would be streams of 2 KB that break off.
 */
export function gemvQ1_0(
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  out: usize,
  add: bool,
  scale: f32,
): void {
  const half = (groups + 1) >> 1;
  const second = <usize>half * stride;
  for (let g = 0; g < half; ++g) {
    twoGroups(data, g + half < groups ? second : 0, blocks, activations, out, out + <usize>half * 32, add, scale);
    data += stride;
    out += 32;
  }
}

/** Several tokens, whose tables lie one after the other; the weights of two groups stay in the first-level cache. */
export function gemmQ1_0(
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  tokens: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const tableBytes = <usize>blocks * TABLE_RECORD;
  for (let g = 0; g < groups; g += 2) {
    const second = g + 1 < groups ? stride : 0;
    for (let t: usize = 0; t < <usize>tokens; ++t) {
      const to = out + t * outStride;
      twoGroups(data, second, blocks, activations + t * tableBytes, to, to + 32, add, scale);
    }
    data += 2 * stride;
    out += 64;
  }
}

/** One row as f32, for the embedding table. */
export function rowQ1_0(data: usize, stride: usize, blocks: i32, index: i32, out: usize): void {
  const lane = <usize>(index & 7);
  let source = data + <usize>(index >> 3) * stride;
  for (let b = 0; b < blocks; b += 4) {
    const d = halfToFloat(load<u16>(source + (lane & 3) * 4 + (lane >> 2) * 2, BLOCK_SIGNS));
    for (let i: usize = 0; i < 16; ++i) {
      let bits = <u32>load<u8>(source + i * 8 + lane);
      for (let bit = 0; bit < 8; ++bit) {
        store<f32>(out, bits & 1 ? d : -d);
        bits >>= 1;
        out += 4;
      }
    }
    source += BLOCK_BYTES;
  }
}
