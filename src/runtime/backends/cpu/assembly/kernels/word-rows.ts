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
/** Greatest size of such factors, and of factors that are never negative. */
export const MOST_SIGNED: f32 = FUSED_DOT ? 8191 : 32767;
export const MOST_UNSIGNED: f32 = FUSED_DOT ? 16383 : 32767;

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
 * out[row][lane] = the sum over all steps of the lane's words times the row's factors (i32). Words: `blocks` times
 * 2 * `pairs` steps, `blockStride` bytes from one block to the next. `rows` and `isSigned` are constants at the call.
 */
// @ts-expect-error: decorator
@inline
function multiply(rows: i32, isSigned: bool, words: usize, pairs: usize, x: usize, xStride: usize, out: usize, outStride: usize): void {
  if (FUSED_DOT) multiplyFused(rows, isSigned, words, pairs, x, xStride, out, outStride);
  else {
    multiplyWide(rows, isSigned, words, pairs, x, xStride, out, outStride);
    multiplyWide(rows, isSigned, words + 16, pairs, x, xStride, out + 16, outStride);
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


export function scoreThree(words: usize, groups: usize, pairs: usize, x: usize, out: usize, outStride: usize): void {
  const bytes = pairs * 64;
  for (let g: usize = 0; g < groups; ++g) multiply(3, true, words + g * bytes, pairs, x, pairs * 16, out + g * 32, outStride);
}

export function scoreTwo(words: usize, groups: usize, pairs: usize, x: usize, out: usize, outStride: usize): void {
  const bytes = pairs * 64;
  for (let g: usize = 0; g < groups; ++g) multiply(2, true, words + g * bytes, pairs, x, pairs * 16, out + g * 32, outStride);
}

export function scoreOne(words: usize, groups: usize, pairs: usize, x: usize, out: usize): void {
  const bytes = pairs * 64;
  for (let g: usize = 0; g < groups; ++g) multiply(1, true, words + g * bytes, pairs, x, 0, out + g * 32, 0);
}

export function weighThree(words: usize, blocks: usize, headSize: usize, x: usize, xStride: usize, out: usize): void {
  for (let block: usize = 0; block < blocks; ++block) {
    for (let d: usize = 0; d < headSize; d += 8) {
      multiply(3, false, words, 4, x, xStride, out + d * 4, headSize * 4);
      words += 256;
    }
    x += 64;
  }
}

export function weighTwo(words: usize, blocks: usize, headSize: usize, x: usize, xStride: usize, out: usize): void {
  for (let block: usize = 0; block < blocks; ++block) {
    for (let d: usize = 0; d < headSize; d += 8) {
      multiply(2, false, words, 4, x, xStride, out + d * 4, headSize * 4);
      words += 256;
    }
    x += 64;
  }
}

export function weighOne(words: usize, blocks: usize, headSize: usize, x: usize, xStride: usize, out: usize): void {
  for (let block: usize = 0; block < blocks; ++block) {
    for (let d: usize = 0; d < headSize; d += 8) {
      multiply(1, false, words, 4, x, xStride, out + d * 4, headSize * 4);
      words += 256;
    }
    x += 64;
  }
}
