import {
  EIGHT_BIT_INTEGER_FACTORS,
  EIGHT_BIT_PAIR_SUMS,
  EIGHT_BIT_RECORD,
  EIGHT_BIT_STEP,
  SIXTEEN_BIT_HALF_SUMS,
  SIXTEEN_BIT_RECORD,
  SIXTEEN_BIT_STEP,
} from '../../plan-fields';
import { multiplyAdd } from '../math';
import { storeTwo } from './store-rows';
import { blockBytes, floats, floatsAt, hasMinima, middle, scalesAt, superBytes, twice } from './sub-scaled-block';
import { unpack } from './unpack';
import { addDot, halfDot, plainWordDot } from './word-dot';

/** One token against weights with sub-scales; see sub-scaled-block.ts. */

/**
 * What the sums of half `half` begin with: -middle * x, which makes them those of signed quants. Where dots are fused i32, each lane
 * of a row of its own; else i16: they fit in the end (16 values of up to 32 * 127, in two lanes), and on the way there sums may
 * wrap around.
 */
// @ts-expect-error: decorator
@inline
export function offset(bits: i32, a: usize, half: usize): v128 {
  if (middle(bits) == 0) return i32x4.splat(0);
  const pairs = v128.load32_splat(a + half * 4, EIGHT_BIT_PAIR_SUMS);
  const shift = i16x8.splat(<i16>-middle(bits));
  return FUSED_DOT ? i32x4.dot_i16x8_s(pairs, shift) : i16x8.mul(pairs, shift);
}

/** Half `half` of four rows times its activations x0 to x3 and their scales (eight i16, one a row). */
// @ts-expect-error: decorator
@inline
function halfOf(bits: i32, isHigh: bool, w: usize, half: i32, x0: v128, x1: v128, x2: v128, x3: v128, from: v128, scales: v128): v128 {
  const word = half * 4;
  const quants = w + (isHigh ? <usize>bits * 16 : 0);
  if (FUSED_DOT) {
    let sum = addDot(from, x0, unpack(bits, quants, word));
    sum = addDot(sum, x1, unpack(bits, quants, word + 1));
    sum = addDot(sum, x2, unpack(bits, quants, word + 2));
    sum = addDot(sum, x3, unpack(bits, quants, word + 3));
    return i32x4.mul(sum, isHigh ? i32x4.extend_high_i16x8_s(scales) : i32x4.extend_low_i16x8_s(scales));
  }
  const sum = halfDot(bits, quants, word, x0, x1, x2, x3);
  return i32x4.dot_i16x8_s(middle(bits) == 0 ? sum : i16x8.add(sum, from), twice(scales, isHigh));
}

/** Scales (or minima) of 8 rows for half `half`, times the integer scale of that half of the activations. */
// @ts-expect-error: decorator
@inline
export function scaledBy(scales: usize, isSigned: bool, a: usize, half: usize): v128 {
  const rows = isSigned ? v128.load8x8_s(scales + half * 8) : v128.load8x8_u(scales + half * 8);
  return i16x8.mul(rows, v128.load16_splat(a + half * 2, EIGHT_BIT_INTEGER_FACTORS));
}

// @ts-expect-error: decorator
@inline
function plainHalf(bits: i32, w: usize, a: usize, half: i32): v128 {
  const x = a + <usize>half * 32;
  const low = i8x16.splat(<i8>middle(bits));
  let s = plainWordDot(x, i8x16.sub(unpack(bits, w, half * 4), low), true);
  s = i32x4.add(s, plainWordDot(x + 8, i8x16.sub(unpack(bits, w, half * 4 + 1), low), true));
  s = i32x4.add(s, plainWordDot(x + 16, i8x16.sub(unpack(bits, w, half * 4 + 2), low), true));
  s = i32x4.add(s, plainWordDot(x + 24, i8x16.sub(unpack(bits, w, half * 4 + 3), low), true));
  return f32x4.convert_i32x4_s(s);
}

/** Adds minima of a block of rows 0-3 (4-7), which meet the sums of the activations. */
// @ts-expect-error: decorator
@inline
export function addMinima(isHigh: bool, a: usize, minima0: v128, minima1: v128, dmin: v128, rows: v128): v128 {
  const first = i32x4.dot_i16x8_s(v128.load32_splat(a, EIGHT_BIT_PAIR_SUMS), twice(minima0, isHigh));
  const second = i32x4.dot_i16x8_s(v128.load32_splat(a, EIGHT_BIT_PAIR_SUMS + 4), twice(minima1, isHigh));
  const s = f32x4.convert_i32x4_s(i32x4.add(first, second));
  return multiplyAdd(s, f32x4.mul(v128.load32_splat(a, EIGHT_BIT_STEP), dmin), rows);
}

// @ts-expect-error: decorator
@inline
function addPlain(bits: i32, isHigh: bool, half: i32, w: usize, a: usize, d: v128, rows: v128): v128 {
  const scales = floats(v128.load8x8_s(w + scalesAt(bits) + <usize>half * 8), isHigh);
  const sum = plainHalf(bits, w + (isHigh ? <usize>bits * 16 : 0), a, half);
  return multiplyAdd(sum, f32x4.mul(scales, f32x4.mul(v128.load32_splat(a, SIXTEEN_BIT_STEP), d)), rows);
}

// @ts-expect-error: decorator
@inline
function addMinimaPlain(bits: i32, isHigh: bool, half: usize, w: usize, a: usize, dmin: v128, rows: v128): v128 {
  const minima = floats(v128.load8x8_u(w + scalesAt(bits) + 16 + half * 8), isHigh);
  return multiplyAdd(v128.load32_splat(a + half * 4, SIXTEEN_BIT_HALF_SUMS), f32x4.mul(minima, dmin), rows);
}

/** Adds a block of rows 0-3 (4-7), whose floats are at `d`, to their sums, without relaxed SIMD. */
// @ts-expect-error: decorator
@inline
function addBlockPlain(bits: i32, isHigh: bool, w: usize, d: usize, a: usize, rows: v128): v128 {
  if (isHigh) d += 16;
  rows = addPlain(bits, isHigh, 0, w, a, v128.load(d), rows);
  rows = addPlain(bits, isHigh, 1, w, a, v128.load(d), rows);
  if (!hasMinima(bits)) return rows;
  rows = addMinimaPlain(bits, isHigh, 0, w, a, v128.load(d, 32), rows);
  return addMinimaPlain(bits, isHigh, 1, w, a, v128.load(d, 32), rows);
}

/** The same with it: `s` are the integers of the block. */
// @ts-expect-error: decorator
@inline
function addBlock(bits: i32, isHigh: bool, w: usize, d: usize, a: usize, s: v128, rows: v128): v128 {
  if (isHigh) d += 16;
  rows = multiplyAdd(f32x4.convert_i32x4_s(s), f32x4.mul(v128.load32_splat(a, EIGHT_BIT_STEP), v128.load(d)), rows);
  if (!hasMinima(bits)) return rows;
  const minima = w + scalesAt(bits) + 16;
  return addMinima(isHigh, a, scaledBy(minima, false, a, 0), scaledBy(minima, false, a, 1), v128.load(d, 32), rows);
}

/**
 * A group and the one `second` bytes behind it: see table.ts. All sixteen rows meet an activation while it is in a register, half a
 * block after the other.
 */
// @ts-expect-error: decorator
@inline
export function twoOfSubScaled(
  bits: i32,
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
  let superBlock = w;
  for (let b = 0; b < blocks; b += 8) {
    const d = superBlock + floatsAt(bits);
    for (w = superBlock; w < d; w += blockBytes(bits)) {
      const v = w + second;
      if (ASC_FEATURE_RELAXED_SIMD) {
        let x0 = v128.load32_splat(a);
        let x1 = v128.load32_splat(a, 4);
        let x2 = v128.load32_splat(a, 8);
        let x3 = v128.load32_splat(a, 12);
        let from = offset(bits, a, 0);
        let scales = scaledBy(w + scalesAt(bits), true, a, 0);
        let s0 = halfOf(bits, false, w, 0, x0, x1, x2, x3, from, scales);
        let s4 = halfOf(bits, true, w, 0, x0, x1, x2, x3, from, scales);
        scales = scaledBy(v + scalesAt(bits), true, a, 0);
        let s8 = halfOf(bits, false, v, 0, x0, x1, x2, x3, from, scales);
        let s12 = halfOf(bits, true, v, 0, x0, x1, x2, x3, from, scales);
        x0 = v128.load32_splat(a, 16);
        x1 = v128.load32_splat(a, 20);
        x2 = v128.load32_splat(a, 24);
        x3 = v128.load32_splat(a, 28);
        from = offset(bits, a, 1);
        scales = scaledBy(w + scalesAt(bits), true, a, 1);
        s0 = i32x4.add(s0, halfOf(bits, false, w, 1, x0, x1, x2, x3, from, scales));
        s4 = i32x4.add(s4, halfOf(bits, true, w, 1, x0, x1, x2, x3, from, scales));
        scales = scaledBy(v + scalesAt(bits), true, a, 1);
        s8 = i32x4.add(s8, halfOf(bits, false, v, 1, x0, x1, x2, x3, from, scales));
        s12 = i32x4.add(s12, halfOf(bits, true, v, 1, x0, x1, x2, x3, from, scales));
        rows0 = addBlock(bits, false, w, d, a, s0, rows0);
        rows4 = addBlock(bits, true, w, d, a, s4, rows4);
        rows8 = addBlock(bits, false, v, d + second, a, s8, rows8);
        rows12 = addBlock(bits, true, v, d + second, a, s12, rows12);
        a += EIGHT_BIT_RECORD;
      } else {
        rows0 = addBlockPlain(bits, false, w, d, a, rows0);
        rows8 = addBlockPlain(bits, false, v, d + second, a, rows8);
        rows4 = addBlockPlain(bits, true, w, d, a, rows4);
        rows12 = addBlockPlain(bits, true, v, d + second, a, rows12);
        a += SIXTEEN_BIT_RECORD;
      }
    }
    superBlock += superBytes(bits);
  }
  storeTwo(out, outs, second != 0, rows0, rows4, rows8, rows12, add, scale);
}
