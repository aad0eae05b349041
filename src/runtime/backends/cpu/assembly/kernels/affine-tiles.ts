import {
  EIGHT_BIT_FACTORS,
  EIGHT_BIT_RECORD,
  SIXTEEN_BIT_RECORD,
  TILE_TOKENS,
} from '../../plan-fields';
import { accumulate, blockBytes, halfGroup, halves, minima, scalesAt } from './affine-block';
import { storeRows } from './store-rows';
import { unpack } from './unpack';
import { gemmWide } from './wide-tiles';
import { evenBytes, oddBytes, plainTokenDot, times, tokenDot } from './word-dot';

/**
 * Four tokens × four rows of a group (see affine-block.ts): weights are unpacked once for four tokens, sums stay in registers.
 * Where there are eight tokens, wide-tiles.ts does the same faster and to the same bit.
 */

/** Many tokens against groups of 8 rows: out[token][8 a group] (+)= W x. */
// @ts-expect-error: decorator
@inline
export function gemmAffine(
  bits: i32,
  hasMinimum: bool,
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const record: usize = ASC_FEATURE_RELAXED_SIMD ? EIGHT_BIT_RECORD : SIXTEEN_BIT_RECORD;
  const tileBytes = <usize>blocks * record * TILE_TOKENS;
  if (ASC_FEATURE_RELAXED_SIMD) {
    const pairs = tiles >> 1;
    gemmWide(bits, hasMinimum, data, stride, groups, blocks, activations, pairs, out, outStride, add, scale);
    activations += <usize>(2 * pairs) * tileBytes;
    out += outStride * <usize>(2 * pairs * TILE_TOKENS);
    tiles &= 1;
  }
  for (let g = 0; g < groups; ++g) {
    let a = activations;
    let to = out;
    for (let t = 0; t < tiles; ++t) {
      if (ASC_FEATURE_RELAXED_SIMD) {
        tileRelaxed(bits, hasMinimum, data, a, blocks, false, to, outStride, add, scale);
        tileRelaxed(bits, hasMinimum, data, a, blocks, true, to + 16, outStride, add, scale);
      } else {
        tilePlain(bits, hasMinimum, data, a, blocks, false, to, outStride, add, scale);
        tilePlain(bits, hasMinimum, data, a, blocks, true, to + 16, outStride, add, scale);
      }
      a += tileBytes;
      to += outStride * TILE_TOKENS;
    }
    data += stride;
    out += 32;
  }
}

/** Half a block of one token, times the integer scale of that half of its activations. */
// @ts-expect-error: decorator
@inline
function scaledDot(a: usize, half: usize, n0: v128, n1: v128, n2: v128, n3: v128): v128 {
  const factor = v128.load32_splat(a + half * 4, EIGHT_BIT_FACTORS);
  return times(tokenDot(a + half * 16, n0, n1, n2, n3), factor);
}

// @ts-expect-error: decorator
@inline
function tileRelaxed(
  bits: i32,
  hasMinimum: bool,
  w: usize,
  a: usize,
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
  for (let b = 0; b < blocks; ++b) {
    const v = w + (isHigh ? halfGroup(bits) : 0);
    // Half a block at a time, which may read the weights twice, keeps everything in sixteen registers.
    let n0 = unpack(bits, v, 0);
    let n1 = unpack(bits, v, 1);
    let n2 = unpack(bits, v, 2);
    let n3 = unpack(bits, v, 3);
    let s0 = scaledDot(a, 0, n0, n1, n2, n3);
    let s1 = scaledDot(a + EIGHT_BIT_RECORD, 0, n0, n1, n2, n3);
    let s2 = scaledDot(a + 2 * EIGHT_BIT_RECORD, 0, n0, n1, n2, n3);
    let s3 = scaledDot(a + 3 * EIGHT_BIT_RECORD, 0, n0, n1, n2, n3);
    n0 = unpack(bits, v, 4);
    n1 = unpack(bits, v, 5);
    n2 = unpack(bits, v, 6);
    n3 = unpack(bits, v, 7);
    s0 = i32x4.add(s0, scaledDot(a, 1, n0, n1, n2, n3));
    s1 = i32x4.add(s1, scaledDot(a + EIGHT_BIT_RECORD, 1, n0, n1, n2, n3));
    s2 = i32x4.add(s2, scaledDot(a + 2 * EIGHT_BIT_RECORD, 1, n0, n1, n2, n3));
    s3 = i32x4.add(s3, scaledDot(a + 3 * EIGHT_BIT_RECORD, 1, n0, n1, n2, n3));
    const d = halves(w + scalesAt(bits), isHigh);
    const m = minima(bits, hasMinimum, hasMinimum ? halves(w + scalesAt(bits) + 16, isHigh) : d, d);
    t0 = accumulate(a, s0, d, m, t0);
    t1 = accumulate(a + EIGHT_BIT_RECORD, s1, d, m, t1);
    t2 = accumulate(a + 2 * EIGHT_BIT_RECORD, s2, d, m, t2);
    t3 = accumulate(a + 3 * EIGHT_BIT_RECORD, s3, d, m, t3);
    a += 4 * EIGHT_BIT_RECORD;
    w += blockBytes(bits, hasMinimum);
  }
  storeRows(out, t0, add, scale);
  storeRows(out + outStride, t1, add, scale);
  storeRows(out + 2 * outStride, t2, add, scale);
  storeRows(out + 3 * outStride, t3, add, scale);
}

// @ts-expect-error: decorator
@inline
function tilePlain(
  bits: i32,
  hasMinimum: bool,
  w: usize,
  a: usize,
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
  for (let b = 0; b < blocks; ++b) {
    const v = w + (isHigh ? halfGroup(bits) : 0);
    let q = unpack(bits, v, 0);
    let e0 = evenBytes(q, false);
    let o0 = oddBytes(q, false);
    q = unpack(bits, v, 1);
    let e1 = evenBytes(q, false);
    let o1 = oddBytes(q, false);
    q = unpack(bits, v, 2);
    let e2 = evenBytes(q, false);
    let o2 = oddBytes(q, false);
    q = unpack(bits, v, 3);
    let e3 = evenBytes(q, false);
    let o3 = oddBytes(q, false);
    let s0 = plainTokenDot(a, e0, o0, e1, o1, e2, o2, e3, o3);
    let s1 = plainTokenDot(a + SIXTEEN_BIT_RECORD, e0, o0, e1, o1, e2, o2, e3, o3);
    let s2 = plainTokenDot(a + 2 * SIXTEEN_BIT_RECORD, e0, o0, e1, o1, e2, o2, e3, o3);
    let s3 = plainTokenDot(a + 3 * SIXTEEN_BIT_RECORD, e0, o0, e1, o1, e2, o2, e3, o3);
    q = unpack(bits, v, 4);
    e0 = evenBytes(q, false);
    o0 = oddBytes(q, false);
    q = unpack(bits, v, 5);
    e1 = evenBytes(q, false);
    o1 = oddBytes(q, false);
    q = unpack(bits, v, 6);
    e2 = evenBytes(q, false);
    o2 = oddBytes(q, false);
    q = unpack(bits, v, 7);
    e3 = evenBytes(q, false);
    o3 = oddBytes(q, false);
    s0 = i32x4.add(s0, plainTokenDot(a + 32, e0, o0, e1, o1, e2, o2, e3, o3));
    s1 = i32x4.add(s1, plainTokenDot(a + SIXTEEN_BIT_RECORD + 32, e0, o0, e1, o1, e2, o2, e3, o3));
    s2 = i32x4.add(s2, plainTokenDot(a + 2 * SIXTEEN_BIT_RECORD + 32, e0, o0, e1, o1, e2, o2, e3, o3));
    s3 = i32x4.add(s3, plainTokenDot(a + 3 * SIXTEEN_BIT_RECORD + 32, e0, o0, e1, o1, e2, o2, e3, o3));
    const d = halves(w + scalesAt(bits), isHigh);
    const m = minima(bits, hasMinimum, hasMinimum ? halves(w + scalesAt(bits) + 16, isHigh) : d, d);
    t0 = accumulate(a, s0, d, m, t0);
    t1 = accumulate(a + SIXTEEN_BIT_RECORD, s1, d, m, t1);
    t2 = accumulate(a + 2 * SIXTEEN_BIT_RECORD, s2, d, m, t2);
    t3 = accumulate(a + 3 * SIXTEEN_BIT_RECORD, s3, d, m, t3);
    a += 4 * SIXTEEN_BIT_RECORD;
    w += blockBytes(bits, hasMinimum);
  }
  storeRows(out, t0, add, scale);
  storeRows(out + outStride, t1, add, scale);
  storeRows(out + 2 * outStride, t2, add, scale);
  storeRows(out + 3 * outStride, t3, add, scale);
}
