import { SIXTEEN_BIT_BIASED_STEP, SIXTEEN_BIT_RECORD } from '../../plan-fields';
import { clear, halfToFloat, highHalves, lowHalves, multiplyAdd } from '../math';
import { BYTE_OFFSET } from './byte-offset';
import { storeTwo } from './store-rows';
import { storeTokens, tileSums } from './tile-sums';

/**
 * Q8_0: w = d * q, int8 q, blocks of 32 (source: ggml-common.h of llama.cpp; 34 bytes a block in the file).
 *
 * Here 8 rows make a group, and a block of a group is 272 bytes, the same size as in the file. With FUSED_DOT: as planes.ts
 * has them, and so are the kernels. Else: 16 steps of 16 bytes, each holding a pair of values of rows 0-7 (rows 0-3 in the first
 * half), then 8 d as in four-bit.ts. Pairs are in the order of the int16 activation record. A signed byte is one bit too
 * wide for the shorter relaxed dot, hence int16 activations: the weights are read from memory anyway, and the error of the
 * activations all but vanishes.
 */
const BLOCK: usize = 272;

/** Where word `word` of a row (0-7) lies in a block, with FUSED_DOT. */
// @ts-expect-error: decorator
@inline
function wordAt(row: usize, word: usize): usize {
  return (row >> 2) * 128 + word * 16 + (row & 3) * 4;
}

/** Which value stands first in pair p (its partner is two further on): 0, 1, 4, 5, 8, 9 … */
// @ts-expect-error: decorator
@inline
function pairStart(p: usize): usize {
  return ((p >> 1) << 2) + (p & 1);
}

export function repackQ8_0(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  const rowBytes = <usize>blocks * 34;
  for (let row = 0; row < rows; ++row) {
    const inGroup = <usize>(row & 7);
    let source = from + <usize>row * rowBytes;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; ++b) {
      store<u16>(target + (inGroup & 3) * 4 + (inGroup >> 2) * 2, load<u16>(source), 256);
      if (FUSED_DOT) {
        const offset: u32 = BYTE_OFFSET * 0x01010101;
        for (let word: usize = 0; word < 8; ++word) {
          store<u32>(target + wordAt(inGroup, word), load<u32>(source + word * 4, 2) ^ offset);
        }
      } else {
        for (let p: usize = 0; p < 16; ++p) {
          const value = source + 2 + pairStart(p);
          store<u16>(target + p * 16 + inGroup * 2, <u16>load<u8>(value) | (<u16>load<u8>(value, 2) << 8));
        }
      }
      source += 34;
      target += BLOCK;
    }
  }
}

// @ts-expect-error: decorator
@inline
function products(w: usize, x: v128): v128 {
  return i32x4.dot_i16x8_s(v128.load8x8_s(w), x);
}

/** Adds a block's integers of rows 0-3 (4-7), scaled, to the rows' sums. */
// @ts-expect-error: decorator
@inline
function scaled(isHigh: bool, w: usize, step: v128, integers: v128, rows: v128): v128 {
  const d = v128.load(w, 256);
  return multiplyAdd(f32x4.convert_i32x4_s(integers), f32x4.mul(step, isHigh ? highHalves(d) : lowHalves(d)), rows);
}

/** One token against a group and the one `second` bytes behind it: see table.ts. */
export function twoOfQ8_0(
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
    let x = v128.load32_splat(a);
    let sums0 = products(w, x);
    let sums4 = products(w + 8, x);
    let sums8 = products(v, x);
    let sums12 = products(v + 8, x);
    for (let p: usize = 1; p < 16; ++p) {
      x = v128.load32_splat(a + p * 4);
      sums0 = i32x4.add(sums0, products(w + p * 16, x));
      sums4 = i32x4.add(sums4, products(w + p * 16 + 8, x));
      sums8 = i32x4.add(sums8, products(v + p * 16, x));
      sums12 = i32x4.add(sums12, products(v + p * 16 + 8, x));
    }
    const step = v128.load32_splat(a, SIXTEEN_BIT_BIASED_STEP);
    rows0 = scaled(false, w, step, sums0, rows0);
    rows4 = scaled(true, w, step, sums4, rows4);
    rows8 = scaled(false, v, step, sums8, rows8);
    rows12 = scaled(true, v, step, sums12, rows12);
    w += BLOCK;
    a += SIXTEEN_BIT_RECORD;
  }
  storeTwo(out, outs, second != 0, rows0, rows4, rows8, rows12, add, scale);
}

/** A token's integers of four rows, scaled and added to its floats. */
// @ts-expect-error: decorator
@inline
function accumulate(at: usize, sum: v128, step: v128, d: v128): void {
  v128.store(at, multiplyAdd(f32x4.convert_i32x4_s(sum), f32x4.mul(step, d), v128.load(at)));
}

/**
 * Four tokens × eight rows. An activation is loaded once for eight rows; integers stay in registers through a block, floats
 * do not fit beside them.
 */
function tile(w: usize, a: usize, blocks: i32, out: usize, outStride: usize, add: bool, scale: f32): void {
  const at = tileSums();
  const record: usize = SIXTEEN_BIT_RECORD;
  clear(at, 4 * 32);
  for (let b = 0; b < blocks; ++b) {
    let l0 = i32x4.splat(0);
    let l1 = l0;
    let l2 = l0;
    let l3 = l0;
    let h0 = l0;
    let h1 = l0;
    let h2 = l0;
    let h3 = l0;
    for (let p: usize = 0; p < 16; ++p) {
      const low = v128.load8x8_s(w + p * 16);
      const high = v128.load8x8_s(w + p * 16, 8);
      const pair = a + p * 4;
      let x = v128.load32_splat(pair);
      l0 = i32x4.add(l0, i32x4.dot_i16x8_s(x, low));
      h0 = i32x4.add(h0, i32x4.dot_i16x8_s(x, high));
      x = v128.load32_splat(pair, record);
      l1 = i32x4.add(l1, i32x4.dot_i16x8_s(x, low));
      h1 = i32x4.add(h1, i32x4.dot_i16x8_s(x, high));
      x = v128.load32_splat(pair, 2 * record);
      l2 = i32x4.add(l2, i32x4.dot_i16x8_s(x, low));
      h2 = i32x4.add(h2, i32x4.dot_i16x8_s(x, high));
      x = v128.load32_splat(pair, 3 * record);
      l3 = i32x4.add(l3, i32x4.dot_i16x8_s(x, low));
      h3 = i32x4.add(h3, i32x4.dot_i16x8_s(x, high));
    }
    const d = v128.load(w, 256);
    const d0 = lowHalves(d);
    const d4 = highHalves(d);
    let step = v128.load32_splat(a, SIXTEEN_BIT_BIASED_STEP);
    accumulate(at, l0, step, d0);
    accumulate(at + 16, h0, step, d4);
    step = v128.load32_splat(a, SIXTEEN_BIT_BIASED_STEP + record);
    accumulate(at + 32, l1, step, d0);
    accumulate(at + 48, h1, step, d4);
    step = v128.load32_splat(a, SIXTEEN_BIT_BIASED_STEP + 2 * record);
    accumulate(at + 64, l2, step, d0);
    accumulate(at + 80, h2, step, d4);
    step = v128.load32_splat(a, SIXTEEN_BIT_BIASED_STEP + 3 * record);
    accumulate(at + 96, l3, step, d0);
    accumulate(at + 112, h3, step, d4);
    a += 4 * record;
    w += BLOCK;
  }
  storeTokens(at, 4, out, outStride, add, scale);
}

/** Many tokens against one group of 8 rows: out[token][8] (+)= W x. */
export function gemmQ8_0(
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
    tile(data, activations, blocks, out, outStride, add, scale);
    activations += <usize>blocks * SIXTEEN_BIT_RECORD * 4;
    out += outStride * 4;
  }
}

/** One row as f32, for the embedding table. */
export function rowQ8_0(data: usize, stride: usize, blocks: i32, row: i32, out: usize): void {
  const inGroup = <usize>(row & 7);
  let source = data + <usize>(row >> 3) * stride;
  for (let b = 0; b < blocks; ++b) {
    const d = halfToFloat(load<u16>(source + (inGroup & 3) * 4 + (inGroup >> 2) * 2, 256));
    if (FUSED_DOT) {
      for (let word: usize = 0; word < 8; ++word) {
        const bytes = v128.xor(v128.load32_zero(source + wordAt(inGroup, word)), i8x16.splat(<i8>BYTE_OFFSET));
        const integers = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes));
        v128.store(out + word * 16, f32x4.mul(f32x4.convert_i32x4_s(integers), f32x4.splat(d)));
      }
    } else {
      for (let p: usize = 0; p < 16; ++p) {
        const pair = source + p * 16 + inGroup * 2;
        const to = out + pairStart(p) * 4;
        store<f32>(to, <f32>load<i8>(pair) * d);
        store<f32>(to, <f32>load<i8>(pair, 1) * d, 8);
      }
    }
    source += BLOCK;
    out += 128;
  }
}
