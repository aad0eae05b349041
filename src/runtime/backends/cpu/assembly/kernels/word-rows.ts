import { fourSums } from '../math';

/**
 * Words of four int8 against up to three rows of factors at once: what attention is made of, scores and sums of values
 * alike. Eight lanes of words lie side by side (32 bytes a step of four factors), so that a lane is a position of the keys
 * or a dimension of the values, and a word is loaded once for all rows.
 *
 * Factors lie in records of 16 bytes for eight values. With FUSED_DOT: their lower 7 bits, then the 7 above them, which is
 * what one instruction multiplies int8 with and adds up; else int16.
 */

/** Added to factors that may be negative, so that both of their parts are not. */
const MIDDLE: i32 = 8192;
/** Greatest size of such factors, and of those that are never negative: 14 bits, so that every build makes the same integers. */
export const MOST_SIGNED: f32 = 8191;
export const MOST_UNSIGNED: f32 = 16383;

/** Record of eight whole values, given as two times four i32. */
// @ts-expect-error: decorator
@inline
export function storeFactors(low: v128, high: v128, isSigned: bool, to: usize): void {
  let eight = i16x8.narrow_i32x4_s(low, high);
  if (FUSED_DOT) {
    if (isSigned) eight = i16x8.add(eight, i16x8.splat(<i16>MIDDLE));
    eight = i8x16.narrow_i16x8_u(v128.and(eight, i16x8.splat(127)), i16x8.shr_u(eight, 7));
  }
  v128.store(to, eight);
}

/**
 * The sum over 2 * `pairs` steps of a lane's words times a row's factors (i32): out[row][lane], where factors are signed, else
 * added to it. `rows` and `isSigned` are constants at the call.
 */
// @ts-expect-error: decorator
@inline
function multiply(rows: i32, isSigned: bool, words: usize, pairs: usize, x: usize, xStride: usize, out: usize, outStride: usize): void {
  if (FUSED_DOT) multiplyFused(rows, isSigned, words, pairs, x, xStride, out, outStride);
  else {
    for (let half: usize = 0; half < 32; half += 16) {
      multiplyWide(rows, isSigned, words + half, pairs, x, xStride, out + half, outStride);
    }
  }
}

// @ts-expect-error: decorator
@inline
function dot(words: v128, factors: v128, sum: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(words, factors, sum);
}

// @ts-expect-error: decorator
@inline
function put(isSigned: bool, at: usize, sums: v128): void {
  v128.store(at, isSigned ? sums : i32x4.add(v128.load(at), sums));
}

/** Middle of what the upper parts stand for, times the sum of the words. */
// @ts-expect-error: decorator
@inline
function middle(words: usize, pairs: usize, middles: v128): v128 {
  let sum = i32x4.splat(0);
  let more = i32x4.splat(0);
  for (let p: usize = 0; p < pairs; ++p) {
    sum = dot(v128.load(words), middles, sum);
    more = dot(v128.load(words, 32), middles, more);
    words += 64;
  }
  return i32x4.neg(i32x4.add(sum, more));
}

// @ts-expect-error: decorator
@inline
function multiplyFused(rows: i32, isSigned: bool, words: usize, pairs: usize, x: usize, xStride: usize, out: usize, outStride: usize): void {
  let a0 = i32x4.splat(0);
  let a4 = i32x4.splat(0);
  let A0 = i32x4.splat(0);
  let A4 = i32x4.splat(0);
  if (isSigned) {
    const middles = i8x16.splat(<i8>(MIDDLE >> 7));
    A0 = middle(words, pairs, middles);
    A4 = middle(words + 16, pairs, middles);
  }
  let b0 = i32x4.splat(0);
  let b4 = i32x4.splat(0);
  let B0 = A0;
  let B4 = A4;
  let c0 = i32x4.splat(0);
  let c4 = i32x4.splat(0);
  let C0 = A0;
  let C4 = A4;
  let y = x + xStride;
  let z = y + xStride;
  for (let p: usize = 0; p < pairs; ++p) {
    const w = words + p * 64;
    let left = v128.load(w);
    let right = v128.load(w, 16);
    let f = v128.load32_splat(x);
    a0 = dot(left, f, a0);
    a4 = dot(right, f, a4);
    f = v128.load32_splat(x, 8);
    A0 = dot(left, f, A0);
    A4 = dot(right, f, A4);
    if (rows > 1) {
      f = v128.load32_splat(y);
      b0 = dot(left, f, b0);
      b4 = dot(right, f, b4);
      f = v128.load32_splat(y, 8);
      B0 = dot(left, f, B0);
      B4 = dot(right, f, B4);
    }
    if (rows > 2) {
      f = v128.load32_splat(z);
      c0 = dot(left, f, c0);
      c4 = dot(right, f, c4);
      f = v128.load32_splat(z, 8);
      C0 = dot(left, f, C0);
      C4 = dot(right, f, C4);
    }
    left = v128.load(w, 32);
    right = v128.load(w, 48);
    f = v128.load32_splat(x, 4);
    a0 = dot(left, f, a0);
    a4 = dot(right, f, a4);
    f = v128.load32_splat(x, 12);
    A0 = dot(left, f, A0);
    A4 = dot(right, f, A4);
    if (rows > 1) {
      f = v128.load32_splat(y, 4);
      b0 = dot(left, f, b0);
      b4 = dot(right, f, b4);
      f = v128.load32_splat(y, 12);
      B0 = dot(left, f, B0);
      B4 = dot(right, f, B4);
    }
    if (rows > 2) {
      f = v128.load32_splat(z, 4);
      c0 = dot(left, f, c0);
      c4 = dot(right, f, c4);
      f = v128.load32_splat(z, 12);
      C0 = dot(left, f, C0);
      C4 = dot(right, f, C4);
    }
    x += 16;
    y += 16;
    z += 16;
  }
  put(isSigned, out, i32x4.add(a0, i32x4.shl(A0, 7)));
  put(isSigned, out + 16, i32x4.add(a4, i32x4.shl(A4, 7)));
  if (rows > 1) {
    put(isSigned, out + outStride, i32x4.add(b0, i32x4.shl(B0, 7)));
    put(isSigned, out + outStride + 16, i32x4.add(b4, i32x4.shl(B4, 7)));
  }
  if (rows > 2) {
    put(isSigned, out + 2 * outStride, i32x4.add(c0, i32x4.shl(C0, 7)));
    put(isSigned, out + 2 * outStride + 16, i32x4.add(c4, i32x4.shl(C4, 7)));
  }
}

/** Four lanes: two words at a time become int16, whose products of pairs leave two sums a lane. */
// @ts-expect-error: decorator
@inline
function multiplyWide(rows: i32, isSigned: bool, words: usize, pairs: usize, x: usize, xStride: usize, out: usize, outStride: usize): void {
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
  put(isSigned, out, fourSums(a0, a2));
  if (rows > 1) put(isSigned, out + outStride, fourSums(b0, b2));
  if (rows > 2) put(isSigned, out + 2 * outStride, fourSums(c0, c2));
}

/** Eight positions after another against the rows of one call. */
// @ts-expect-error: decorator
@inline
function score(rows: i32, words: usize, groups: usize, pairs: usize, x: usize, out: usize, outStride: usize): void {
  for (let g: usize = 0; g < groups; ++g) {
    multiply(rows, true, words + g * pairs * 64, pairs, x, pairs * 16, out + g * 32, outStride);
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
