import { SIGN_GROUPS, TABLE_GROUP, TABLE_RECORD, TABLE_STEP, TILE_TOKENS } from '../../plan-fields';
import { clear, HALF_BIAS, halfToFloat, highHalves, lowHalves, multiplyAdd } from '../math';
import { storeRows } from './store-rows';
import { tileSums } from './tile-sums';
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
export function twoOfQ1_0(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
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

/** Bytes of the sums of 16 rows of one token, and of two groups' sums of a tile. */
const ROW_SUMS: usize = 64;
const PAIR_SUMS: usize = ROW_SUMS * TILE_TOKENS;
/** Where integers wait, behind the sums of all groups: of each token four times 32 values of 16 rows, i16. */
const INTEGERS: usize = <usize>(SIGN_GROUPS / 2) * PAIR_SUMS;
const TOKEN_INTEGERS: usize = 128;

/** Integers of 16 rows. */
// @ts-expect-error: decorator
@inline
function keep(at: usize, low: v128, high: v128): void {
  v128.store(at, firstSums(low, high));
  v128.store(at, lastSums(low, high), 16);
}

/** 128 signs of two groups against four tokens, added to the floats at `sums`: bit by bit what twoOfQ1_0 makes of one token. */
function tile(w: usize, second: usize, a: usize, tableBytes: usize, sums: usize, integers: usize): void {
  for (let part: usize = 0; part < TOKEN_INTEGERS; part += 32) {
    let l0 = f32x4.splat(0);
    let l1 = l0;
    let l2 = l0;
    let l3 = l0;
    let h0 = l0;
    let h1 = l0;
    let h2 = l0;
    let h3 = l0;
    let t = a + (part >> 5) * TABLE_RECORD;
    for (const end = w + 32; w < end; w += 8) {
      const v = signs(w, second);
      let index = lowBits(v);
      let u = t + tableBytes;
      l0 = i8x16.add(l0, lookUp(t, index));
      h0 = i8x16.add(h0, lookUp(t + 16, index));
      l1 = i8x16.add(l1, lookUp(u, index));
      h1 = i8x16.add(h1, lookUp(u + 16, index));
      u += tableBytes;
      l2 = i8x16.add(l2, lookUp(u, index));
      h2 = i8x16.add(h2, lookUp(u + 16, index));
      u += tableBytes;
      l3 = i8x16.add(l3, lookUp(u, index));
      h3 = i8x16.add(h3, lookUp(u + 16, index));
      index = highBits(v);
      l3 = i8x16.add(l3, lookUp(u + TABLE_GROUP, index));
      h3 = i8x16.add(h3, lookUp(u + TABLE_GROUP + 16, index));
      u -= tableBytes;
      l2 = i8x16.add(l2, lookUp(u + TABLE_GROUP, index));
      h2 = i8x16.add(h2, lookUp(u + TABLE_GROUP + 16, index));
      u -= tableBytes;
      l1 = i8x16.add(l1, lookUp(u + TABLE_GROUP, index));
      h1 = i8x16.add(h1, lookUp(u + TABLE_GROUP + 16, index));
      l0 = i8x16.add(l0, lookUp(t + TABLE_GROUP, index));
      h0 = i8x16.add(h0, lookUp(t + TABLE_GROUP + 16, index));
      t += 2 * TABLE_GROUP;
    }
    const at = integers + part;
    keep(at, l0, h0);
    keep(at + TOKEN_INTEGERS, l1, h1);
    keep(at + 2 * TOKEN_INTEGERS, l2, h2);
    keep(at + 3 * TOKEN_INTEGERS, l3, h3);
  }
  let d = v128.load(w);
  const d0 = lowHalves(d);
  const d4 = highHalves(d);
  d = v128.load(w + second);
  const d8 = lowHalves(d);
  const d12 = highHalves(d);
  for (let t = 0; t < TILE_TOKENS; ++t) {
    let sums0 = f32x4.splat(0);
    let sums4 = sums0;
    let sums8 = sums0;
    let sums12 = sums0;
    for (let part: usize = 0; part < 4; ++part) {
      const step = v128.load32_splat(a + part * TABLE_RECORD, TABLE_STEP);
      const at = integers + part * 32;
      sums0 = multiplyAdd(f32x4.convert_i32x4_s(v128.load16x4_s(at)), step, sums0);
      sums4 = multiplyAdd(f32x4.convert_i32x4_s(v128.load16x4_s(at, 8)), step, sums4);
      sums8 = multiplyAdd(f32x4.convert_i32x4_s(v128.load16x4_s(at, 16)), step, sums8);
      sums12 = multiplyAdd(f32x4.convert_i32x4_s(v128.load16x4_s(at, 24)), step, sums12);
    }
    v128.store(sums, scaled(sums0, d0, v128.load(sums)));
    v128.store(sums, scaled(sums4, d4, v128.load(sums, 16)), 16);
    v128.store(sums, scaled(sums8, d8, v128.load(sums, 32)), 32);
    v128.store(sums, scaled(sums12, d12, v128.load(sums, 48)), 48);
    a += tableBytes;
    sums += ROW_SUMS;
    integers += TOKEN_INTEGERS;
  }
}

/**
 * Tiles of four tokens, whose tables lie one after the other. 128 values of them meet up to SIGN_GROUPS groups before the
 * next: tables are large (17 KB for 2,048 values of a token), and would come from the second-level cache or from behind it.
 */
export function gemmQ1_0(
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const sums = tileSums();
  const tableBytes = <usize>blocks * TABLE_RECORD;
  for (; groups > 0; groups -= SIGN_GROUPS) {
    const count = min(groups, SIGN_GROUPS);
    for (let t: usize = 0; t < <usize>tiles * TILE_TOKENS; t += TILE_TOKENS) {
      clear(sums, INTEGERS);
      let w = data;
      let a = activations + t * tableBytes;
      for (let b = 0; b < blocks; b += 4) {
        for (let g = 0; g < count; g += 2) {
          const second = g + 1 < count ? stride : 0;
          tile(w + <usize>g * stride, second, a, tableBytes, sums + <usize>(g >> 1) * PAIR_SUMS, sums + INTEGERS);
        }
        w += BLOCK_BYTES;
        a += 4 * TABLE_RECORD;
      }
      for (let g = 0; g < count; ++g) {
        const from = sums + <usize>(g >> 1) * PAIR_SUMS + <usize>(g & 1) * 32;
        for (let i: usize = 0; i < <usize>TILE_TOKENS; ++i) {
          const to = out + (t + i) * outStride + <usize>g * 32;
          storeRows(to, v128.load(from + i * ROW_SUMS), add, scale);
          storeRows(to + 16, v128.load(from + i * ROW_SUMS, 16), add, scale);
        }
      }
    }
    data += <usize>SIGN_GROUPS * stride;
    out += <usize>SIGN_GROUPS * 32;
  }
}

/** Two tokens, each by itself: half of a tile would be for nothing. */
export function pairOfQ1_0(
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const second = activations + <usize>blocks * TABLE_RECORD;
  for (let g = 0; g < groups; g += 2) {
    const next = g + 1 < groups ? stride : 0;
    twoOfQ1_0(data, next, blocks, activations, out, out + 32, add, scale);
    twoOfQ1_0(data, next, blocks, second, out + outStride, out + outStride + 32, add, scale);
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
