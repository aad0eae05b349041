import { SIXTEEN_BIT_BIASED_STEP, SIXTEEN_BIT_RECORD, TILE_TOKENS } from '../../plan-fields';
import { floatToHalf, halfToFloat, highHalves, lowHalves, multiplyAdd } from '../math';
import { blockBytes, halfGroup, halves, scalesAt } from './affine-block';
import { FLOAT4, IQ4, tableOf } from './planes';
import { storeRows, storeTwo } from './store-rows';
import { pack, unpack, wordOf } from './unpack';
import { evenBytes, oddBytes, plainTokenDot, plainWordDot } from './word-dot';

/**
 * IQ4_NL, IQ4_XS and MXFP4: w = d * table[q], blocks of 32 as Q4_0 has them (see affine-block.ts). The table's bytes are
 * signed and eight bits wide, too wide for the relaxed dots, hence int16 activations. The kernels here are those where dots are
 * not fused (see planes.ts). `isFloat` is a constant: MXFP4, or else IQ4.
 */

// @ts-expect-error: decorator
@inline
function table(isFloat: bool): v128 {
  return tableOf(isFloat ? FLOAT4 : IQ4);
}

// @ts-expect-error: decorator
@inline
function values(isFloat: bool, w: usize, word: i32): v128 {
  const quants = unpack(4, w, word);
  return ASC_FEATURE_RELAXED_SIMD ? i8x16.relaxed_swizzle(table(isFloat), quants) : i8x16.swizzle(table(isFloat), quants);
}

// @ts-expect-error: decorator
@inline
function blockDot(isFloat: bool, w: usize, a: usize): v128 {
  let s = plainWordDot(a, values(isFloat, w, 0), true);
  s = i32x4.add(s, plainWordDot(a + 8, values(isFloat, w, 1), true));
  s = i32x4.add(s, plainWordDot(a + 16, values(isFloat, w, 2), true));
  s = i32x4.add(s, plainWordDot(a + 24, values(isFloat, w, 3), true));
  s = i32x4.add(s, plainWordDot(a + 32, values(isFloat, w, 4), true));
  s = i32x4.add(s, plainWordDot(a + 40, values(isFloat, w, 5), true));
  s = i32x4.add(s, plainWordDot(a + 48, values(isFloat, w, 6), true));
  s = i32x4.add(s, plainWordDot(a + 56, values(isFloat, w, 7), true));
  return f32x4.convert_i32x4_s(s);
}

/** Adds a block of rows 0-3 (4-7) to their sums. */
// @ts-expect-error: decorator
@inline
function addBlock(isFloat: bool, isHigh: bool, w: usize, a: usize, rows: v128): v128 {
  const step = v128.load32_splat(a, SIXTEEN_BIT_BIASED_STEP);
  const integers = blockDot(isFloat, w + (isHigh ? halfGroup(4) : 0), a);
  return multiplyAdd(integers, f32x4.mul(step, halves(w + scalesAt(4), isHigh)), rows);
}

/** One token against a group and the one `second` bytes behind it: see table.ts. */
// @ts-expect-error: decorator
@inline
function twoGroups(
  isFloat: bool,
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
    rows0 = addBlock(isFloat, false, w, a, rows0);
    rows8 = addBlock(isFloat, false, w + second, a, rows8);
    rows4 = addBlock(isFloat, true, w, a, rows4);
    rows12 = addBlock(isFloat, true, w + second, a, rows12);
    a += SIXTEEN_BIT_RECORD;
    w += blockBytes(4, false);
  }
  storeTwo(out, outs, second != 0, rows0, rows4, rows8, rows12, add, scale);
}

export function twoOfIQ4_NL(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(false, w, second, blocks, a, out, outs, add, scale);
}

export function twoOfMXFP4(w: usize, second: usize, blocks: i32, a: usize, out: usize, outs: usize, add: bool, scale: f32): void {
  twoGroups(true, w, second, blocks, a, out, outs, add, scale);
}

// @ts-expect-error: decorator
@inline
function accumulate(a: usize, s: v128, d: v128, t: v128): v128 {
  const step = v128.load32_splat(a, SIXTEEN_BIT_BIASED_STEP);
  return multiplyAdd(f32x4.convert_i32x4_s(s), f32x4.mul(step, d), t);
}

/** Four tokens × four rows. */
// @ts-expect-error: decorator
@inline
function tile(isFloat: bool, w: usize, a: usize, blocks: i32, isHigh: bool, out: usize, outStride: usize, add: bool, scale: f32): void {
  const r: usize = SIXTEEN_BIT_RECORD;
  let t0 = f32x4.splat(0);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  for (let b = 0; b < blocks; ++b) {
    const v = w + (isHigh ? halfGroup(4) : 0);
    let q = values(isFloat, v, 0);
    let e0 = evenBytes(q, true);
    let o0 = oddBytes(q, true);
    q = values(isFloat, v, 1);
    let e1 = evenBytes(q, true);
    let o1 = oddBytes(q, true);
    q = values(isFloat, v, 2);
    let e2 = evenBytes(q, true);
    let o2 = oddBytes(q, true);
    q = values(isFloat, v, 3);
    let e3 = evenBytes(q, true);
    let o3 = oddBytes(q, true);
    let s0 = plainTokenDot(a, e0, o0, e1, o1, e2, o2, e3, o3);
    let s1 = plainTokenDot(a + r, e0, o0, e1, o1, e2, o2, e3, o3);
    let s2 = plainTokenDot(a + 2 * r, e0, o0, e1, o1, e2, o2, e3, o3);
    let s3 = plainTokenDot(a + 3 * r, e0, o0, e1, o1, e2, o2, e3, o3);
    q = values(isFloat, v, 4);
    e0 = evenBytes(q, true);
    o0 = oddBytes(q, true);
    q = values(isFloat, v, 5);
    e1 = evenBytes(q, true);
    o1 = oddBytes(q, true);
    q = values(isFloat, v, 6);
    e2 = evenBytes(q, true);
    o2 = oddBytes(q, true);
    q = values(isFloat, v, 7);
    e3 = evenBytes(q, true);
    o3 = oddBytes(q, true);
    s0 = i32x4.add(s0, plainTokenDot(a + 32, e0, o0, e1, o1, e2, o2, e3, o3));
    s1 = i32x4.add(s1, plainTokenDot(a + r + 32, e0, o0, e1, o1, e2, o2, e3, o3));
    s2 = i32x4.add(s2, plainTokenDot(a + 2 * r + 32, e0, o0, e1, o1, e2, o2, e3, o3));
    s3 = i32x4.add(s3, plainTokenDot(a + 3 * r + 32, e0, o0, e1, o1, e2, o2, e3, o3));
    const d = halves(w + scalesAt(4), isHigh);
    t0 = accumulate(a, s0, d, t0);
    t1 = accumulate(a + r, s1, d, t1);
    t2 = accumulate(a + 2 * r, s2, d, t2);
    t3 = accumulate(a + 3 * r, s3, d, t3);
    a += 4 * r;
    w += blockBytes(4, false);
  }
  storeRows(out, t0, add, scale);
  storeRows(out + outStride, t1, add, scale);
  storeRows(out + 2 * outStride, t2, add, scale);
  storeRows(out + 3 * outStride, t3, add, scale);
}

/** Many tokens against one group of 8 rows: out[token][8] (+)= W x. */
// @ts-expect-error: decorator
@inline
export function gemmTable(
  isFloat: bool,
  data: usize,
  blocks: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  for (let t = 0; t < tiles; ++t) {
    tile(isFloat, data, activations, blocks, false, out, outStride, add, scale);
    tile(isFloat, data, activations, blocks, true, out + 16, outStride, add, scale);
    activations += <usize>blocks * SIXTEEN_BIT_RECORD * TILE_TOKENS;
    out += outStride * TILE_TOKENS;
  }
}

/** 16 bytes of nibbles of one row, values j and j + 16 in byte j, into a block of its group. */
// @ts-expect-error: decorator
@inline
function repackNibbles(source: usize, target: usize, row: i32): void {
  for (let word = 0; word < 4; ++word) {
    const packed = load<u32>(source + <usize>word * 4);
    const quants = target + ((row & 4) != 0 ? halfGroup(4) : 0);
    pack(4, quants, row & 3, word, packed & 0x0f0f0f0f);
    pack(4, quants, row & 3, word + 4, (packed >> 4) & 0x0f0f0f0f);
  }
}

// @ts-expect-error: decorator
@inline
function scaleOf(target: usize, row: i32): usize {
  return target + scalesAt(4) + <usize>(row & 3) * 4 + ((row & 4) != 0 ? 2 : 0);
}

/** `isFloat`: one byte e, a factor of 2^(e - 128), then the nibbles; else d and the nibbles. */
// @ts-expect-error: decorator
@inline
export function repackTable(isFloat: bool, from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    let source = from + <usize>row * <usize>blocks * (isFloat ? 17 : 18);
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; ++b) {
      // A factor of 2^-25 and less is nothing beside the others; one of 2^16 and more does not occur in weights.
      const e = <u32>load<u8>(source);
      const power = e < 2 ? <f32>0 : reinterpret<f32>((e - 1) << 23);
      store<u16>(scaleOf(target, row), isFloat ? floatToHalf(power) : load<u16>(source));
      source += isFloat ? 1 : 2;
      repackNibbles(source, target, row);
      source += 16;
      target += blockBytes(4, false);
    }
  }
}

/** IQ4_XS: d * (scale - 32) of a sub-block rounded to a half float, as for Q4_K (see four-bit.ts). */
export function repackIQ4_XS(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    let source = from + <usize>row * <usize>(blocks >> 3) * 136;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; b += 8) {
      const high = <u32>load<u16>(source, 2);
      for (let s = 0; s < 8; ++s) {
        const low = (<u32>load<u8>(source + <usize>(s >> 1), 4) >> ((s & 1) * 4)) & 15;
        const factor = <i32>(low | (((high >> (2 * s)) & 3) << 4)) - 32;
        store<u16>(scaleOf(target, row), floatToHalf(halfToFloat(load<u16>(source)) * <f32>factor));
        repackNibbles(source + 8 + <usize>s * 16, target, row);
        target += blockBytes(4, false);
      }
      source += 136;
    }
  }
}

/** One row as f32, for the embedding table. */
// @ts-expect-error: decorator
@inline
export function rowTable(isFloat: bool, data: usize, stride: usize, blocks: i32, row: i32, out: usize): void {
  let source = data + <usize>(row >> 3) * stride;
  for (let b = 0; b < blocks; ++b) {
    const d = halfToFloat(load<u16>(scaleOf(source, row)));
    for (let word = 0; word < 8; ++word) {
      const quants = wordOf(4, source + ((row & 4) != 0 ? halfGroup(4) : 0), row & 3, word);
      const found = i8x16.swizzle(table(isFloat), i32x4.splat(quants));
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(found))), f32x4.splat(d)));
      out += 16;
    }
    source += blockBytes(4, false);
  }
}
