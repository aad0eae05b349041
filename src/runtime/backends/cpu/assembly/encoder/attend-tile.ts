import { maxLanes, multiplyAdd, sumLanes, toInteger } from '../math';
import { MOST_OF_WEIGHTS } from './attend-pack';

/** Attention of four queries: scores, softmax, weighted values. */

const NEVER: f32 = -1e30;

// @ts-expect-error: decorator
@inline
function add(sums: v128, a: v128, b: v128): v128 {
  return i32x4.add(sums, i32x4.dot_i16x8_s(a, b));
}

/** Eight sums as floats. */
// @ts-expect-error: decorator
@inline
function storeEight(to: usize, s: v128, t: v128, factor: f32): void {
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(s), f32x4.splat(factor)));
  v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(t), f32x4.splat(factor)), 16);
}

/** Scores of the positions [from, end) and up to whole eights, as floats in `out`. `queries`: four packed ones; `factors`: what their sums stand for. */
export function score(
  queries: usize,
  headSize: usize,
  keys: usize,
  stride: usize,
  from: i32,
  end: i32,
  factor0: f32,
  factor1: f32,
  factor2: f32,
  factor3: f32,
  out: usize,
): void {
  const bytes = headSize * 2;
  for (let p = <usize>from * 4; p < <usize>end * 4; p += 32) {
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let t0 = s0;
    let t1 = s0;
    let t2 = s0;
    let t3 = s0;
    let key = keys + p;
    for (let query = queries; query < queries + bytes; query += 4) {
      const k = v128.load(key);
      const l = v128.load(key, 16);
      let x = v128.load32_splat(query);
      s0 = add(s0, k, x);
      t0 = add(t0, l, x);
      x = v128.load32_splat(query + bytes);
      s1 = add(s1, k, x);
      t1 = add(t1, l, x);
      x = v128.load32_splat(query + 2 * bytes);
      s2 = add(s2, k, x);
      t2 = add(t2, l, x);
      x = v128.load32_splat(query + 3 * bytes);
      s3 = add(s3, k, x);
      t3 = add(t3, l, x);
      key += stride;
    }
    storeEight(out + p, s0, t0, factor0);
    storeEight(out + stride + p, s1, t1, factor1);
    storeEight(out + 2 * stride + p, s2, t2, factor2);
    storeEight(out + 3 * stride + p, s3, t3, factor3);
  }
}

/**
 * 2^x for four values up to 0: a degree-5 minimax polynomial of what is left of the nearest integer, wrong by 2e-7 of itself at
 * most. Below -100 it stays at 2^-100: nothing beside the 1 of the peak, and no product with it is subnormal. NaN passes through.
 */
// @ts-expect-error: decorator
@inline
function powerOfTwo(x: v128): v128 {
  const clamped = f32x4.pmax(x, f32x4.splat(-100));
  const n = f32x4.nearest(clamped);
  const f = f32x4.sub(clamped, n);
  let p = multiplyAdd(f, f32x4.splat(1.32647266e-3), f32x4.splat(9.67151296e-3));
  p = multiplyAdd(f, p, f32x4.splat(5.55073375e-2));
  p = multiplyAdd(f, p, f32x4.splat(2.40222421e-1));
  p = multiplyAdd(f, p, f32x4.splat(6.93146978e-1));
  p = multiplyAdd(f, p, f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(toInteger(n), 23));
}

/**
 * Softmax of a query's scores [from, end) in three steps, each of which is done for all queries before the next: one after the
 * other they would wait for a maximum and a sum each. Here the positions that the query does not see are struck out, also those
 * up to whole eights; returns the largest score.
 */
export function strikeOut(scores: usize, from: i32, end: i32, query: i32, reach: i32): f32 {
  if (reach) {
    for (let p = from; p < query - reach; ++p) store<f32>(scores + <usize>p * 4, NEVER);
    for (let p = query + reach + 1; p < end; ++p) store<f32>(scores + <usize>p * 4, NEVER);
  }
  const last = (end + 7) & ~7;
  for (let p = end; p < last; ++p) store<f32>(scores + <usize>p * 4, NEVER);
  let peak = f32x4.splat(NEVER);
  let morePeak = peak;
  for (let p = <usize>from * 4; p < <usize>last * 4; p += 32) {
    peak = f32x4.pmax(peak, v128.load(scores + p));
    morePeak = f32x4.pmax(morePeak, v128.load(scores + p, 16));
  }
  return maxLanes(f32x4.pmax(peak, morePeak));
}

/** Powers of two in place of the scores; returns their sum. */
export function raise(scores: usize, from: i32, end: i32, peak: f32): f32 {
  const most = f32x4.splat(peak);
  let sum = f32x4.splat(0);
  for (let p = <usize>from * 4; p < <usize>((end + 7) & ~7) * 4; p += 16) {
    const e = powerOfTwo(f32x4.sub(v128.load(scores + p), most));
    sum = f32x4.add(sum, e);
    v128.store(scores + p, e);
  }
  return sumLanes(sum);
}

/** Weights of 16 bits in place of the powers, at half their distance from the row's start; returns what makes their sum 1. */
export function weights(scores: usize, from: i32, end: i32, sum: f32): f32 {
  // The peak's power is 1: no weight is more than 16 bits can say.
  const factor = f32x4.splat(min<f32>(32767, MOST_OF_WEIGHTS / sum));
  const half = f32x4.splat(0.5);
  let whole = i32x4.splat(0);
  for (let p = <usize>from * 4; p < <usize>((end + 7) & ~7) * 4; p += 32) {
    const x = toInteger(multiplyAdd(v128.load(scores + p), factor, half));
    const y = toInteger(multiplyAdd(v128.load(scores + p, 16), factor, half));
    const eight = i16x8.narrow_i32x4_s(x, y);
    whole = add(whole, eight, i16x8.splat(1));
    v128.store(scores + (p >> 1), eight);
  }
  return <f32>1.0 / sumLanes(f32x4.convert_i32x4_s(whole));
}

/** Weighted sums of the values: four queries × 8 dimensions at a time. `rows`: the queries' weights, `stride` bytes apart. */
export function weigh(
  values: usize,
  headSize: usize,
  rows: usize,
  stride: usize,
  count: i32,
  out0: usize,
  out1: usize,
  out2: usize,
  out3: usize,
  factor0: f32,
  factor1: f32,
  factor2: f32,
  factor3: f32,
): void {
  for (let d: usize = 0; d < headSize * 4; d += 32) {
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    let value = values + d;
    for (let weight = rows; weight < rows + <usize>count * 2; weight += 4) {
      const v = v128.load(value);
      const w = v128.load(value, 16);
      let x = v128.load32_splat(weight);
      a0 = add(a0, v, x);
      b0 = add(b0, w, x);
      x = v128.load32_splat(weight + stride);
      a1 = add(a1, v, x);
      b1 = add(b1, w, x);
      x = v128.load32_splat(weight + 2 * stride);
      a2 = add(a2, v, x);
      b2 = add(b2, w, x);
      x = v128.load32_splat(weight + 3 * stride);
      a3 = add(a3, v, x);
      b3 = add(b3, w, x);
      value += headSize * 4;
    }
    storeEight(out0 + d, a0, b0, factor0);
    storeEight(out1 + d, a1, b1, factor1);
    storeEight(out2 + d, a2, b2, factor2);
    storeEight(out3 + d, a3, b3, factor3);
  }
}
