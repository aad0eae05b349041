import {
  EIGHT_BIT_BIASED_STEP,
  EIGHT_BIT_FACTORS,
  EIGHT_BIT_RECORD,
  EIGHT_BIT_SUM,
  SIXTEEN_BIT_BIASED_STEP,
  SIXTEEN_BIT_RECORD,
} from '../../plan-fields';
import { highHalves, lowHalves, multiplyAdd } from '../math';
import { blockBytes, halfGroup, minima, scalesAt } from './affine-block';
import { storeRows } from './store-rows';
import { unpack } from './unpack';
import { halfDot, plainWordDot } from './word-dot';

/** One token against weights of 5 bits; see affine-block.ts. (four-bit.ts loads each vector once, which pays there.) */

// @ts-expect-error: decorator
@inline
function relaxedDot(bits: i32, w: usize, a: usize): v128 {
  const low = halfDot(bits, w, 0, v128.load(a), v128.load(a, 16), v128.load(a, 32), v128.load(a, 48));
  const high = halfDot(bits, w, 4, v128.load(a, 64), v128.load(a, 80), v128.load(a, 96), v128.load(a, 112));
  const first = i32x4.dot_i16x8_s(low, v128.load32_splat(a, EIGHT_BIT_FACTORS));
  return i32x4.add(first, i32x4.dot_i16x8_s(high, v128.load32_splat(a, EIGHT_BIT_FACTORS + 4)));
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
  return i32x4.add(s, plainWordDot(a + 56, unpack(bits, w, 7), false));
}

/** One token: out[8 a group] (+)= W x. */
// @ts-expect-error: decorator
@inline
export function gemvAffine(
  bits: i32,
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
      const d = v128.load(w + scalesAt(bits));
      const d0 = lowHalves(d);
      const d4 = highHalves(d);
      const m = hasMinimum ? v128.load(w + scalesAt(bits), 16) : d;
      const m0 = minima(bits, hasMinimum, lowHalves(m), d0);
      const m4 = minima(bits, hasMinimum, highHalves(m), d4);
      const fields = ASC_FEATURE_RELAXED_SIMD ? a + EIGHT_BIT_BIASED_STEP : a + SIXTEEN_BIT_BIASED_STEP;
      const step = v128.load32_splat(fields);
      const sum = v128.load32_splat(fields, EIGHT_BIT_SUM - EIGHT_BIT_BIASED_STEP);
      const s0 = ASC_FEATURE_RELAXED_SIMD ? relaxedDot(bits, w, a) : plainDot(bits, w, a);
      const s4 = ASC_FEATURE_RELAXED_SIMD ? relaxedDot(bits, w + halfGroup(bits), a) : plainDot(bits, w + halfGroup(bits), a);
      rows0 = multiplyAdd(m0, sum, multiplyAdd(f32x4.convert_i32x4_s(s0), f32x4.mul(step, d0), rows0));
      rows4 = multiplyAdd(m4, sum, multiplyAdd(f32x4.convert_i32x4_s(s4), f32x4.mul(step, d4), rows4));
      a += ASC_FEATURE_RELAXED_SIMD ? EIGHT_BIT_RECORD : SIXTEEN_BIT_RECORD;
      w += blockBytes(bits, hasMinimum);
    }
    storeRows(out, rows0, add, scale);
    storeRows(out + 16, rows4, add, scale);
    data += stride;
    out += 32;
  }
}
