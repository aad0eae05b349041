import {
  ATTEND_HEAD_SIZE,
  ATTEND_HEADS,
  ATTEND_KEY_HEADS,
  ATTEND_OUT,
  ATTEND_QKV,
  ATTEND_REACH,
  ATTEND_SCALE,
  ATTEND_WIDTH,
} from '../../encoder-fields';
import { maxLanes, multiplyAdd, sumLanes, toInteger } from '../math';
import { takeItem } from '../synchronise';

/**
 * Attention of each sequence over itself, in floats. An item is a sequence and a head. Its keys are transposed first, so that
 * lanes are positions and scores need no horizontal sum; then four queries at a time: scores, softmax, weighted values.
 * Positions past the end of a sequence stand in whole vectors with a weight of exactly 0.
 */

const NEVER: f32 = -1e30;
/** Scores count in powers of two. */
const LOG2_E: f32 = 1.44269504;

/** `scratch`: keys [headSize][padded], then scores [4][padded], padded to whole vectors of two. */
export function attendSequences(step: usize, sequences: usize, count: i32, scratch: usize): void {
  const heads = load<i32>(step + ATTEND_HEADS);
  for (let item = takeItem(); item < count * heads; item = takeItem()) {
    const sequence = sequences + <usize>(item / heads) * 8;
    attendHead(step, load<i32>(sequence), load<i32>(sequence, 4), item % heads, scratch);
  }
}

function attendHead(step: usize, first: i32, length: i32, head: i32, scratch: usize): void {
  const headSize = <usize>load<i32>(step + ATTEND_HEAD_SIZE);
  const heads = load<i32>(step + ATTEND_HEADS);
  const keyHeads = load<i32>(step + ATTEND_KEY_HEADS);
  const width = <usize>load<i32>(step + ATTEND_WIDTH) * 4;
  const reach = load<i32>(step + ATTEND_REACH);
  const rows = load<usize>(step + ATTEND_QKV) + <usize>first * width;
  const queries = rows + <usize>head * headSize * 4;
  const keyHead = <usize>(head / (heads / keyHeads));
  const keys = rows + (<usize>heads + keyHead) * headSize * 4;
  const values = keys + <usize>keyHeads * headSize * 4;
  const outWidth = <usize>heads * headSize * 4;
  const out = load<usize>(step + ATTEND_OUT) + <usize>first * outWidth + <usize>head * headSize * 4;
  const stride = (<usize>(length + 7) & ~7) * 4;
  transpose(keys, width, length, headSize, stride, scratch);
  const scores = scratch + headSize * stride;
  for (let q = 0; q < length; q += 4) {
    // A tile at the end goes over its last query again instead of past it.
    const q0 = <usize>q;
    const q1 = <usize>min(q + 1, length - 1);
    const q2 = <usize>min(q + 2, length - 1);
    const q3 = <usize>min(q + 3, length - 1);
    const from = reach ? max(0, q - reach) & ~7 : 0;
    const end = reach ? min(length, <i32>q3 + reach + 1) : length;
    const scale = load<f32>(step + ATTEND_SCALE);
    score(queries + q0 * width, queries + q1 * width, queries + q2 * width, queries + q3 * width, headSize, scratch, stride, from, end, scale, scores);
    const r0 = softmax(scores, from, end, <i32>q0, reach);
    const r1 = softmax(scores + stride, from, end, <i32>q1, reach);
    const r2 = softmax(scores + 2 * stride, from, end, <i32>q2, reach);
    const r3 = softmax(scores + 3 * stride, from, end, <i32>q3, reach);
    weigh(values + <usize>from * width, width, headSize, scores + <usize>from * 4, stride, end - from, out, outWidth, q0, q1, q2, q3, r0, r1, r2, r3);
  }
}

/** Weighted sums of the values: four queries × 8 dimensions at a time, enough sums in flight to hide what an addition waits. */
function weigh(
  values: usize,
  width: usize,
  headSize: usize,
  weights: usize,
  stride: usize,
  count: i32,
  out: usize,
  outWidth: usize,
  q0: usize,
  q1: usize,
  q2: usize,
  q3: usize,
  r0: f32,
  r1: f32,
  r2: f32,
  r3: f32,
): void {
  for (let d: usize = 0; d < headSize * 4; d += 32) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    let value = values + d;
    let weight = weights;
    for (let p = 0; p < count; ++p) {
      const v = v128.load(value);
      const w = v128.load(value, 16);
      let x = v128.load32_splat(weight);
      a0 = multiplyAdd(v, x, a0);
      b0 = multiplyAdd(w, x, b0);
      x = v128.load32_splat(weight + stride);
      a1 = multiplyAdd(v, x, a1);
      b1 = multiplyAdd(w, x, b1);
      x = v128.load32_splat(weight + 2 * stride);
      a2 = multiplyAdd(v, x, a2);
      b2 = multiplyAdd(w, x, b2);
      x = v128.load32_splat(weight + 3 * stride);
      a3 = multiplyAdd(v, x, a3);
      b3 = multiplyAdd(w, x, b3);
      value += width;
      weight += 4;
    }
    storePair(out + q0 * outWidth + d, a0, b0, r0);
    storePair(out + q1 * outWidth + d, a1, b1, r1);
    storePair(out + q2 * outWidth + d, a2, b2, r2);
    storePair(out + q3 * outWidth + d, a3, b3, r3);
  }
}

// @ts-expect-error: decorator
@inline
function storePair(to: usize, a: v128, b: v128, factor: f32): void {
  v128.store(to, f32x4.mul(a, f32x4.splat(factor)));
  v128.store(to, f32x4.mul(b, f32x4.splat(factor)), 16);
}

/** Four by four values at a time; zeros past the end. */
function transpose(keys: usize, width: usize, length: i32, headSize: usize, stride: usize, to: usize): void {
  const none = f32x4.splat(0);
  for (let p = 0; <usize>p * 4 < stride; p += 4) {
    const key = keys + <usize>p * width;
    const out = to + <usize>p * 4;
    for (let d: usize = 0; d < headSize; d += 4) {
      const from = key + d * 4;
      const x0 = p < length ? v128.load(from) : none;
      const x1 = p + 1 < length ? v128.load(from + width) : none;
      const x2 = p + 2 < length ? v128.load(from + 2 * width) : none;
      const x3 = p + 3 < length ? v128.load(from + 3 * width) : none;
      const a = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
      const b = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
      const c = i32x4.shuffle(x2, x3, 0, 4, 1, 5);
      const e = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
      const row = out + d * stride;
      v128.store(row, i64x2.shuffle(a, c, 0, 2));
      v128.store(row + stride, i64x2.shuffle(a, c, 1, 3));
      v128.store(row + 2 * stride, i64x2.shuffle(b, e, 0, 2));
      v128.store(row + 3 * stride, i64x2.shuffle(b, e, 1, 3));
    }
  }
}

function score(
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  headSize: usize,
  keys: usize,
  stride: usize,
  from: i32,
  end: i32,
  scale: f32,
  out: usize,
): void {
  const factor = f32x4.splat(scale * LOG2_E);
  for (let p = <usize>from * 4; p < <usize>end * 4; p += 32) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let t0 = s0;
    let t1 = s0;
    let t2 = s0;
    let t3 = s0;
    let key = keys + p;
    for (let d: usize = 0; d < headSize * 4; d += 4) {
      const k = v128.load(key);
      const l = v128.load(key, 16);
      let x = v128.load32_splat(x0 + d);
      s0 = multiplyAdd(k, x, s0);
      t0 = multiplyAdd(l, x, t0);
      x = v128.load32_splat(x1 + d);
      s1 = multiplyAdd(k, x, s1);
      t1 = multiplyAdd(l, x, t1);
      x = v128.load32_splat(x2 + d);
      s2 = multiplyAdd(k, x, s2);
      t2 = multiplyAdd(l, x, t2);
      x = v128.load32_splat(x3 + d);
      s3 = multiplyAdd(k, x, s3);
      t3 = multiplyAdd(l, x, t3);
      key += stride;
    }
    v128.store(out + p, f32x4.mul(s0, factor));
    v128.store(out + p, f32x4.mul(t0, factor), 16);
    v128.store(out + stride + p, f32x4.mul(s1, factor));
    v128.store(out + stride + p, f32x4.mul(t1, factor), 16);
    v128.store(out + 2 * stride + p, f32x4.mul(s2, factor));
    v128.store(out + 2 * stride + p, f32x4.mul(t2, factor), 16);
    v128.store(out + 3 * stride + p, f32x4.mul(s3, factor));
    v128.store(out + 3 * stride + p, f32x4.mul(t3, factor), 16);
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

/** Powers of two in place of the scores [from, end); returns what they must be multiplied by. */
function softmax(scores: usize, from: i32, end: i32, query: i32, reach: i32): f32 {
  if (reach) {
    for (let p = from; p < query - reach; ++p) store<f32>(scores + <usize>p * 4, NEVER);
    for (let p = query + reach + 1; p < end; ++p) store<f32>(scores + <usize>p * 4, NEVER);
  }
  for (let p = end; p < ((end + 3) & ~3); ++p) store<f32>(scores + <usize>p * 4, NEVER);
  const first = <usize>from * 4;
  const last = <usize>end * 4;
  let peak = f32x4.splat(NEVER);
  for (let p = first; p < last; p += 16) peak = f32x4.pmax(peak, v128.load(scores + p));
  const most = f32x4.splat(maxLanes(peak));
  let sum = f32x4.splat(0);
  for (let p = first; p < last; p += 16) {
    const e = powerOfTwo(f32x4.sub(v128.load(scores + p), most));
    sum = f32x4.add(sum, e);
    v128.store(scores + p, e);
  }
  return <f32>1.0 / sumLanes(sum);
}
