import { clear, exponential, floatToHalf, HALF_BIAS, highHalves, lowHalves, maxLanes, multiplyAdd, sumLanes } from '../math';
import { softCap } from './elementwise';

/**
 * Attention over a KV cache of floats or half floats. Layouts are those of attend.ts in spirit, so that sums need no
 * horizontal step. Keys, a KV head: groups of 8 positions, a group holds one dimension after the other, 8 positions each.
 * Values: blocks of 32 positions, in a block 8 dimensions at a time, one position after the other. Eight half floats lie as
 * weights do: value r low and value r + 4 high in lane r. What widening leaves out (math.ts) is in the query and the weights.
 */

/** Bytes of eight values. */
// @ts-expect-error: decorator
@inline
function eight(isHalf: bool): usize {
  return isHalf ? 16 : 32;
}

// @ts-expect-error: decorator
@inline
function low(isHalf: bool, at: usize): v128 {
  return isHalf ? lowHalves(v128.load(at)) : v128.load(at);
}

// @ts-expect-error: decorator
@inline
function high(isHalf: bool, at: usize): v128 {
  return isHalf ? highHalves(v128.load(at)) : v128.load(at, 16);
}

// @ts-expect-error: decorator
@inline
function bias(isHalf: bool): f32 {
  return isHalf ? HALF_BIAS : 1;
}

/** Queries as they meet the keys: times the attention scale. */
export function scaleQuery(isHalf: bool, x: usize, size: i32, factor: f32, out: usize): void {
  const scale = f32x4.splat(factor * bias(isHalf));
  for (let i: usize = 0; i < <usize>size * 4; i += 16) v128.store(out + i, f32x4.mul(v128.load(x + i), scale));
}

// @ts-expect-error: decorator
@inline
function storeLane(isHalf: bool, at: usize, lane: i32, value: f32): void {
  if (isHalf) store<u16>(at + <usize>(lane & 3) * 4 + <usize>(lane >> 2) * 2, floatToHalf(value));
  else store<f32>(at + <usize>lane * 4, value);
}

/** Writes one position's key and value of one KV head. */
export function appendFloat(isHalf: bool, key: usize, value: usize, headSize: i32, position: i32, keys: usize, values: usize): void {
  const step = eight(isHalf);
  const k = keys + <usize>(position >> 3) * <usize>headSize * step;
  const v = values + (<usize>(position >> 5) * <usize>headSize * 4 + <usize>(position & 31)) * step;
  for (let d = 0; d < headSize; ++d) {
    storeLane(isHalf, k + <usize>d * step, position & 7, load<f32>(key + <usize>d * 4));
    storeLane(isHalf, v + <usize>(d >> 3) * 32 * step, d & 7, load<f32>(value + <usize>d * 4));
  }
}

/**
 * Sums of one to three rows that read the same values, `steps` times eight of them: out[row] (eight values), added to what is
 * there where `adds`. Each is widened once for all rows. Few rows take two sums each in turns, else they would wait for
 * their additions. `isHalf`, `rows` and `adds` are constants at the call.
 */
// @ts-expect-error: decorator
@inline
function sumRows(isHalf: bool, rows: i32, adds: bool, at: usize, steps: i32, x: usize, xStride: usize, out: usize, outStride: usize): void {
  const step = eight(isHalf);
  const splits = rows < 3;
  const a = x;
  const b = x + xStride;
  const c = x + 2 * xStride;
  let a0 = adds ? v128.load(out) : f32x4.splat(0);
  let a4 = adds ? v128.load(out, 16) : f32x4.splat(0);
  let b0 = adds && rows > 1 ? v128.load(out + outStride) : f32x4.splat(0);
  let b4 = adds && rows > 1 ? v128.load(out + outStride, 16) : f32x4.splat(0);
  let c0 = adds && rows > 2 ? v128.load(out + 2 * outStride) : f32x4.splat(0);
  let c4 = adds && rows > 2 ? v128.load(out + 2 * outStride, 16) : f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a5 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let b5 = f32x4.splat(0);
  let i: usize = 0;
  const bytes = <usize>steps * 4;
  if (splits) {
    for (; i + 4 < bytes; i += 8) {
      let l = low(isHalf, at);
      let h = high(isHalf, at);
      let f = v128.load32_splat(a + i);
      a0 = multiplyAdd(l, f, a0);
      a4 = multiplyAdd(h, f, a4);
      if (rows > 1) {
        f = v128.load32_splat(b + i);
        b0 = multiplyAdd(l, f, b0);
        b4 = multiplyAdd(h, f, b4);
      }
      l = low(isHalf, at + step);
      h = high(isHalf, at + step);
      f = v128.load32_splat(a + i, 4);
      a1 = multiplyAdd(l, f, a1);
      a5 = multiplyAdd(h, f, a5);
      if (rows > 1) {
        f = v128.load32_splat(b + i, 4);
        b1 = multiplyAdd(l, f, b1);
        b5 = multiplyAdd(h, f, b5);
      }
      at += 2 * step;
    }
  }
  for (; i < bytes; i += 4) {
    const l = low(isHalf, at);
    const h = high(isHalf, at);
    let f = v128.load32_splat(a + i);
    a0 = multiplyAdd(l, f, a0);
    a4 = multiplyAdd(h, f, a4);
    if (rows > 1) {
      f = v128.load32_splat(b + i);
      b0 = multiplyAdd(l, f, b0);
      b4 = multiplyAdd(h, f, b4);
    }
    if (rows > 2) {
      f = v128.load32_splat(c + i);
      c0 = multiplyAdd(l, f, c0);
      c4 = multiplyAdd(h, f, c4);
    }
    at += step;
  }
  if (splits) {
    a0 = f32x4.add(a0, a1);
    a4 = f32x4.add(a4, a5);
    b0 = f32x4.add(b0, b1);
    b4 = f32x4.add(b4, b5);
  }
  v128.store(out, a0);
  v128.store(out, a4, 16);
  if (rows > 1) {
    v128.store(out + outStride, b0);
    v128.store(out + outStride, b4, 16);
  }
  if (rows > 2) {
    v128.store(out + 2 * outStride, c0);
    v128.store(out + 2 * outStride, c4, 16);
  }
}

/** Scores of `rows` queries against positions in groups of eight. */
// @ts-expect-error: decorator
@inline
function score(isHalf: bool, rows: i32, size: i32, query: usize, keys: usize, groups: i32, out: usize, stride: usize): void {
  const headBytes = <usize>size * 4;
  for (let g = 0; g < groups; ++g) {
    sumRows(isHalf, rows, false, keys, size, query, headBytes, out, stride);
    keys += <usize>size * eight(isHalf);
    out += 32;
  }
}

/** Positions [start, end) of one block of values. */
// @ts-expect-error: decorator
@inline
function gather(isHalf: bool, rows: i32, size: i32, weights: usize, stride: usize, block: usize, start: i32, end: i32, out: usize): void {
  const headBytes = <usize>size * 4;
  const first = <usize>start * eight(isHalf);
  for (let d: usize = 0; d < headBytes; d += 32) {
    sumRows(isHalf, rows, true, block + d * eight(isHalf) + first, end - start, weights + <usize>start * 4, stride, out + d, headBytes);
  }
}

// Functions of their own, so that each has all registers.

function scoreThreeHalf(size: i32, query: usize, keys: usize, groups: i32, out: usize, stride: usize): void {
  score(true, 3, size, query, keys, groups, out, stride);
}

function gatherThreeHalf(size: i32, weights: usize, stride: usize, block: usize, start: i32, end: i32, out: usize): void {
  gather(true, 3, size, weights, stride, block, start, end, out);
}

function scoreTwoHalf(size: i32, query: usize, keys: usize, groups: i32, out: usize, stride: usize): void {
  score(true, 2, size, query, keys, groups, out, stride);
}

function gatherTwoHalf(size: i32, weights: usize, stride: usize, block: usize, start: i32, end: i32, out: usize): void {
  gather(true, 2, size, weights, stride, block, start, end, out);
}

function scoreOneHalf(size: i32, query: usize, keys: usize, groups: i32, out: usize, stride: usize): void {
  score(true, 1, size, query, keys, groups, out, stride);
}

function gatherOneHalf(size: i32, weights: usize, stride: usize, block: usize, start: i32, end: i32, out: usize): void {
  gather(true, 1, size, weights, stride, block, start, end, out);
}

function scoreThreeFloat(size: i32, query: usize, keys: usize, groups: i32, out: usize, stride: usize): void {
  score(false, 3, size, query, keys, groups, out, stride);
}

function gatherThreeFloat(size: i32, weights: usize, stride: usize, block: usize, start: i32, end: i32, out: usize): void {
  gather(false, 3, size, weights, stride, block, start, end, out);
}

function scoreTwoFloat(size: i32, query: usize, keys: usize, groups: i32, out: usize, stride: usize): void {
  score(false, 2, size, query, keys, groups, out, stride);
}

function gatherTwoFloat(size: i32, weights: usize, stride: usize, block: usize, start: i32, end: i32, out: usize): void {
  gather(false, 2, size, weights, stride, block, start, end, out);
}

function scoreOneFloat(size: i32, query: usize, keys: usize, groups: i32, out: usize, stride: usize): void {
  score(false, 1, size, query, keys, groups, out, stride);
}

function gatherOneFloat(size: i32, weights: usize, stride: usize, block: usize, start: i32, end: i32, out: usize): void {
  gather(false, 1, size, weights, stride, block, start, end, out);
}

/** out[row][position] = scores of the rows of queries against `groups` groups of eight keys. */
function scoreFloats(isHalf: bool, rows: i32, size: i32, query: usize, keys: usize, groups: i32, out: usize, stride: usize): void {
  for (let n = 0; rows > 0; rows -= n) {
    n = min(rows, 3);
    if (isHalf) {
      if (n == 3) scoreThreeHalf(size, query, keys, groups, out, stride);
      else if (n == 2) scoreTwoHalf(size, query, keys, groups, out, stride);
      else scoreOneHalf(size, query, keys, groups, out, stride);
    } else {
      if (n == 3) scoreThreeFloat(size, query, keys, groups, out, stride);
      else if (n == 2) scoreTwoFloat(size, query, keys, groups, out, stride);
      else scoreOneFloat(size, query, keys, groups, out, stride);
    }
    query += <usize>(n * size) * 4;
    out += <usize>n * stride;
  }
}

/** out[row][dimension] += the values of positions [start, end) of a block times the row's weights. */
function gatherFloats(isHalf: bool, rows: i32, size: i32, weights: usize, stride: usize, block: usize, start: i32, end: i32, out: usize): void {
  for (let n = 0; rows > 0; rows -= n) {
    n = min(rows, 3);
    if (isHalf) {
      if (n == 3) gatherThreeHalf(size, weights, stride, block, start, end, out);
      else if (n == 2) gatherTwoHalf(size, weights, stride, block, start, end, out);
      else gatherOneHalf(size, weights, stride, block, start, end, out);
    } else {
      if (n == 3) gatherThreeFloat(size, weights, stride, block, start, end, out);
      else if (n == 2) gatherTwoFloat(size, weights, stride, block, start, end, out);
      else gatherOneFloat(size, weights, stride, block, start, end, out);
    }
    weights += <usize>n * stride;
    out += <usize>(n * size) * 4;
  }
}

/** As `attend` of attend.ts, with queries that `scaleQuery` made. */
export function attendFloat(
  isHalf: bool,
  queries: i32,
  headSize: i32,
  query: usize,
  keys: usize,
  values: usize,
  from: i32,
  first: i32,
  to: i32,
  cap: f32,
  scores: usize,
  scoresStride: usize,
  out: usize,
  stats: usize,
): void {
  const headBytes = <usize>headSize * 4;
  const step = eight(isHalf);
  const groups = (to - from + 7) >> 3;
  scoreFloats(isHalf, queries, headSize, query, keys + <usize>from * <usize>headSize * (step >> 3), groups, scores, scoresStride);
  const length = to - from;
  const padded = (length + 3) & ~3;
  const hidden = max(0, first - from);
  for (let h: usize = 0; h < <usize>queries; ++h) {
    const row = scores + h * scoresStride;
    if (cap != 0) softCap(row, padded, cap);
    for (let p = 0; p < hidden; ++p) store<f32>(row + <usize>p * 4, -1e30);
    for (let p = length; p < padded; ++p) store<f32>(row + <usize>p * 4, -1e30);
    let greatest = v128.load(row);
    for (let p: usize = 16; p < <usize>padded * 4; p += 16) greatest = f32x4.pmax(greatest, v128.load(row + p));
    const most = f32x4.splat(maxLanes(greatest));
    const factor = f32x4.splat(bias(isHalf));
    let sum = f32x4.splat(0);
    for (let p: usize = 0; p < <usize>padded * 4; p += 16) {
      const e = exponential(f32x4.sub(v128.load(row + p), most));
      sum = f32x4.add(sum, e);
      v128.store(row + p, f32x4.mul(e, factor));
    }
    store<f32>(stats + h * 8, maxLanes(greatest));
    store<f32>(stats + h * 8, sumLanes(sum), 4);
    clear(out + h * headBytes, headBytes);
  }
  for (let p = 0; p < length; p += 32) {
    const block = values + <usize>((from + p) >> 5) * <usize>headSize * 4 * step;
    // What is not seen is not read either: it may be anything.
    const start = max(0, hidden - p);
    const end = min(32, length - p);
    gatherFloats(isHalf, queries, headSize, scores + <usize>p * 4, scoresStride, block, start, end, out);
  }
}
