import { EIGHT_BIT_FACTORS, EIGHT_BIT_RECORD, SIXTEEN_BIT_RECORD } from '../../plan-fields';
import { multiplyAdd } from '../math';
import { addBlock, blockBytes, whole } from './affine-block';
import { BYTE_OFFSET } from './byte-offset';
import { subMinimum, subScale } from './k-scales';
import { storeTwo } from './store-rows';
import { highNibbles, lowNibbles } from './unpack';
import { addDot, firstDot, scaledHalves, scaleFirst } from './word-dot';

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

/**
 * The high nibbles, or 16 times as much: left in their place, which saves a shift, where a byte of eight bits is unsigned in the
 * fused dot (byte-offset.ts). What they make is then multiplied with a sixteenth, which changes no bit of it.
 */
// @ts-expect-error: decorator
@inline
function upper(inPlace: bool, words: v128): v128 {
  return inPlace ? v128.and(words, i8x16.splat(-16)) : highNibbles(words);
}

/** What sums of high nibbles in their place are multiplied with. */
// @ts-expect-error: decorator
@inline
function factorInPlace(a: usize): v128 {
  return f32x4.mul(v128.load32_splat(a, EIGHT_BIT_FACTORS + 4), f32x4.splat(1.0 / 16.0));
}

// @ts-expect-error: decorator
@inline
function joined(inPlace: bool, a: usize, factor: v128, low: v128, high: v128): v128 {
  if (!inPlace) return scaledHalves(a, low, high);
  return multiplyAdd(f32x4.convert_i32x4_s(high), factor, scaleFirst(a, low));
}

/**
 * One token, all rows of a group and of the group `second` bytes behind it: they share the loads of activations, whose
 * integers are then done with. Taking rows 4 to 7 after rows 0 to 3 made the browser keep all eight words of activations in
 * memory meanwhile (a tenth slower); the integers of sixteen rows just fit the registers.
 * A loop over the words instead of these lines is 5 % slower where dots are not fused.
 */
// @ts-expect-error: decorator
@inline
function twoGroups(
  inPlace: bool,
  hasMinimum: bool,
  w: usize,
  second: usize,
  blocks: i32,
  a: usize,
  out: usize,
  outs: usize,
  add: bool,
  scale: f32,
): void {
  let rows0 = f32x4.splat(0);
  let rows4 = rows0;
  let rows8 = rows0;
  let rows12 = rows0;
  for (let b = 0; b < blocks; ++b) {
    const v = w + second;
    if (ASC_FEATURE_RELAXED_SIMD) {
      let x = v128.load32_splat(a);
      let y = v128.load32_splat(a, 16);
      let words = v128.load(w);
      let low0 = firstDot(x, lowNibbles(words));
      let high0 = firstDot(y, upper(inPlace, words));
      words = v128.load(v);
      let low8 = firstDot(x, lowNibbles(words));
      let high8 = firstDot(y, upper(inPlace, words));
      words = v128.load(w, 64);
      let low4 = firstDot(x, lowNibbles(words));
      let high4 = firstDot(y, upper(inPlace, words));
      words = v128.load(v, 64);
      let low12 = firstDot(x, lowNibbles(words));
      let high12 = firstDot(y, upper(inPlace, words));
      x = v128.load32_splat(a, 4);
      y = v128.load32_splat(a, 20);
      words = v128.load(w, 16);
      low0 = addDot(low0, x, lowNibbles(words));
      high0 = addDot(high0, y, upper(inPlace, words));
      words = v128.load(v, 16);
      low8 = addDot(low8, x, lowNibbles(words));
      high8 = addDot(high8, y, upper(inPlace, words));
      words = v128.load(w, 80);
      low4 = addDot(low4, x, lowNibbles(words));
      high4 = addDot(high4, y, upper(inPlace, words));
      words = v128.load(v, 80);
      low12 = addDot(low12, x, lowNibbles(words));
      high12 = addDot(high12, y, upper(inPlace, words));
      x = v128.load32_splat(a, 8);
      y = v128.load32_splat(a, 24);
      words = v128.load(w, 32);
      low0 = addDot(low0, x, lowNibbles(words));
      high0 = addDot(high0, y, upper(inPlace, words));
      words = v128.load(v, 32);
      low8 = addDot(low8, x, lowNibbles(words));
      high8 = addDot(high8, y, upper(inPlace, words));
      words = v128.load(w, 96);
      low4 = addDot(low4, x, lowNibbles(words));
      high4 = addDot(high4, y, upper(inPlace, words));
      words = v128.load(v, 96);
      low12 = addDot(low12, x, lowNibbles(words));
      high12 = addDot(high12, y, upper(inPlace, words));
      x = v128.load32_splat(a, 12);
      y = v128.load32_splat(a, 28);
      words = v128.load(w, 48);
      low0 = addDot(low0, x, lowNibbles(words));
      high0 = addDot(high0, y, upper(inPlace, words));
      words = v128.load(v, 48);
      low8 = addDot(low8, x, lowNibbles(words));
      high8 = addDot(high8, y, upper(inPlace, words));
      words = v128.load(w, 112);
      low4 = addDot(low4, x, lowNibbles(words));
      high4 = addDot(high4, y, upper(inPlace, words));
      words = v128.load(v, 112);
      low12 = addDot(low12, x, lowNibbles(words));
      high12 = addDot(high12, y, upper(inPlace, words));
      const factor = factorInPlace(a);
      rows0 = addBlock(4, hasMinimum, false, w, a, joined(inPlace, a, factor, low0, high0), rows0);
      rows8 = addBlock(4, hasMinimum, false, v, a, joined(inPlace, a, factor, low8, high8), rows8);
      rows4 = addBlock(4, hasMinimum, true, w, a, joined(inPlace, a, factor, low4, high4), rows4);
      rows12 = addBlock(4, hasMinimum, true, v, a, joined(inPlace, a, factor, low12, high12), rows12);
      a += EIGHT_BIT_RECORD;
    } else {
      rows0 = addBlock(4, hasMinimum, false, w, a, plainBlockDot(w, a), rows0);
      rows4 = addBlock(4, hasMinimum, true, w, a, plainBlockDot(w + 64, a), rows4);
      rows8 = addBlock(4, hasMinimum, false, v, a, plainBlockDot(v, a), rows8);
      rows12 = addBlock(4, hasMinimum, true, v, a, plainBlockDot(v + 64, a), rows12);
      a += SIXTEEN_BIT_RECORD;
    }
    w += blockBytes(4, hasMinimum);
  }
  storeTwo(out, outs, second != 0, whole(rows0), whole(rows4), whole(rows8), whole(rows12), add, scale);
}

// Functions of their own, so that each has all registers.

function twoInPlace(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(true, false, w, second, blocks, a, out, outs, add, scale);
}

function twoInPlaceWithMinimum(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(true, true, w, second, blocks, a, out, outs, add, scale);
}

function twoOfNibbles(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(false, false, w, second, blocks, a, out, outs, add, scale);
}

function twoOfNibblesWithMinimum(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(false, true, w, second, blocks, a, out, outs, add, scale);
}

export function twoOfQ4_0(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  if (FUSED_DOT && BYTE_OFFSET != 0) twoInPlace(w, second, blocks, a, out, outs, add, scale);
  else twoOfNibbles(w, second, blocks, a, out, outs, add, scale);
}

export function twoOfQ4_1(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  if (FUSED_DOT && BYTE_OFFSET != 0) twoInPlaceWithMinimum(w, second, blocks, a, out, outs, add, scale);
  else twoOfNibblesWithMinimum(w, second, blocks, a, out, outs, add, scale);
}

export function repackQ4_0(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  repack(false, from, rows, blocks, to, stride);
}

export function repackQ4_1(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  repack(true, from, rows, blocks, to, stride);
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
