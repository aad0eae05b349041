import { SIXTEEN_BIT_RECORD, TILE_TOKENS } from '../../plan-fields';
import { accumulate, blockBytes, halfGroup, halves, minima, scalesAt } from './affine-block';
import { storeRows } from './store-rows';
import { unpack } from './unpack';
import { gemmWide } from './wide-tiles';
import { evenBytes, oddBytes, plainTokenDot } from './word-dot';

/**
 * Four tokens × four rows of a group (see affine-block.ts) without relaxed SIMD: weights are unpacked once for four tokens,
 * sums stay in registers. With it, activations are int8, and wide-tiles.ts takes eight rows.
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
  if (ASC_FEATURE_RELAXED_SIMD) {
    return gemmWide(bits, hasMinimum, data, stride, groups, blocks, activations, tiles, out, outStride, add, scale);
  }
  for (let g = 0; g < groups; ++g) {
    let a = activations;
    let to = out;
    for (let t = 0; t < tiles; ++t) {
      tile(bits, hasMinimum, data, a, blocks, false, to, outStride, add, scale);
      tile(bits, hasMinimum, data, a, blocks, true, to + 16, outStride, add, scale);
      a += <usize>blocks * SIXTEEN_BIT_RECORD * TILE_TOKENS;
      to += outStride * TILE_TOKENS;
    }
    data += stride;
    out += 32;
  }
}

// @ts-expect-error: decorator
@inline
function tile(
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
    t0 = accumulate(a, f32x4.convert_i32x4_s(s0), d, m, t0);
    t1 = accumulate(a + SIXTEEN_BIT_RECORD, f32x4.convert_i32x4_s(s1), d, m, t1);
    t2 = accumulate(a + 2 * SIXTEEN_BIT_RECORD, f32x4.convert_i32x4_s(s2), d, m, t2);
    t3 = accumulate(a + 3 * SIXTEEN_BIT_RECORD, f32x4.convert_i32x4_s(s3), d, m, t3);
    a += 4 * SIXTEEN_BIT_RECORD;
    w += blockBytes(bits, hasMinimum);
  }
  storeRows(out, t0, add, scale);
  storeRows(out + outStride, t1, add, scale);
  storeRows(out + 2 * outStride, t2, add, scale);
  storeRows(out + 3 * outStride, t3, add, scale);
}
