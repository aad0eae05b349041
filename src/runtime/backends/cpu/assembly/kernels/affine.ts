import { EIGHT_BIT_RECORD, SIXTEEN_BIT_RECORD } from '../../plan-fields';
import { addBlock, blockBytes, halfGroup, whole } from './affine-block';
import { storeTwo } from './store-rows';
import { unpack } from './unpack';
import { addDot, firstDot, plainWordDot, scaledHalves } from './word-dot';

/** One token against weights of 5 bits; see affine-block.ts. (four-bit.ts loads each word once, which pays there.) */

// @ts-expect-error: decorator
@inline
function relaxedHalf(bits: i32, w: usize, word: i32, a: usize): v128 {
  let sum = firstDot(v128.load32_splat(a), unpack(bits, w, word));
  sum = addDot(sum, v128.load32_splat(a, 4), unpack(bits, w, word + 1));
  sum = addDot(sum, v128.load32_splat(a, 8), unpack(bits, w, word + 2));
  return addDot(sum, v128.load32_splat(a, 12), unpack(bits, w, word + 3));
}

// @ts-expect-error: decorator
@inline
function plainDot(bits: i32, w: usize, a: usize): v128 {
  let s = plainWordDot(a, unpack(bits, w, 0), false);
  s = i32x4.add(s, plainWordDot(a + 8, unpack(bits, w, 1), false));
  s = i32x4.add(s, plainWordDot(a + 16, unpack(bits, w, 2), false));
  s = i32x4.add(s, plainWordDot(a + 24, unpack(bits, w, 3), false));
  s = i32x4.add(s, plainWordDot(a + 32, unpack(bits, w, 4), false));
  s = i32x4.add(s, plainWordDot(a + 40, unpack(bits, w, 5), false));
  s = i32x4.add(s, plainWordDot(a + 48, unpack(bits, w, 6), false));
  return f32x4.convert_i32x4_s(i32x4.add(s, plainWordDot(a + 56, unpack(bits, w, 7), false)));
}

/** Adds a block of rows 0-3 (4-7) to their sums. */
// @ts-expect-error: decorator
@inline
function addRows(bits: i32, hasMinimum: bool, isHigh: bool, w: usize, a: usize, rows: v128): v128 {
  const words = w + (isHigh ? halfGroup(bits) : 0);
  const integers = ASC_FEATURE_RELAXED_SIMD
    ? scaledHalves(a, relaxedHalf(bits, words, 0, a), relaxedHalf(bits, words, 4, a + 16))
    : plainDot(bits, words, a);
  return addBlock(bits, hasMinimum, isHigh, w, a, integers, rows);
}

/** One token against a group and the one `second` bytes behind it: see table.ts. */
// @ts-expect-error: decorator
@inline
function twoGroups(
  bits: i32,
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
    rows0 = addRows(bits, hasMinimum, false, w, a, rows0);
    rows8 = addRows(bits, hasMinimum, false, w + second, a, rows8);
    rows4 = addRows(bits, hasMinimum, true, w, a, rows4);
    rows12 = addRows(bits, hasMinimum, true, w + second, a, rows12);
    a += ASC_FEATURE_RELAXED_SIMD ? EIGHT_BIT_RECORD : SIXTEEN_BIT_RECORD;
    w += blockBytes(bits, hasMinimum);
  }
  storeTwo(out, outs, second != 0, whole(rows0), whole(rows4), whole(rows8), whole(rows12), add, scale);
}

export function twoOfQ5_0(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(5, false, w, second, blocks, a, out, outs, add, scale);
}

export function twoOfQ5_1(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(5, true, w, second, blocks, a, out, outs, add, scale);
}
