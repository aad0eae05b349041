import { fourSums, integerSum, toInteger } from '../math';
import { BYTE_OFFSET } from './byte-offset';

/**
 * Words of four int8 against up to three rows of factors at once: what attention is made of, scores and sums of values
 * alike. Eight lanes of words lie side by side (32 bytes a step of four factors), so that a lane is a position of the keys
 * or a dimension of the values, and a word is loaded once for all rows.
 *
 * Factors are whole numbers of eight bits, signed in queries, unsigned in weights; their products are the same integers in every
 * build. They lie in records of 16 bytes for eight: bytes with FUSED_DOT, which one instruction multiplies with words of int8 and
 * adds up, else int16.
 */

/** Greatest size of a query's factors, and of weights. */
export const MOST_SIGNED: f32 = 127;
export const MOST_UNSIGNED: f32 = 255;

/** Where the first record of a query has what the offset of keys (see `wordsAt`) adds to its scores, negative. */
const OFFSET_SUM: usize = 8;

/** Eight values times `inverse` as int16. */
// @ts-expect-error: decorator
@inline
export function roundedEight(x: usize, inverse: v128): v128 {
  const a = toInteger(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
  return i16x8.narrow_i32x4_s(a, toInteger(f32x4.nearest(f32x4.mul(v128.load(x, 16), inverse))));
}

/** Records of `count` factors (a multiple of eight) of a query: x times `inverse`. */
export function storeQuery(x: usize, count: usize, inverse: f32, to: usize): void {
  const scale = f32x4.splat(inverse);
  let sums = i32x4.splat(0);
  for (let i: usize = 0; i < count; i += 8) {
    const eight = roundedEight(x + i * 4, scale);
    if (FUSED_DOT) sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(eight));
    v128.store(to + i * 2, FUSED_DOT ? i8x16.narrow_i16x8_s(eight, eight) : eight);
  }
  if (FUSED_DOT) store<i32>(to, -BYTE_OFFSET * integerSum(sums), OFFSET_SUM);
}

/** Record of eight weights, given as two times four i32. Where the second operand is signed they are less by 128: see `begin`. */
// @ts-expect-error: decorator
@inline
export function storeWeights(low: v128, high: v128, to: usize): void {
  let eight = i16x8.narrow_i32x4_s(low, high);
  if (FUSED_DOT) eight = v128.xor(i8x16.narrow_i16x8_u(eight, eight), i8x16.splat(<i8>(BYTE_OFFSET - 128)));
  v128.store(to, eight);
}

/** Words as they are multiplied: keys are the second operand, and as its offset (byte-offset.ts) asks. */
// @ts-expect-error: decorator
@inline
function wordsAt(areKeys: bool, at: usize): v128 {
  const words = v128.load(at);
  return areKeys ? v128.xor(words, i8x16.splat(<i8>BYTE_OFFSET)) : words;
}

// @ts-expect-error: decorator
@inline
function dot(areKeys: bool, words: v128, factors: v128, sum: v128): v128 {
  return areKeys
    ? i32x4.relaxed_dot_i8x16_i7x16_add_s(factors, words, sum)
    : i32x4.relaxed_dot_i8x16_i7x16_add_s(words, factors, sum);
}

/** What four lanes begin with: for weights that are less by 128, so many times the sum of their values. */
// @ts-expect-error: decorator
@inline
function begin(areKeys: bool, words: usize, pairs: usize, x: usize): v128 {
  if (areKeys) return v128.load32_splat(x, OFFSET_SUM);
  let sum = i32x4.splat(0);
  if (BYTE_OFFSET == 0) {
    for (let p: usize = 0; p < pairs; ++p) {
      sum = dot(false, v128.load(words), i8x16.splat(64), sum);
      sum = dot(false, v128.load(words, 32), i8x16.splat(64), sum);
      words += 64;
    }
  }
  return i32x4.shl(sum, 1);
}

// @ts-expect-error: decorator
@inline
function put(areKeys: bool, at: usize, sums: v128): void {
  v128.store(at, areKeys ? sums : i32x4.add(v128.load(at), sums));
}

/**
 * The sum over 2 * `pairs` steps of a lane's words times a row's factors (i32): out[row][lane] where they are keys, else added
 * to it. `rows` and `areKeys` are constants at the call.
 */
// @ts-expect-error: decorator
@inline
function multiply(rows: i32, areKeys: bool, words: usize, pairs: usize, x: usize, xStride: usize, out: usize, outStride: usize): void {
  if (FUSED_DOT) multiplyFused(rows, areKeys, words, pairs, x, xStride, out, outStride);
  else {
    for (let half: usize = 0; half < 32; half += 16) {
      multiplyWide(rows, areKeys, words + half, pairs, x, xStride, out + half, outStride);
    }
  }
}

// @ts-expect-error: decorator
@inline
function multiplyFused(rows: i32, areKeys: bool, words: usize, pairs: usize, x: usize, xStride: usize, out: usize, outStride: usize): void {
  let y = x + xStride;
  let z = y + xStride;
  let a0 = begin(areKeys, words, pairs, x);
  let a4 = areKeys ? a0 : begin(areKeys, words + 16, pairs, x);
  let b0 = areKeys && rows > 1 ? begin(areKeys, words, pairs, y) : a0;
  let b4 = areKeys ? b0 : a4;
  let c0 = areKeys && rows > 2 ? begin(areKeys, words, pairs, z) : a0;
  let c4 = areKeys ? c0 : a4;
  for (let p: usize = 0; p < pairs; ++p) {
    const w = words + p * 64;
    let left = wordsAt(areKeys, w);
    let right = wordsAt(areKeys, w + 16);
    let f = v128.load32_splat(x);
    a0 = dot(areKeys, left, f, a0);
    a4 = dot(areKeys, right, f, a4);
    if (rows > 1) {
      f = v128.load32_splat(y);
      b0 = dot(areKeys, left, f, b0);
      b4 = dot(areKeys, right, f, b4);
    }
    if (rows > 2) {
      f = v128.load32_splat(z);
      c0 = dot(areKeys, left, f, c0);
      c4 = dot(areKeys, right, f, c4);
    }
    left = wordsAt(areKeys, w + 32);
    right = wordsAt(areKeys, w + 48);
    f = v128.load32_splat(x, 4);
    a0 = dot(areKeys, left, f, a0);
    a4 = dot(areKeys, right, f, a4);
    if (rows > 1) {
      f = v128.load32_splat(y, 4);
      b0 = dot(areKeys, left, f, b0);
      b4 = dot(areKeys, right, f, b4);
    }
    if (rows > 2) {
      f = v128.load32_splat(z, 4);
      c0 = dot(areKeys, left, f, c0);
      c4 = dot(areKeys, right, f, c4);
    }
    x += 16;
    y += 16;
    z += 16;
  }
  put(areKeys, out, a0);
  put(areKeys, out + 16, a4);
  if (rows > 1) {
    put(areKeys, out + outStride, b0);
    put(areKeys, out + outStride + 16, b4);
  }
  if (rows > 2) {
    put(areKeys, out + 2 * outStride, c0);
    put(areKeys, out + 2 * outStride + 16, c4);
  }
}

/** Four lanes: two words at a time become int16, whose products of pairs leave two sums a lane. */
// @ts-expect-error: decorator
@inline
function multiplyWide(rows: i32, areKeys: bool, words: usize, pairs: usize, x: usize, xStride: usize, out: usize, outStride: usize): void {
  let a0 = i32x4.splat(0);
  let a2 = i32x4.splat(0);
  let b0 = i32x4.splat(0);
  let b2 = i32x4.splat(0);
  let c0 = i32x4.splat(0);
  let c2 = i32x4.splat(0);
  let y = x + xStride;
  let z = y + xStride;
  for (let p: usize = 0; p < pairs; ++p) {
    const w = words + p * 64;
    let left = v128.load8x8_s(w);
    let right = v128.load8x8_s(w, 8);
    let f = v128.load64_splat(x);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(left, f));
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(right, f));
    if (rows > 1) {
      f = v128.load64_splat(y);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(left, f));
      b2 = i32x4.add(b2, i32x4.dot_i16x8_s(right, f));
    }
    if (rows > 2) {
      f = v128.load64_splat(z);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(left, f));
      c2 = i32x4.add(c2, i32x4.dot_i16x8_s(right, f));
    }
    left = v128.load8x8_s(w, 32);
    right = v128.load8x8_s(w, 40);
    f = v128.load64_splat(x, 8);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(left, f));
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(right, f));
    if (rows > 1) {
      f = v128.load64_splat(y, 8);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(left, f));
      b2 = i32x4.add(b2, i32x4.dot_i16x8_s(right, f));
    }
    if (rows > 2) {
      f = v128.load64_splat(z, 8);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(left, f));
      c2 = i32x4.add(c2, i32x4.dot_i16x8_s(right, f));
    }
    x += 16;
    y += 16;
    z += 16;
  }
  put(areKeys, out, fourSums(a0, a2));
  if (rows > 1) put(areKeys, out + outStride, fourSums(b0, b2));
  if (rows > 2) put(areKeys, out + 2 * outStride, fourSums(c0, c2));
}

/** Eight positions after another against the rows of one call. */
// @ts-expect-error: decorator
@inline
function score(rows: i32, words: usize, groups: usize, pairs: usize, x: usize, out: usize, outStride: usize): void {
  for (let g: usize = 0; g < groups; ++g) {
    multiply(rows, true, words, pairs, x, pairs * 16, out, outStride);
    words += pairs * 64;
    out += 32;
  }
}

/** Block after block, as values lie in memory: another order would be several short streams, which memory brings slowly. */
// @ts-expect-error: decorator
@inline
function gather(rows: i32, words: usize, blocks: usize, size: usize, x: usize, xStride: usize, out: usize): void {
  for (let block: usize = 0; block < blocks; ++block) {
    for (let d: usize = 0; d < size; d += 8) {
      multiply(rows, false, words, 4, x, xStride, out + d * 4, size * 4);
      words += 256;
    }
    x += 64;
  }
}

// Functions of their own, so that each has all registers.

function scoreThree(words: usize, groups: usize, pairs: usize, x: usize, out: usize, outStride: usize): void {
  score(3, words, groups, pairs, x, out, outStride);
}

function scoreTwo(words: usize, groups: usize, pairs: usize, x: usize, out: usize, outStride: usize): void {
  score(2, words, groups, pairs, x, out, outStride);
}

function scoreOne(words: usize, groups: usize, pairs: usize, x: usize, out: usize): void {
  score(1, words, groups, pairs, x, out, 0);
}

function gatherThree(words: usize, blocks: usize, size: usize, x: usize, xStride: usize, out: usize): void {
  gather(3, words, blocks, size, x, xStride, out);
}

function gatherTwo(words: usize, blocks: usize, size: usize, x: usize, xStride: usize, out: usize): void {
  gather(2, words, blocks, size, x, xStride, out);
}

function gatherOne(words: usize, blocks: usize, size: usize, x: usize, out: usize): void {
  gather(1, words, blocks, size, x, 0, out);
}

/** Scores (i32) of `rows` queries against `groups` groups of eight keys: out[row][8 * group + position]. */
export function scoreKeys(rows: i32, size: usize, query: usize, keys: usize, groups: usize, out: usize, outStride: usize): void {
  const pairs = size >> 3;
  for (; rows > 2; rows -= 3) {
    scoreThree(keys, groups, pairs, query, out, outStride);
    query += 6 * size;
    out += 3 * outStride;
  }
  if (rows == 2) scoreTwo(keys, groups, pairs, query, out, outStride);
  else if (rows == 1) scoreOne(keys, groups, pairs, query, out);
}

/** out[row][dimension] += the values (i32) of `blocks` blocks times the row's weights. */
export function gatherValues(rows: i32, size: usize, weights: usize, stride: usize, values: usize, blocks: usize, out: usize): void {
  for (; rows > 2; rows -= 3) {
    gatherThree(values, blocks, size, weights, stride, out);
    weights += 3 * stride;
    out += 12 * size;
  }
  if (rows == 2) gatherTwo(values, blocks, size, weights, stride, out);
  else if (rows == 1) gatherOne(values, blocks, size, weights, out);
}
