import {
  EIGHT_BIT_BIASED_STEP,
  EIGHT_BIT_FACTORS,
  EIGHT_BIT_RECORD,
  EIGHT_BIT_SUM,
  SIXTEEN_BIT_BIASED_STEP,
  SIXTEEN_BIT_RECORD,
  SIXTEEN_BIT_SUM,
} from '../../plan-fields';
import { highHalves, lowHalves, multiplyAdd } from '../math';
import { blockBytes, halfGroup, minima, scalesAt } from './affine-block';
import { subMinimum, subScale } from './k-scales';
import { storeRows } from './store-rows';
import { pack, unpack } from './unpack';
import { halfDot, plainWordDot } from './word-dot';

/**
 * Q5_1, Q5_0 and Q5_K: one token, and repacking; see affine-block.ts. In the file the fifth bits of 32 values lie apart
 * from their nibbles.
 */

// @ts-expect-error: decorator
@inline
function relaxedDot(w: usize, a: usize): v128 {
  const low = halfDot(5, w, 0, v128.load(a), v128.load(a, 16), v128.load(a, 32), v128.load(a, 48));
  const high = halfDot(5, w, 4, v128.load(a, 64), v128.load(a, 80), v128.load(a, 96), v128.load(a, 112));
  const first = i32x4.dot_i16x8_s(low, v128.load32_splat(a, EIGHT_BIT_FACTORS));
  return i32x4.add(first, i32x4.dot_i16x8_s(high, v128.load32_splat(a, EIGHT_BIT_FACTORS + 4)));
}

// @ts-expect-error: decorator
@inline
function plainDot(w: usize, a: usize): v128 {
  let s = plainWordDot(a, unpack(5, w, 0), false);
  s = i32x4.add(s, plainWordDot(a + 8, unpack(5, w, 1), false));
  s = i32x4.add(s, plainWordDot(a + 16, unpack(5, w, 2), false));
  s = i32x4.add(s, plainWordDot(a + 24, unpack(5, w, 3), false));
  s = i32x4.add(s, plainWordDot(a + 32, unpack(5, w, 4), false));
  s = i32x4.add(s, plainWordDot(a + 40, unpack(5, w, 5), false));
  s = i32x4.add(s, plainWordDot(a + 48, unpack(5, w, 6), false));
  return i32x4.add(s, plainWordDot(a + 56, unpack(5, w, 7), false));
}

/** One token: out[8 a group] (+)= W x. */
// @ts-expect-error: decorator
@inline
export function gemvFiveBit(
  hasMinimum: bool,
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  out: usize,
  add: bool,
  scale: f32,
): void {
  for (let g = 0; g < groups; ++g) {
    let w = data;
    let a = activations;
    let rows0 = f32x4.splat(0);
    let rows4 = f32x4.splat(0);
    for (let b = 0; b < blocks; ++b) {
      const d = v128.load(w + scalesAt(5));
      const d0 = lowHalves(d);
      const d4 = highHalves(d);
      const m = hasMinimum ? v128.load(w + scalesAt(5), 16) : d;
      const m0 = minima(5, hasMinimum, lowHalves(m), d0);
      const m4 = minima(5, hasMinimum, highHalves(m), d4);
      const fields = ASC_FEATURE_RELAXED_SIMD ? a + EIGHT_BIT_BIASED_STEP : a + SIXTEEN_BIT_BIASED_STEP;
      const step = v128.load32_splat(fields);
      const sum = v128.load32_splat(fields, EIGHT_BIT_SUM - EIGHT_BIT_BIASED_STEP);
      const s0 = ASC_FEATURE_RELAXED_SIMD ? relaxedDot(w, a) : plainDot(w, a);
      const s4 = ASC_FEATURE_RELAXED_SIMD ? relaxedDot(w + halfGroup(5), a) : plainDot(w + halfGroup(5), a);
      rows0 = multiplyAdd(m0, sum, multiplyAdd(f32x4.convert_i32x4_s(s0), f32x4.mul(step, d0), rows0));
      rows4 = multiplyAdd(m4, sum, multiplyAdd(f32x4.convert_i32x4_s(s4), f32x4.mul(step, d4), rows4));
      a += ASC_FEATURE_RELAXED_SIMD ? EIGHT_BIT_RECORD : SIXTEEN_BIT_RECORD;
      w += blockBytes(5, hasMinimum);
    }
    storeRows(out, rows0, add, scale);
    storeRows(out + 16, rows4, add, scale);
    data += stride;
    out += 32;
  }
}

/** Four bits as the fifth bits of the four bytes of a word. */
// @ts-expect-error: decorator
@inline
function spread(bits: u32): u32 {
  return (((bits & 15) * 0x00204081) & 0x01010101) << 4;
}

// @ts-expect-error: decorator
@inline
export function repackFiveBit(hasMinimum: bool, from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  const head: usize = hasMinimum ? 4 : 2;
  const fileBytes = head + 20;
  for (let row = 0; row < rows; ++row) {
    const isHigh = (row & 4) != 0;
    let source = from + <usize>row * <usize>blocks * fileBytes;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; ++b) {
      const scales = target + scalesAt(5) + <usize>(row & 3) * 4 + (isHigh ? 2 : 0);
      store<u16>(scales, load<u16>(source));
      if (hasMinimum) store<u16>(scales, load<u16>(source, 2), 16);
      const fifths = load<u32>(source + head);
      for (let word = 0; word < 8; ++word) {
        const packed = load<u32>(source + head + 4 + <usize>(word & 3) * 4);
        const low = (word < 4 ? packed : packed >> 4) & 0x0f0f0f0f;
        pack(5, target + (isHigh ? halfGroup(5) : 0), row & 3, word, low | spread(fifths >> (word * 4)));
      }
      source += fileBytes;
      target += blockBytes(5, hasMinimum);
    }
  }
}

/** Q5_K as Q5_1, as Q4_K becomes Q4_1 (see four-bit.ts). */
export function repackQ5_K(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    const isHigh = (row & 4) != 0;
    let source = from + <usize>row * <usize>(blocks >> 3) * 176;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; b += 8) {
      for (let s = 0; s < 8; ++s) {
        const scales = target + scalesAt(5) + <usize>(row & 3) * 4 + (isHigh ? 2 : 0);
        store<u16>(scales, subScale(source, s));
        store<u16>(scales, subMinimum(source, s), 16);
        for (let word = 0; word < 8; ++word) {
          const low = load<u32>(source + 48 + <usize>(s >> 1) * 32 + <usize>word * 4) >> (4 * (s & 1));
          const fifth = (load<u32>(source + 16 + <usize>word * 4) >> s) & 0x01010101;
          const quants = (low & 0x0f0f0f0f) | (fifth << 4);
          pack(5, target + (isHigh ? halfGroup(5) : 0), row & 3, word, quants);
        }
        target += blockBytes(5, true);
      }
      source += 176;
    }
  }
}
