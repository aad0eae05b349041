import {
  ACTIVATION_GELU,
  ACTIVATION_NONE,
  MULTIPLY_ACTIVATION,
  MULTIPLY_ADDS,
  MULTIPLY_BIAS,
  MULTIPLY_BLOCKS,
  MULTIPLY_DATA,
  MULTIPLY_GATE,
  MULTIPLY_GATE_BIAS,
  MULTIPLY_GROUPS,
  MULTIPLY_OUT,
  MULTIPLY_WIDTH,
  RECORD_BYTES,
  RECORD_TOKENS,
  WEIGHT_BYTES,
} from '../../encoder-fields';
import { clear, exponential, halfToFloat, multiplyAdd } from '../math';
import { takeItem } from '../synchronise';

/**
 * Products of 8-bit weights and 7-bit activations, many tokens at a time. An activation is least + step * u with u in 0..127, a step
 * and a least value a block of 32: the relaxed dot takes no more than 7 bits beside 8, and a range of its own for each block
 * costs half the error of one that is even around 0. So w · x = step * Σ d q u + least * Σ d q, whose second sum is kept
 * with the weights.
 */

/** Q8_0 rows of a tensor → groups of 8 rows: 8 steps of (rows 0–3, rows 4–7) × 4 values, 8 d, 8 d Σq. */
export function repackEncoder(from: usize, rows: i32, blocks: i32, to: usize): void {
  const rowBytes = <usize>blocks * 34;
  for (let row = 0; row < rows; ++row) {
    const inGroup = <usize>(row & 7);
    let source = from + <usize>row * rowBytes;
    let target = to + <usize>(row >> 3) * <usize>blocks * WEIGHT_BYTES;
    for (let b = 0; b < blocks; ++b) {
      const d = halfToFloat(load<u16>(source));
      let sum = 0;
      for (let k: usize = 0; k < 32; ++k) sum += <i32>load<i8>(source + 2 + k);
      for (let step: usize = 0; step < 8; ++step) {
        store<u32>(target + step * 32 + inGroup * 4, load<u32>(source + 2 + step * 4));
      }
      store<f32>(target + inGroup * 4, d, 256);
      store<f32>(target + inGroup * 4, d * <f32>sum, 288);
      source += 34;
      target += WEIGHT_BYTES;
    }
  }
}

/** acc + the four products of each lane, of signed bytes `w` and 7-bit bytes `a`, without relaxed SIMD. */
// @ts-expect-error: decorator
@inline
function dot(w: v128, a: v128, acc: v128): v128 {
  const wide = i16x8.extend_low_i8x16_u(a);
  const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(w), wide);
  const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(w), wide);
  const even = i8x16.shuffle(low, high, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
  const odd = i8x16.shuffle(low, high, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  return i32x4.add(acc, i32x4.add(even, odd));
}

// @ts-expect-error: decorator
@inline
function scaled(sum: v128, a: usize, token: usize, d: v128, sums: v128, total: v128): v128 {
  const steps = f32x4.mul(f32x4.convert_i32x4_s(sum), v128.load32_splat(a + 128 + token * 4));
  return multiplyAdd(steps, d, multiplyAdd(v128.load32_splat(a + 144 + token * 4), sums, total));
}

/** Four tokens × four rows, without relaxed SIMD: out[token][4], 32 bytes apart. */
function tile(w: usize, a: usize, blocks: i32, out: usize): void {
  let t0 = f32x4.splat(0);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  for (let b = 0; b < blocks; ++b) {
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let step: usize = 0; step < 8; ++step) {
      const x = v128.load(w + step * 32);
      const y = a + step * 4;
      s0 = dot(x, v128.load32_splat(y), s0);
      s1 = dot(x, v128.load32_splat(y, 32), s1);
      s2 = dot(x, v128.load32_splat(y, 64), s2);
      s3 = dot(x, v128.load32_splat(y, 96), s3);
    }
    const d = v128.load(w, 256);
    const sums = v128.load(w, 288);
    t0 = scaled(s0, a, 0, d, sums, t0);
    t1 = scaled(s1, a, 1, d, sums, t1);
    t2 = scaled(s2, a, 2, d, sums, t2);
    t3 = scaled(s3, a, 3, d, sums, t3);
    a += RECORD_BYTES;
    w += WEIGHT_BYTES;
  }
  v128.store(out, t0);
  v128.store(out, t1, 32);
  v128.store(out, t2, 64);
  v128.store(out, t3, 96);
}

/** Four values of eight rows (`low`, `high`) against one token. */
// @ts-expect-error: decorator
@inline
function pairs(w: v128, a: v128): v128 {
  return i32x4.dot_i16x8_s(i16x8.relaxed_dot_i8x16_i7x16_s(w, a), i16x8.splat(1));
}

/** Four tokens × eight rows, relaxed SIMD: out[token][8]. An activation is loaded once for eight rows; a block's sums stay in registers. */
function wideTile(w: usize, a: usize, blocks: i32, out: usize): void {
  clear(out, 128);
  for (let b = 0; b < blocks; ++b) {
    let l0 = i32x4.splat(0);
    let l1 = l0;
    let l2 = l0;
    let l3 = l0;
    let h0 = l0;
    let h1 = l0;
    let h2 = l0;
    let h3 = l0;
    for (let step: usize = 0; step < 8; ++step) {
      const low = v128.load(w + step * 32);
      const high = v128.load(w + step * 32, 16);
      const y = a + step * 4;
      let x = v128.load32_splat(y);
      l0 = i32x4.add(l0, pairs(low, x));
      h0 = i32x4.add(h0, pairs(high, x));
      x = v128.load32_splat(y, 32);
      l1 = i32x4.add(l1, pairs(low, x));
      h1 = i32x4.add(h1, pairs(high, x));
      x = v128.load32_splat(y, 64);
      l2 = i32x4.add(l2, pairs(low, x));
      h2 = i32x4.add(h2, pairs(high, x));
      x = v128.load32_splat(y, 96);
      l3 = i32x4.add(l3, pairs(low, x));
      h3 = i32x4.add(h3, pairs(high, x));
    }
    let d = v128.load(w, 256);
    let sums = v128.load(w, 288);
    v128.store(out, scaled(l0, a, 0, d, sums, v128.load(out)));
    v128.store(out, scaled(l1, a, 1, d, sums, v128.load(out, 32)), 32);
    v128.store(out, scaled(l2, a, 2, d, sums, v128.load(out, 64)), 64);
    v128.store(out, scaled(l3, a, 3, d, sums, v128.load(out, 96)), 96);
    d = v128.load(w, 272);
    sums = v128.load(w, 304);
    v128.store(out, scaled(h0, a, 0, d, sums, v128.load(out, 16)), 16);
    v128.store(out, scaled(h1, a, 1, d, sums, v128.load(out, 48)), 48);
    v128.store(out, scaled(h2, a, 2, d, sums, v128.load(out, 80)), 80);
    v128.store(out, scaled(h3, a, 3, d, sums, v128.load(out, 112)), 112);
    a += RECORD_BYTES;
    w += WEIGHT_BYTES;
  }
}

/** Four tokens × a group. */
// @ts-expect-error: decorator
@inline
function tileOfGroup(w: usize, a: usize, blocks: i32, out: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    wideTile(w, a, blocks, out);
  } else {
    tile(w, a, blocks, out);
    tile(w + 16, a, blocks, out + 16);
  }
}

/** x * sigmoid(x), or the usual approximation of GELU by it. */
// @ts-expect-error: decorator
@inline
function activated(x: v128, kind: i32): v128 {
  if (kind == ACTIVATION_NONE) return x;
  let inner = x;
  if (kind == ACTIVATION_GELU) {
    const cubic = multiplyAdd(f32x4.mul(x, x), f32x4.splat(0.044715), f32x4.splat(1));
    inner = f32x4.mul(f32x4.mul(x, cubic), f32x4.splat(1.5957691216));
  }
  return f32x4.div(x, f32x4.add(f32x4.splat(1), exponential(f32x4.neg(inner))));
}

/** Groups are taken by whichever thread is free. `rows` is the thread's own: two tiles of 8 rows. */
export function multiply(step: usize, count: i32, records: usize, rows: usize): void {
  const groups = load<i32>(step + MULTIPLY_GROUPS);
  const blocks = load<i32>(step + MULTIPLY_BLOCKS);
  const data = load<usize>(step + MULTIPLY_DATA);
  const gate = load<usize>(step + MULTIPLY_GATE);
  const width = <usize>load<i32>(step + MULTIPLY_WIDTH) * 4;
  const kind = load<i32>(step + MULTIPLY_ACTIVATION);
  const adds = load<i32>(step + MULTIPLY_ADDS) != 0;
  const groupBytes = <usize>blocks * WEIGHT_BYTES;
  const tileBytes = <usize>blocks * RECORD_BYTES;
  const tiles = (count + RECORD_TOKENS - 1) / RECORD_TOKENS;
  for (let g = takeItem(); g < groups; g = takeItem()) {
    const at = <usize>g * 32;
    const bias = biasOf(step + MULTIPLY_BIAS, at);
    const gateBias = biasOf(step + MULTIPLY_GATE_BIAS, at);
    let out = load<usize>(step + MULTIPLY_OUT) + at;
    for (let t = 0; t < tiles; ++t) {
      const a = records + <usize>t * tileBytes;
      const w = data + <usize>g * groupBytes;
      tileOfGroup(w, a, blocks, rows);
      if (gate) tileOfGroup(gate + <usize>g * groupBytes, a, blocks, rows + 128);
      for (let r: usize = 0; r < 128; r += 32) {
        for (let half: usize = 0; half < 32; half += 16) {
          let x = f32x4.add(v128.load(rows + r + half), bias ? v128.load(bias + half) : f32x4.splat(0));
          if (gate) {
            const y = f32x4.add(v128.load(rows + 128 + r + half), gateBias ? v128.load(gateBias + half) : f32x4.splat(0));
            x = f32x4.mul(x, activated(y, kind));
          } else {
            x = activated(x, kind);
          }
          v128.store(out + half, adds ? f32x4.add(v128.load(out + half), x) : x);
        }
        out += width;
      }
    }
  }
}

// @ts-expect-error: decorator
@inline
function biasOf(field: usize, at: usize): usize {
  const address = load<usize>(field);
  return address ? address + at : 0;
}
