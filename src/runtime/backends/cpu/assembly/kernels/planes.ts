import {
  SIXTEEN_BIT_BIASED_STEP,
  SIXTEEN_BIT_LOW_PLANE,
  SIXTEEN_BIT_OFFSET_SUM,
  SIXTEEN_BIT_RECORD,
  TILE_TOKENS,
} from '../../plan-fields';
import { clear, highHalves, lowHalves, multiplyAdd } from '../math';
import { BYTE_OFFSET } from './byte-offset';
import { storeRows, storeTwo } from './store-rows';
import { storeTokens, tileSums } from './tile-sums';
import { highNibbles, lowNibbles } from './unpack';
import { addDot } from './word-dot';

/**
 * Weights of eight bits, or four that stand for eight, with FUSED_DOT: Q8_0, and IQ4_NL, IQ4_XS and MXFP4, whose nibbles name values
 * of a table. Int16 activations lie as two planes of int8, x = 256 * high + low, each of which the fused dot multiplies with
 * whole words of weights. The integers are those of the other builds, and so are the results, to the last bit.
 *
 * A block of a group is laid out as in affine-block.ts: words of rows 0-3, of rows 4-7, then 8 d. Bytes and tables have
 * BYTE_OFFSET added; its product with the activations stands in their record.
 */

/** What weights are. A constant wherever it is passed. */
export type Form = i32;
export const BYTES: Form = 0;
export const IQ4: Form = 1;
export const FLOAT4: Form = 2;

/** The 16 values of IQ4, or of MXFP4, doubled (source: ggml-common.h of llama.cpp). */
// @ts-expect-error: decorator
@inline
export function tableOf(form: Form): v128 {
  return form == FLOAT4
    ? i8x16(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)
    : i8x16(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
}

/** Bytes of the quants of four rows. */
// @ts-expect-error: decorator
@inline
function fourRows(form: Form): usize {
  return form == BYTES ? 128 : 64;
}

// @ts-expect-error: decorator
@inline
function blockBytes(form: Form): usize {
  return 2 * fourRows(form) + 16;
}

// @ts-expect-error: decorator
@inline
function values(form: Form, nibbles: v128): v128 {
  return i8x16.relaxed_swizzle(v128.xor(tableOf(form), i8x16.splat(<i8>BYTE_OFFSET)), nibbles);
}

/** Word `word` (0 to 3) of four rows, or of their second half: word + 4. */
// @ts-expect-error: decorator
@inline
function wordOf(form: Form, isSecond: bool, w: usize, word: usize): v128 {
  if (form == BYTES) return v128.load(w + word * 16 + (isSecond ? 64 : 0));
  const both = v128.load(w + word * 16);
  return values(form, isSecond ? highNibbles(both) : lowNibbles(both));
}

// @ts-expect-error: decorator
@inline
function joined(high: v128, low: v128): v128 {
  return i32x4.add(i32x4.shl(high, 8), low);
}

/** Adds a block's integers of four rows, scaled, to their sums: the operations of the other builds in their order. */
// @ts-expect-error: decorator
@inline
function scaled(a: usize, integers: v128, d: v128, rows: v128): v128 {
  const whole = i32x4.sub(integers, v128.load32_splat(a, SIXTEEN_BIT_OFFSET_SUM));
  return multiplyAdd(f32x4.convert_i32x4_s(whole), f32x4.mul(v128.load32_splat(a, SIXTEEN_BIT_BIASED_STEP), d), rows);
}

/** One token against a group and the one `second` bytes behind it: see table.ts. */
// @ts-expect-error: decorator
@inline
function twoGroups(form: Form, w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  let rows0 = f32x4.splat(0);
  let rows4 = rows0;
  let rows8 = rows0;
  let rows12 = rows0;
  for (let b = 0; b < blocks; ++b) {
    const v = w + second;
    let high0 = i32x4.splat(0);
    let high4 = high0;
    let high8 = high0;
    let high12 = high0;
    let low0 = high0;
    let low4 = high0;
    let low8 = high0;
    let low12 = high0;
    if (form == BYTES) {
      for (let word: usize = 0; word < 8; ++word) {
        const at = word * 16;
        const upper = v128.load32_splat(a + word * 4);
        const lower = v128.load32_splat(a + word * 4, SIXTEEN_BIT_LOW_PLANE);
        let words = v128.load(w + at);
        high0 = addDot(high0, upper, words);
        low0 = addDot(low0, lower, words);
        words = v128.load(w + at, 128);
        high4 = addDot(high4, upper, words);
        low4 = addDot(low4, lower, words);
        words = v128.load(v + at);
        high8 = addDot(high8, upper, words);
        low8 = addDot(low8, lower, words);
        words = v128.load(v + at, 128);
        high12 = addDot(high12, upper, words);
        low12 = addDot(low12, lower, words);
      }
    } else {
      // A vector of nibbles is loaded once for both halves.
      for (let word: usize = 0; word < 4; ++word) {
        const at = a + word * 4;
        const upper = v128.load32_splat(at);
        const lower = v128.load32_splat(at, SIXTEEN_BIT_LOW_PLANE);
        const uppers = v128.load32_splat(at, 16);
        const lowers = v128.load32_splat(at, SIXTEEN_BIT_LOW_PLANE + 16);
        let first = wordOf(form, false, w, word);
        let second = wordOf(form, true, w, word);
        high0 = addDot(addDot(high0, upper, first), uppers, second);
        low0 = addDot(addDot(low0, lower, first), lowers, second);
        first = wordOf(form, false, w + fourRows(form), word);
        second = wordOf(form, true, w + fourRows(form), word);
        high4 = addDot(addDot(high4, upper, first), uppers, second);
        low4 = addDot(addDot(low4, lower, first), lowers, second);
        first = wordOf(form, false, v, word);
        second = wordOf(form, true, v, word);
        high8 = addDot(addDot(high8, upper, first), uppers, second);
        low8 = addDot(addDot(low8, lower, first), lowers, second);
        first = wordOf(form, false, v + fourRows(form), word);
        second = wordOf(form, true, v + fourRows(form), word);
        high12 = addDot(addDot(high12, upper, first), uppers, second);
        low12 = addDot(addDot(low12, lower, first), lowers, second);
      }
    }
    let d = v128.load(w + 2 * fourRows(form));
    rows0 = scaled(a, joined(high0, low0), lowHalves(d), rows0);
    rows4 = scaled(a, joined(high4, low4), highHalves(d), rows4);
    d = v128.load(v + 2 * fourRows(form));
    rows8 = scaled(a, joined(high8, low8), lowHalves(d), rows8);
    rows12 = scaled(a, joined(high12, low12), highHalves(d), rows12);
    w += blockBytes(form);
    a += SIXTEEN_BIT_RECORD;
  }
  storeTwo(out, outs, second != 0, rows0, rows4, rows8, rows12, add, scale);
}

export function twoOfBytes(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(BYTES, w, second, blocks, a, out, outs, add, scale);
}

export function twoOfIQ4(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(IQ4, w, second, blocks, a, out, outs, add, scale);
}

export function twoOfFloat4(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(FLOAT4, w, second, blocks, a, out, outs, add, scale);
}

/** Two tokens × eight rows, as in pair.ts; their records lie interleaved with those of their tile. */
export function pairOfBytes(w: usize, blocks: i32, a: usize, out: usize, outStride: usize, add: bool, scale: f32): void {
  let first0 = f32x4.splat(0);
  let first4 = first0;
  let second0 = first0;
  let second4 = first0;
  for (let b = 0; b < blocks; ++b) {
    const other = a + SIXTEEN_BIT_RECORD;
    let high0 = i32x4.splat(0);
    let high4 = high0;
    let low0 = high0;
    let low4 = high0;
    let otherHigh0 = high0;
    let otherHigh4 = high0;
    let otherLow0 = high0;
    let otherLow4 = high0;
    for (let word: usize = 0; word < 8; ++word) {
      const words0 = v128.load(w + word * 16);
      const words4 = v128.load(w + word * 16, 128);
      let x = v128.load32_splat(a + word * 4);
      high0 = addDot(high0, x, words0);
      high4 = addDot(high4, x, words4);
      x = v128.load32_splat(a + word * 4, SIXTEEN_BIT_LOW_PLANE);
      low0 = addDot(low0, x, words0);
      low4 = addDot(low4, x, words4);
      x = v128.load32_splat(other + word * 4);
      otherHigh0 = addDot(otherHigh0, x, words0);
      otherHigh4 = addDot(otherHigh4, x, words4);
      x = v128.load32_splat(other + word * 4, SIXTEEN_BIT_LOW_PLANE);
      otherLow0 = addDot(otherLow0, x, words0);
      otherLow4 = addDot(otherLow4, x, words4);
    }
    const d = v128.load(w, 256);
    const d0 = lowHalves(d);
    const d4 = highHalves(d);
    first0 = scaled(a, joined(high0, low0), d0, first0);
    first4 = scaled(a, joined(high4, low4), d4, first4);
    second0 = scaled(other, joined(otherHigh0, otherLow0), d0, second0);
    second4 = scaled(other, joined(otherHigh4, otherLow4), d4, second4);
    a += TILE_TOKENS * SIXTEEN_BIT_RECORD;
    w += blockBytes(BYTES);
  }
  storeRows(out, first0, add, scale);
  storeRows(out + 16, first4, add, scale);
  storeRows(out + outStride, second0, add, scale);
  storeRows(out + outStride + 16, second4, add, scale);
}

/** The words of half a block of eight rows against one token, added to the integers at `at` or stored there. */
// @ts-expect-error: decorator
@inline
function halfOfToken(
  isSecond: bool,
  a: usize,
  at: usize,
  l0: v128,
  l1: v128,
  l2: v128,
  l3: v128,
  h0: v128,
  h1: v128,
  h2: v128,
  h3: v128,
): void {
  let x = v128.load32_splat(a);
  let high0 = addDot(i32x4.splat(0), x, l0);
  let high4 = addDot(i32x4.splat(0), x, h0);
  x = v128.load32_splat(a, SIXTEEN_BIT_LOW_PLANE);
  let low0 = addDot(isSecond ? v128.load(at) : i32x4.splat(0), x, l0);
  let low4 = addDot(isSecond ? v128.load(at, 16) : i32x4.splat(0), x, h0);
  x = v128.load32_splat(a, 4);
  high0 = addDot(high0, x, l1);
  high4 = addDot(high4, x, h1);
  x = v128.load32_splat(a, SIXTEEN_BIT_LOW_PLANE + 4);
  low0 = addDot(low0, x, l1);
  low4 = addDot(low4, x, h1);
  x = v128.load32_splat(a, 8);
  high0 = addDot(high0, x, l2);
  high4 = addDot(high4, x, h2);
  x = v128.load32_splat(a, SIXTEEN_BIT_LOW_PLANE + 8);
  low0 = addDot(low0, x, l2);
  low4 = addDot(low4, x, h2);
  x = v128.load32_splat(a, 12);
  high0 = addDot(high0, x, l3);
  high4 = addDot(high4, x, h3);
  x = v128.load32_splat(a, SIXTEEN_BIT_LOW_PLANE + 12);
  low0 = addDot(low0, x, l3);
  low4 = addDot(low4, x, h3);
  v128.store(at, joined(high0, low0));
  v128.store(at, joined(high4, low4), 16);
}

/** Integers and floats of a token and eight rows in memory. */
const TOKEN_BYTES: usize = 32;
const TILE_BYTES: usize = 4 * TOKEN_BYTES;

// @ts-expect-error: decorator
@inline
function halfOfTile(form: Form, isSecond: bool, w: usize, a: usize, at: usize): void {
  const v = w + fourRows(form);
  const l0 = wordOf(form, isSecond, w, 0);
  const l1 = wordOf(form, isSecond, w, 1);
  const l2 = wordOf(form, isSecond, w, 2);
  const l3 = wordOf(form, isSecond, w, 3);
  const h0 = wordOf(form, isSecond, v, 0);
  const h1 = wordOf(form, isSecond, v, 1);
  const h2 = wordOf(form, isSecond, v, 2);
  const h3 = wordOf(form, isSecond, v, 3);
  const record: usize = SIXTEEN_BIT_RECORD;
  const from = a + (isSecond ? 16 : 0);
  halfOfToken(isSecond, from, at, l0, l1, l2, l3, h0, h1, h2, h3);
  halfOfToken(isSecond, from + record, at + TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3);
  halfOfToken(isSecond, from + 2 * record, at + 2 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3);
  halfOfToken(isSecond, from + 3 * record, at + 3 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3);
}

/** Four tokens × eight rows. Weights stay in registers while all tokens meet them, integers and floats wait in memory. */
// @ts-expect-error: decorator
@inline
function tile(form: Form, w: usize, a: usize, blocks: i32, out: usize, outStride: usize, add: bool, scale: f32): void {
  const at = tileSums();
  const floats = at + TILE_BYTES;
  clear(floats, TILE_BYTES);
  for (let b = 0; b < blocks; ++b) {
    halfOfTile(form, false, w, a, at);
    halfOfTile(form, true, w, a, at);
    const d = v128.load(w + 2 * fourRows(form));
    const d0 = lowHalves(d);
    const d4 = highHalves(d);
    for (let token: usize = 0; token < <usize>TILE_TOKENS; ++token) {
      const integers = at + token * TOKEN_BYTES;
      const sums = floats + token * TOKEN_BYTES;
      v128.store(sums, scaled(a, v128.load(integers), d0, v128.load(sums)));
      v128.store(sums, scaled(a, v128.load(integers, 16), d4, v128.load(sums, 16)), 16);
      a += SIXTEEN_BIT_RECORD;
    }
    w += blockBytes(form);
  }
  storeTokens(floats, TILE_TOKENS, out, outStride, add, scale);
}

function tileOfBytes(w: usize, a: usize, blocks: i32, out: usize, outStride: usize, add: bool, scale: f32): void {
  tile(BYTES, w, a, blocks, out, outStride, add, scale);
}

function tileOfIQ4(w: usize, a: usize, blocks: i32, out: usize, outStride: usize, add: bool, scale: f32): void {
  tile(IQ4, w, a, blocks, out, outStride, add, scale);
}

function tileOfFloat4(w: usize, a: usize, blocks: i32, out: usize, outStride: usize, add: bool, scale: f32): void {
  tile(FLOAT4, w, a, blocks, out, outStride, add, scale);
}

/** Many tokens against one group of 8 rows: out[token][8] (+)= W x. */
// @ts-expect-error: decorator
@inline
export function gemmPlanes(form: Form, w: usize, blocks: i32, a: usize, tiles: i32, out: usize, outStride: usize, add: bool, scale: f32): void {
  for (let t = 0; t < tiles; ++t) {
    if (form == BYTES) tileOfBytes(w, a, blocks, out, outStride, add, scale);
    else if (form == IQ4) tileOfIQ4(w, a, blocks, out, outStride, add, scale);
    else tileOfFloat4(w, a, blocks, out, outStride, add, scale);
    a += <usize>blocks * SIXTEEN_BIT_RECORD * TILE_TOKENS;
    out += outStride * TILE_TOKENS;
  }
}
