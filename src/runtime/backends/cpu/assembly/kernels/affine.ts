import { EIGHT_BIT_RECORD, SIXTEEN_BIT_RECORD } from '../../plan-fields';
import { addBlock, blockBytes, halfGroup, whole } from './affine-block';
import { storeTwo } from './store-rows';
import { unpack } from './unpack';
import { addDot, firstDot, joinHalves, plainWordDot, scaleFirst } from './word-dot';

/** One token against weights of 5 bits; see affine-block.ts. (four-bit.ts loads each word once, which pays there.) */

/** Words `word` to `word + 3` of four rows against their activations. */
// @ts-expect-error: decorator
@inline
function relaxedHalf(bits: i32, w: usize, word: i32, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  let sum = firstDot(x0, unpack(bits, w, word));
  sum = addDot(sum, x1, unpack(bits, w, word + 1));
  sum = addDot(sum, x2, unpack(bits, w, word + 2));
  return addDot(sum, x3, unpack(bits, w, word + 3));
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

/**
 * One token against a group and the one `second` bytes behind it: see table.ts. All sixteen rows meet an activation while it is in a
 * register.
 */
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
    const v = w + second;
    const high = halfGroup(bits);
    if (ASC_FEATURE_RELAXED_SIMD) {
      let x0 = v128.load32_splat(a);
      let x1 = v128.load32_splat(a, 4);
      let x2 = v128.load32_splat(a, 8);
      let x3 = v128.load32_splat(a, 12);
      const first0 = scaleFirst(a, relaxedHalf(bits, w, 0, x0, x1, x2, x3));
      const first4 = scaleFirst(a, relaxedHalf(bits, w + high, 0, x0, x1, x2, x3));
      const first8 = scaleFirst(a, relaxedHalf(bits, v, 0, x0, x1, x2, x3));
      const first12 = scaleFirst(a, relaxedHalf(bits, v + high, 0, x0, x1, x2, x3));
      x0 = v128.load32_splat(a, 16);
      x1 = v128.load32_splat(a, 20);
      x2 = v128.load32_splat(a, 24);
      x3 = v128.load32_splat(a, 28);
      const second0 = relaxedHalf(bits, w, 4, x0, x1, x2, x3);
      const second4 = relaxedHalf(bits, w + high, 4, x0, x1, x2, x3);
      const second8 = relaxedHalf(bits, v, 4, x0, x1, x2, x3);
      const second12 = relaxedHalf(bits, v + high, 4, x0, x1, x2, x3);
      rows0 = addBlock(bits, hasMinimum, false, w, a, joinHalves(a, first0, second0), rows0);
      rows4 = addBlock(bits, hasMinimum, true, w, a, joinHalves(a, first4, second4), rows4);
      rows8 = addBlock(bits, hasMinimum, false, v, a, joinHalves(a, first8, second8), rows8);
      rows12 = addBlock(bits, hasMinimum, true, v, a, joinHalves(a, first12, second12), rows12);
      a += EIGHT_BIT_RECORD;
    } else {
      rows0 = addBlock(bits, hasMinimum, false, w, a, plainDot(bits, w, a), rows0);
      rows4 = addBlock(bits, hasMinimum, true, w, a, plainDot(bits, w + high, a), rows4);
      rows8 = addBlock(bits, hasMinimum, false, v, a, plainDot(bits, v, a), rows8);
      rows12 = addBlock(bits, hasMinimum, true, v, a, plainDot(bits, v + high, a), rows12);
      a += SIXTEEN_BIT_RECORD;
    }
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
