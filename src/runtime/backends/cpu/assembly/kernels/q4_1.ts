import { EIGHT_BIT_RECORD, SIXTEEN_BIT_RECORD } from '../../plan-fields';
import { halfToFloat, highHalves, lowHalves, multiplyAdd } from '../math';
import { storeRows } from './store-rows';

/**
 * Q4_1: w = d * q + m, 4-bit q, blocks of 32 (source: ggml-common.h of llama.cpp).
 *
 * In the file a row's block is d, m (f16) and 16 bytes, byte j holding value j (low nibble) and j + 16 (high).
 * Here 8 rows make a group, and a block of a group is 160 bytes, the same size as in the file:
 *   4 vectors of rows 0-3, word w of each row in its lane; 4 vectors of rows 4-7; 8 d; 8 m,
 * where lane r of the d (m) vector holds row r in its low half and row r + 4 in its high half.
 * So lane r always belongs to row r: sums need no horizontal step, and repacking moves whole words.
 */
const BLOCK: usize = 160;

export function repackQ4_1(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  const rowBytes = <usize>blocks * 20;
  for (let row = 0; row < rows; ++row) {
    const lane = <usize>(row & 3) * 4;
    const isHigh = (row & 4) != 0;
    let source = from + <usize>row * rowBytes;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; ++b) {
      const halves = target + lane + (isHigh ? 2 : 0);
      store<u16>(halves, load<u16>(source), 128);
      store<u16>(halves, load<u16>(source, 2), 144);
      const words = target + lane + (isHigh ? 64 : 0);
      store<u32>(words, load<u32>(source, 4));
      store<u32>(words, load<u32>(source, 8), 16);
      store<u32>(words, load<u32>(source, 12), 32);
      store<u32>(words, load<u32>(source, 16), 48);
      source += 20;
      target += BLOCK;
    }
  }
}

// @ts-expect-error: decorator
@inline
function lowNibbles(w: v128): v128 {
  return v128.and(w, i8x16.splat(15));
}

// @ts-expect-error: decorator
@inline
function highNibbles(w: v128): v128 {
  return v128.and(i16x8.shr_u(w, 4), i8x16.splat(15));
}

/** int8 × unsigned 4-bit, pairs added in i16: exact, since nibbles fit the 7 bits for which the relaxed dot is defined. */
// @ts-expect-error: decorator
@inline
function dot(x: v128, nibbles: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(x, nibbles);
}

/** 16 × 4 rows: four vectors of weights against one block of activations. |sum| <= 16 * 127 * 15 = 30,480 fits i16. */
// @ts-expect-error: decorator
@inline
function blockDot(w: usize, a: usize): v128 {
  let v = v128.load(w);
  let s = i16x8.add(dot(v128.load(a), lowNibbles(v)), dot(v128.load(a, 64), highNibbles(v)));
  v = v128.load(w, 16);
  s = i16x8.add(s, dot(v128.load(a, 16), lowNibbles(v)));
  s = i16x8.add(s, dot(v128.load(a, 80), highNibbles(v)));
  v = v128.load(w, 32);
  s = i16x8.add(s, dot(v128.load(a, 32), lowNibbles(v)));
  s = i16x8.add(s, dot(v128.load(a, 96), highNibbles(v)));
  v = v128.load(w, 48);
  s = i16x8.add(s, dot(v128.load(a, 48), lowNibbles(v)));
  s = i16x8.add(s, dot(v128.load(a, 112), highNibbles(v)));
  return f32x4.convert_i32x4_s(i32x4.extadd_pairwise_i16x8_s(s));
}

/** The same without relaxed SIMD: nibbles are masked out as i16 and meet int16 activations. */
// @ts-expect-error: decorator
@inline
function plainWord(w: usize, a: usize): v128 {
  const v = v128.load(w);
  const mask = i16x8.splat(15);
  const low = i32x4.add(
    i32x4.dot_i16x8_s(v128.load32_splat(a), v128.and(v, mask)),
    i32x4.dot_i16x8_s(v128.load32_splat(a, 4), v128.and(i16x8.shr_u(v, 8), mask)),
  );
  const high = i32x4.add(
    i32x4.dot_i16x8_s(v128.load32_splat(a, 32), v128.and(i16x8.shr_u(v, 4), mask)),
    i32x4.dot_i16x8_s(v128.load32_splat(a, 36), i16x8.shr_u(v, 12)),
  );
  return i32x4.add(low, high);
}

// @ts-expect-error: decorator
@inline
function plainBlockDot(w: usize, a: usize): v128 {
  const first = i32x4.add(plainWord(w, a), plainWord(w + 16, a + 8));
  const second = i32x4.add(plainWord(w + 32, a + 16), plainWord(w + 48, a + 24));
  return f32x4.convert_i32x4_s(i32x4.add(first, second));
}

/** One token: out[8 a group] (+)= W x. */
export function gemvQ4_1(
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
      const d = v128.load(w, 128);
      const m = v128.load(w, 144);
      if (ASC_FEATURE_RELAXED_SIMD) {
        const s = v128.load(a, 128);
        const sum = v128.load(a, 144);
        rows0 = multiplyAdd(f32x4.mul(blockDot(w, a), s), lowHalves(d), rows0);
        rows0 = multiplyAdd(lowHalves(m), sum, rows0);
        rows4 = multiplyAdd(f32x4.mul(blockDot(w + 64, a), s), highHalves(d), rows4);
        rows4 = multiplyAdd(highHalves(m), sum, rows4);
        a += EIGHT_BIT_RECORD;
      } else {
        const s = v128.load(a, 64);
        const sum = v128.load(a, 80);
        rows0 = multiplyAdd(f32x4.mul(plainBlockDot(w, a), s), lowHalves(d), rows0);
        rows0 = multiplyAdd(lowHalves(m), sum, rows0);
        rows4 = multiplyAdd(f32x4.mul(plainBlockDot(w + 64, a), s), highHalves(d), rows4);
        rows4 = multiplyAdd(highHalves(m), sum, rows4);
        a += SIXTEEN_BIT_RECORD;
      }
      w += BLOCK;
    }
    storeRows(out, rows0, add, scale);
    storeRows(out + 16, rows4, add, scale);
    data += stride;
    out += 32;
  }
}

/** Adds one weight vector's products for one token of the tile. */
// @ts-expect-error: decorator
@inline
function tileDot(sum: v128, a: usize, low: v128, high: v128): v128 {
  return i16x8.add(i16x8.add(sum, dot(v128.load(a), low)), dot(v128.load(a, 64), high));
}

// @ts-expect-error: decorator
@inline
function toFloat(sum: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extadd_pairwise_i16x8_s(sum));
}

/** Four tokens × four rows: each weight vector is unpacked once for four tokens, and all sums stay in registers. */
function tileRelaxed(w: usize, a: usize, blocks: i32, isHigh: bool, out: usize, outStride: usize, add: bool, scale: f32): void {
  let t0 = f32x4.splat(0);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  const vectors = w + (isHigh ? 64 : 0);
  let offset: usize = 0;
  for (let b = 0; b < blocks; ++b) {
    const v = vectors + offset;
    let x = v128.load(v);
    let low = lowNibbles(x);
    let high = highNibbles(x);
    let s0 = i16x8.add(dot(v128.load(a), low), dot(v128.load(a, 64), high));
    let s1 = i16x8.add(dot(v128.load(a, 160), low), dot(v128.load(a, 224), high));
    let s2 = i16x8.add(dot(v128.load(a, 320), low), dot(v128.load(a, 384), high));
    let s3 = i16x8.add(dot(v128.load(a, 480), low), dot(v128.load(a, 544), high));
    for (let i: usize = 16; i < 64; i += 16) {
      x = v128.load(v + i);
      low = lowNibbles(x);
      high = highNibbles(x);
      const ai = a + i;
      s0 = tileDot(s0, ai, low, high);
      s1 = tileDot(s1, ai + 160, low, high);
      s2 = tileDot(s2, ai + 320, low, high);
      s3 = tileDot(s3, ai + 480, low, high);
    }
    let d = v128.load(w + offset, 128);
    let m = v128.load(w + offset, 144);
    if (isHigh) {
      d = highHalves(d);
      m = highHalves(m);
    } else {
      d = lowHalves(d);
      m = lowHalves(m);
    }
    t0 = multiplyAdd(f32x4.mul(toFloat(s0), v128.load(a, 128)), d, t0);
    t1 = multiplyAdd(f32x4.mul(toFloat(s1), v128.load(a, 288)), d, t1);
    t2 = multiplyAdd(f32x4.mul(toFloat(s2), v128.load(a, 448)), d, t2);
    t3 = multiplyAdd(f32x4.mul(toFloat(s3), v128.load(a, 608)), d, t3);
    t0 = multiplyAdd(m, v128.load(a, 144), t0);
    t1 = multiplyAdd(m, v128.load(a, 304), t1);
    t2 = multiplyAdd(m, v128.load(a, 464), t2);
    t3 = multiplyAdd(m, v128.load(a, 624), t3);
    a += 4 * EIGHT_BIT_RECORD;
    offset += BLOCK;
  }
  storeRows(out, t0, add, scale);
  storeRows(out + outStride, t1, add, scale);
  storeRows(out + 2 * outStride, t2, add, scale);
  storeRows(out + 3 * outStride, t3, add, scale);
}

function tilePlain(w: usize, a: usize, blocks: i32, isHigh: bool, out: usize, outStride: usize, add: bool, scale: f32): void {
  let t0 = f32x4.splat(0);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  const mask = i16x8.splat(15);
  let vectors = w + (isHigh ? 64 : 0);
  for (let b = 0; b < blocks; ++b) {
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let i: usize = 0; i < 4; ++i) {
      const x = v128.load(vectors + i * 16);
      const ai = a + i * 8;
      let n = v128.and(x, mask);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load32_splat(ai), n));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load32_splat(ai, 96), n));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load32_splat(ai, 192), n));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load32_splat(ai, 288), n));
      n = v128.and(i16x8.shr_u(x, 8), mask);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load32_splat(ai, 4), n));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load32_splat(ai, 100), n));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load32_splat(ai, 196), n));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load32_splat(ai, 292), n));
      n = v128.and(i16x8.shr_u(x, 4), mask);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load32_splat(ai, 32), n));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load32_splat(ai, 128), n));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load32_splat(ai, 224), n));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load32_splat(ai, 320), n));
      n = i16x8.shr_u(x, 12);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load32_splat(ai, 36), n));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.load32_splat(ai, 132), n));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.load32_splat(ai, 228), n));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.load32_splat(ai, 324), n));
    }
    const halves = vectors - (isHigh ? 64 : 0);
    let d = v128.load(halves, 128);
    let m = v128.load(halves, 144);
    if (isHigh) {
      d = highHalves(d);
      m = highHalves(m);
    } else {
      d = lowHalves(d);
      m = lowHalves(m);
    }
    t0 = multiplyAdd(f32x4.mul(f32x4.convert_i32x4_s(s0), v128.load(a, 64)), d, t0);
    t1 = multiplyAdd(f32x4.mul(f32x4.convert_i32x4_s(s1), v128.load(a, 160)), d, t1);
    t2 = multiplyAdd(f32x4.mul(f32x4.convert_i32x4_s(s2), v128.load(a, 256)), d, t2);
    t3 = multiplyAdd(f32x4.mul(f32x4.convert_i32x4_s(s3), v128.load(a, 352)), d, t3);
    t0 = multiplyAdd(m, v128.load(a, 80), t0);
    t1 = multiplyAdd(m, v128.load(a, 176), t1);
    t2 = multiplyAdd(m, v128.load(a, 272), t2);
    t3 = multiplyAdd(m, v128.load(a, 368), t3);
    a += 4 * SIXTEEN_BIT_RECORD;
    vectors += BLOCK;
  }
  storeRows(out, t0, add, scale);
  storeRows(out + outStride, t1, add, scale);
  storeRows(out + 2 * outStride, t2, add, scale);
  storeRows(out + 3 * outStride, t3, add, scale);
}

/** Many tokens against one group of 8 rows, which stays in the first-level cache: out[token][8] (+)= W x. */
export function gemmQ4_1(
  data: usize,
  blocks: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const record: usize = ASC_FEATURE_RELAXED_SIMD ? EIGHT_BIT_RECORD : SIXTEEN_BIT_RECORD;
  for (let t = 0; t < tiles; ++t) {
    if (ASC_FEATURE_RELAXED_SIMD) {
      tileRelaxed(data, activations, blocks, false, out, outStride, add, scale);
      tileRelaxed(data, activations, blocks, true, out + 16, outStride, add, scale);
    } else {
      tilePlain(data, activations, blocks, false, out, outStride, add, scale);
      tilePlain(data, activations, blocks, true, out + 16, outStride, add, scale);
    }
    activations += <usize>blocks * record * 4;
    out += outStride * 4;
  }
}

/** One row as f32, for the embedding table. */
export function rowQ4_1(data: usize, stride: usize, blocks: i32, row: i32, out: usize): void {
  const lane = <usize>(row & 3) * 4;
  const isHigh = (row & 4) != 0;
  let source = data + <usize>(row >> 3) * stride;
  for (let b = 0; b < blocks; ++b) {
    const halves = source + lane + (isHigh ? 2 : 0);
    const d = halfToFloat(load<u16>(halves, 128));
    const m = halfToFloat(load<u16>(halves, 144));
    const words = source + lane + (isHigh ? 64 : 0);
    for (let j = 0; j < 16; ++j) {
      const byte = load<u8>(words + (<usize>j >> 2) * 16 + (<usize>j & 3));
      store<f32>(out + <usize>j * 4, <f32>(byte & 15) * d + m);
      store<f32>(out + <usize>j * 4, <f32>(byte >> 4) * d + m, 64);
    }
    source += BLOCK;
    out += 128;
  }
}
