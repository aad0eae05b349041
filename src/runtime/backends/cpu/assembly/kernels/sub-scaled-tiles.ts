import {
  EIGHT_BIT_INTEGER_FACTORS,
  EIGHT_BIT_PAIR_SUMS,
  EIGHT_BIT_RECORD,
  EIGHT_BIT_STEP,
  SIXTEEN_BIT_HALF_SUMS,
  SIXTEEN_BIT_RECORD,
  SIXTEEN_BIT_STEP,
  TILE_TOKENS,
} from '../../plan-fields';
import { multiplyAdd } from '../math';
import { storeRows } from './store-rows';
import { offset } from './sub-scaled';
import { blockBytes, floats, floatsAt, hasMinima, middle, scalesAt, superBytes, twice } from './sub-scaled-block';
import { gemmSubScaledWide } from './sub-scaled-wide';
import { unpack } from './unpack';
import { evenBytes, oddBytes, plainTokenDot, tokenDot } from './word-dot';

/** Four tokens × four rows of a group with sub-scales; see sub-scaled-block.ts. Each token's sums add up as for one token. (Where dots
 * are fused: sub-scaled-wide.ts.) */

/** Many tokens against one group of 8 rows: out[token][8] (+)= W x. */
// @ts-expect-error: decorator
@inline
export function gemmSubScaled(
  bits: i32,
  data: usize,
  blocks: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  if (FUSED_DOT) return gemmSubScaledWide(bits, data, blocks, activations, tiles, out, outStride, add, scale);
  const record: usize = ASC_FEATURE_RELAXED_SIMD ? EIGHT_BIT_RECORD : SIXTEEN_BIT_RECORD;
  for (let t = 0; t < tiles; ++t) {
    tile(bits, data, activations, blocks, false, out, outStride, add, scale);
    tile(bits, data, activations, blocks, true, out + 16, outStride, add, scale);
    activations += <usize>blocks * record * TILE_TOKENS;
    out += outStride * TILE_TOKENS;
  }
}

/** Half a block of one token, times scales and the integer scale of that half of its activations. */
// @ts-expect-error: decorator
@inline
function scaledDot(bits: i32, a: usize, half: usize, scales: v128, n0: v128, n1: v128, n2: v128, n3: v128): v128 {
  const raw = tokenDot(a + half * 16, n0, n1, n2, n3);
  const sum = middle(bits) == 0 ? raw : i16x8.add(raw, offset(bits, a, half));
  return i32x4.dot_i16x8_s(sum, i16x8.mul(scales, v128.load16_splat(a + half * 2, EIGHT_BIT_INTEGER_FACTORS)));
}

// @ts-expect-error: decorator
@inline
function addRelaxed(bits: i32, a: usize, s: v128, d: v128, minima0: v128, minima1: v128, dmin: v128, t: v128): v128 {
  const step = v128.load32_splat(a, EIGHT_BIT_STEP);
  const sum = multiplyAdd(f32x4.convert_i32x4_s(s), f32x4.mul(step, d), t);
  if (!hasMinima(bits)) return sum;
  const first = i16x8.mul(minima0, v128.load16_splat(a, EIGHT_BIT_INTEGER_FACTORS));
  const second = i16x8.mul(minima1, v128.load16_splat(a, EIGHT_BIT_INTEGER_FACTORS + 2));
  const lowered = i32x4.add(
    i32x4.dot_i16x8_s(v128.load32_splat(a, EIGHT_BIT_PAIR_SUMS), first),
    i32x4.dot_i16x8_s(v128.load32_splat(a, EIGHT_BIT_PAIR_SUMS + 4), second),
  );
  return multiplyAdd(f32x4.convert_i32x4_s(lowered), f32x4.mul(step, dmin), sum);
}

// @ts-expect-error: decorator
@inline
function addPlain(a: usize, s: v128, scales: v128, d: v128, t: v128): v128 {
  const factor = f32x4.mul(scales, f32x4.mul(v128.load32_splat(a, SIXTEEN_BIT_STEP), d));
  return multiplyAdd(f32x4.convert_i32x4_s(s), factor, t);
}

// @ts-expect-error: decorator
@inline
function addMinimumPlain(a: usize, half: usize, minimum: v128, t: v128): v128 {
  return multiplyAdd(v128.load32_splat(a + half * 4, SIXTEEN_BIT_HALF_SUMS), minimum, t);
}

// @ts-expect-error: decorator
@inline
function tile(
  bits: i32,
  data: usize,
  activations: usize,
  blocks: i32,
  isHigh: bool,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  let t0 = f32x4.splat(0);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  let a = activations;
  let superBlock = data;
  for (let b = 0; b < blocks; b += 8) {
    const floatsOf = superBlock + floatsAt(bits);
    const d = v128.load(floatsOf + (isHigh ? 16 : 0));
    const dmin = hasMinima(bits) ? v128.load(floatsOf + (isHigh ? 48 : 32)) : d;
    for (let block = superBlock; block < floatsOf; block += blockBytes(bits)) {
      const v = block + (isHigh ? <usize>bits * 16 : 0);
      const scales = block + scalesAt(bits);
      if (ASC_FEATURE_RELAXED_SIMD) {
        const r = EIGHT_BIT_RECORD;
        let n0 = unpack(bits, v, 0);
        let n1 = unpack(bits, v, 1);
        let n2 = unpack(bits, v, 2);
        let n3 = unpack(bits, v, 3);
        let by = twice(v128.load8x8_s(scales), isHigh);
        let s0 = scaledDot(bits, a, 0, by, n0, n1, n2, n3);
        let s1 = scaledDot(bits, a + r, 0, by, n0, n1, n2, n3);
        let s2 = scaledDot(bits, a + 2 * r, 0, by, n0, n1, n2, n3);
        let s3 = scaledDot(bits, a + 3 * r, 0, by, n0, n1, n2, n3);
        n0 = unpack(bits, v, 4);
        n1 = unpack(bits, v, 5);
        n2 = unpack(bits, v, 6);
        n3 = unpack(bits, v, 7);
        by = twice(v128.load8x8_s(scales, 8), isHigh);
        s0 = i32x4.add(s0, scaledDot(bits, a, 1, by, n0, n1, n2, n3));
        s1 = i32x4.add(s1, scaledDot(bits, a + r, 1, by, n0, n1, n2, n3));
        s2 = i32x4.add(s2, scaledDot(bits, a + 2 * r, 1, by, n0, n1, n2, n3));
        s3 = i32x4.add(s3, scaledDot(bits, a + 3 * r, 1, by, n0, n1, n2, n3));
        const m0 = hasMinima(bits) ? twice(v128.load8x8_u(scales, 16), isHigh) : by;
        const m1 = hasMinima(bits) ? twice(v128.load8x8_u(scales, 24), isHigh) : by;
        t0 = addRelaxed(bits, a, s0, d, m0, m1, dmin, t0);
        t1 = addRelaxed(bits, a + r, s1, d, m0, m1, dmin, t1);
        t2 = addRelaxed(bits, a + 2 * r, s2, d, m0, m1, dmin, t2);
        t3 = addRelaxed(bits, a + 3 * r, s3, d, m0, m1, dmin, t3);
        a += 4 * r;
      } else {
        const r = SIXTEEN_BIT_RECORD;
        const low = i8x16.splat(<i8>middle(bits));
        let q = i8x16.sub(unpack(bits, v, 0), low);
        let e0 = evenBytes(q, true);
        let o0 = oddBytes(q, true);
        q = i8x16.sub(unpack(bits, v, 1), low);
        let e1 = evenBytes(q, true);
        let o1 = oddBytes(q, true);
        q = i8x16.sub(unpack(bits, v, 2), low);
        let e2 = evenBytes(q, true);
        let o2 = oddBytes(q, true);
        q = i8x16.sub(unpack(bits, v, 3), low);
        let e3 = evenBytes(q, true);
        let o3 = oddBytes(q, true);
        let by = floats(v128.load8x8_s(scales), isHigh);
        t0 = addPlain(a, plainTokenDot(a, e0, o0, e1, o1, e2, o2, e3, o3), by, d, t0);
        t1 = addPlain(a + r, plainTokenDot(a + r, e0, o0, e1, o1, e2, o2, e3, o3), by, d, t1);
        t2 = addPlain(a + 2 * r, plainTokenDot(a + 2 * r, e0, o0, e1, o1, e2, o2, e3, o3), by, d, t2);
        t3 = addPlain(a + 3 * r, plainTokenDot(a + 3 * r, e0, o0, e1, o1, e2, o2, e3, o3), by, d, t3);
        q = i8x16.sub(unpack(bits, v, 4), low);
        e0 = evenBytes(q, true);
        o0 = oddBytes(q, true);
        q = i8x16.sub(unpack(bits, v, 5), low);
        e1 = evenBytes(q, true);
        o1 = oddBytes(q, true);
        q = i8x16.sub(unpack(bits, v, 6), low);
        e2 = evenBytes(q, true);
        o2 = oddBytes(q, true);
        q = i8x16.sub(unpack(bits, v, 7), low);
        e3 = evenBytes(q, true);
        o3 = oddBytes(q, true);
        by = floats(v128.load8x8_s(scales, 8), isHigh);
        t0 = addPlain(a, plainTokenDot(a + 32, e0, o0, e1, o1, e2, o2, e3, o3), by, d, t0);
        t1 = addPlain(a + r, plainTokenDot(a + r + 32, e0, o0, e1, o1, e2, o2, e3, o3), by, d, t1);
        t2 = addPlain(a + 2 * r, plainTokenDot(a + 2 * r + 32, e0, o0, e1, o1, e2, o2, e3, o3), by, d, t2);
        t3 = addPlain(a + 3 * r, plainTokenDot(a + 3 * r + 32, e0, o0, e1, o1, e2, o2, e3, o3), by, d, t3);
        if (hasMinima(bits)) {
          const m0 = f32x4.mul(floats(v128.load8x8_u(scales, 16), isHigh), dmin);
          t0 = addMinimumPlain(a, 0, m0, t0);
          t1 = addMinimumPlain(a + r, 0, m0, t1);
          t2 = addMinimumPlain(a + 2 * r, 0, m0, t2);
          t3 = addMinimumPlain(a + 3 * r, 0, m0, t3);
          const m1 = f32x4.mul(floats(v128.load8x8_u(scales, 24), isHigh), dmin);
          t0 = addMinimumPlain(a, 1, m1, t0);
          t1 = addMinimumPlain(a + r, 1, m1, t1);
          t2 = addMinimumPlain(a + 2 * r, 1, m1, t2);
          t3 = addMinimumPlain(a + 3 * r, 1, m1, t3);
        }
        a += 4 * r;
      }
    }
    superBlock += superBytes(bits);
  }
  storeRows(out, t0, add, scale);
  storeRows(out + outStride, t1, add, scale);
  storeRows(out + 2 * outStride, t2, add, scale);
  storeRows(out + 3 * outStride, t3, add, scale);
}
