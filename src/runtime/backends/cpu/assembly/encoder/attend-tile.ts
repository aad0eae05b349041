import { maxLanes, multiplyAdd, powerOfTwo, sumLanes, toInteger } from '../math';
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

/**
 * Eight lanes of words two vectors wide, `vectorStride` bytes from one word to the next, against four rows of words, `rowBytes`
 * each and `rowStride` apart: sums times a factor a row, where out0 to out3 say.
 */
// @ts-expect-error: decorator
@inline
function multiplyFour(
  vectors: usize,
  vectorStride: usize,
  rows: usize,
  rowStride: usize,
  rowBytes: usize,
  out0: usize,
  out1: usize,
  out2: usize,
  out3: usize,
  factor0: f32,
  factor1: f32,
  factor2: f32,
  factor3: f32,
): void {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let t0 = s0;
  let t1 = s0;
  let t2 = s0;
  let t3 = s0;
  for (let row = rows; row < rows + rowBytes; row += 4) {
    const v = v128.load(vectors);
    const w = v128.load(vectors, 16);
    let x = v128.load32_splat(row);
    s0 = add(s0, v, x);
    t0 = add(t0, w, x);
    x = v128.load32_splat(row + rowStride);
    s1 = add(s1, v, x);
    t1 = add(t1, w, x);
    x = v128.load32_splat(row + 2 * rowStride);
    s2 = add(s2, v, x);
    t2 = add(t2, w, x);
    x = v128.load32_splat(row + 3 * rowStride);
    s3 = add(s3, v, x);
    t3 = add(t3, w, x);
    vectors += vectorStride;
  }
  storeEight(out0, s0, t0, factor0);
  storeEight(out1, s1, t1, factor1);
  storeEight(out2, s2, t2, factor2);
  storeEight(out3, s3, t3, factor3);
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
    const to = out + p;
    multiplyFour(
      keys + p,
      stride,
      queries,
      bytes,
      bytes,
      to,
      to + stride,
      to + 2 * stride,
      to + 3 * stride,
      factor0,
      factor1,
      factor2,
      factor3,
    );
  }
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
    const e = powerOfTwo(f32x4.sub(v128.load(scores + p), most), true);
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
  const bytes = <usize>count * 2;
  for (let d: usize = 0; d < headSize * 4; d += 32) {
    multiplyFour(
      values + d,
      headSize * 4,
      rows,
      stride,
      bytes,
      out0 + d,
      out1 + d,
      out2 + d,
      out3 + d,
      factor0,
      factor1,
      factor2,
      factor3,
    );
  }
}
