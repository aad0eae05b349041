import { ATTENTION_BLOCK } from '../../plan-fields';
import { clear, exponential, maxLanes, multiplyAdd, powerOfTwo, sumLanes, toInteger } from '../math';
import { softCap } from './elementwise';
import { hadamard, hadamardSpan } from './hadamard';
import { gatherValues, MOST_SIGNED, MOST_UNSIGNED, roundedEight, scoreKeys, storeQuery, storeWeights } from './word-rows';

const LOG2E: f32 = 1.44269504;

/**
 * Attention over an int8 KV cache, one scale a head and position, in integers of eight bits throughout (word-rows.ts). Queries,
 * keys and values go through the Hadamard transform before they are rounded; what `combine` joins of values has to go back.
 *
 * Keys, a KV head: groups of 8 positions; step s of a group holds values 4s to 4s + 3 of its 8 positions (32 bytes), so
 * that a lane belongs to a position and scores need no horizontal sum.
 * Values, a KV head: blocks of 32 positions; in a block, 8 dimensions at a time, 8 steps of 32 bytes: step s holds
 * positions 4s to 4s + 3 of those dimensions, so that lanes are dimensions and the sum over positions stays in lanes.
 */

/** Queries as factors with one scale a head (the attention scale is folded in). What stands at `x` is lost. */
export function quantiseQuery(x: usize, heads: i32, headSize: i32, factor: f32, out: usize, scales: usize): void {
  const bytes = <usize>headSize * 4;
  for (let h = 0; h < heads; ++h) {
    hadamard(x, headSize);
    const peak = peakOf(x, bytes);
    storeQuery(x, headSize, peak > 0 ? MOST_SIGNED / peak : 0, out);
    store<f32>(scales, (peak / MOST_SIGNED) * factor);
    x += bytes;
    out += bytes >> 1;
    scales += 4;
  }
}

// @ts-expect-error: decorator
@inline
function peakOf(x: usize, bytes: usize): f32 {
  let peak = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) peak = f32x4.pmax(f32x4.abs(v128.load(x + i)), peak);
  return maxLanes(peak);
}

/**
 * Writes one position's key and value of one KV head; what stands at `key` and `value` is lost. Their scales take in the factor by
 * which the transform and its inverse, or that of the query, make more of them.
 */
export function appendKeyValue(
  key: usize,
  value: usize,
  headSize: i32,
  position: i32,
  keys: usize,
  keyScales: usize,
  values: usize,
  valueScales: usize,
): void {
  const bytes = <usize>headSize * 4;
  hadamard(key, headSize);
  hadamard(value, headSize);
  const most = <f32>hadamardSpan(headSize) * 127;
  const keyPeak = peakOf(key, bytes);
  const valuePeak = peakOf(value, bytes);
  store<f32>(keyScales + <usize>position * 4, keyPeak / most);
  store<f32>(valueScales + <usize>position * 4, valuePeak / most);
  const keyInverse = f32x4.splat(keyPeak > 0 ? 127.0 / keyPeak : 0);
  const valueInverse = f32x4.splat(valuePeak > 0 ? 127.0 / valuePeak : 0);
  let k = keys + <usize>(position >> 3) * <usize>headSize * 8 + <usize>(position & 7) * 4;
  let v =
    values + <usize>(position >> 5) * <usize>headSize * ATTENTION_BLOCK + <usize>((position & 31) >> 2) * 32 + <usize>(position & 3);
  for (let d: usize = 0; d < bytes; d += 32) {
    let eight = rounded(key + d, keyInverse);
    v128.store32_lane(k, eight, 0);
    v128.store32_lane(k, eight, 1, 32);
    eight = rounded(value + d, valueInverse);
    v128.store8_lane(v, eight, 0);
    v128.store8_lane(v, eight, 1, 4);
    v128.store8_lane(v, eight, 2, 8);
    v128.store8_lane(v, eight, 3, 12);
    v128.store8_lane(v, eight, 4, 16);
    v128.store8_lane(v, eight, 5, 20);
    v128.store8_lane(v, eight, 6, 24);
    v128.store8_lane(v, eight, 7, 28);
    k += 64;
    v += 256;
  }
}

/** Eight values as int8. */
// @ts-expect-error: decorator
@inline
function rounded(x: usize, inverse: v128): v128 {
  const eight = roundedEight(x, inverse);
  return i8x16.narrow_i16x8_s(eight, eight);
}

/**
 * The query heads of one KV head over positions [from, to) of one segment, `from` a multiple of 32. Leaves unnormalised sums in
 * `out` [queries][headSize] and, in `stats` [queries][2], the greatest score and the sum of e^(score - greatest), so
 * that segments can be combined. Positions before `first` are not seen (a sliding window); `cap` bends the scores where it
 * is not 0. `scores` has `scoresStride` bytes a query, `weights` half as many. Softmax weights times value scales become whole
 * numbers of one scale a segment: with one for all positions the many small weights of a long context would round to nothing.
 */
export function attend(
  queries: i32,
  headSize: i32,
  query: usize,
  queryScales: usize,
  keys: usize,
  keyScales: usize,
  values: usize,
  valueScales: usize,
  from: i32,
  first: i32,
  to: i32,
  cap: f32,
  scores: usize,
  scoresStride: usize,
  weights: usize,
  out: usize,
  stats: usize,
): void {
  const size = <usize>headSize;
  const k = keys + <usize>from * size;
  const v = values + <usize>from * size;
  const blocks = <usize>(to - from + ATTENTION_BLOCK - 1) / ATTENTION_BLOCK;
  const groups = <usize>(to - from + 7) >> 3;
  const weightStride = scoresStride >> 1;
  scoreKeys(queries, size, query, k, groups, scores, scoresStride);
  for (let h: usize = 0; h < <usize>queries; ++h) {
    weigh(
      scores + h * scoresStride,
      load<f32>(queryScales + h * 4),
      keyScales + <usize>from * 4,
      valueScales + <usize>from * 4,
      first - from,
      to - from,
      cap,
      weights + h * weightStride,
      stats + h * 8,
    );
  }
  clear(out, <usize>queries * size * 4);
  gatherValues(queries, size, weights, weightStride, v, blocks, out);
  for (let h: usize = 0; h < <usize>queries; ++h) {
    const scale = f32x4.splat(load<f32>(scores + h * scoresStride));
    const row = out + h * size * 4;
    for (let i: usize = 0; i < size * 4; i += 16) {
      v128.store(row + i, f32x4.mul(f32x4.convert_i32x4_s(v128.load(row + i)), scale));
    }
  }
}

/**
 * Integer scores of one query to weights times value scales, in whole numbers of one scale, which is left at `row`.
 * Of `length` scores the first `hidden` are not seen.
 *
 * What decides whether a weight is rounded up differs from position to position, evenly over 16 of them (an ordered dither): rounded to
 * the nearest, the many small weights beside a great one would all become 0, and with them what they say together.
 */
function weigh(
  row: usize,
  queryScale: f32,
  keyScales: usize,
  valueScales: usize,
  hidden: i32,
  length: i32,
  cap: f32,
  weights: usize,
  stats: usize,
): void {
  const bytes = <usize>((length + ATTENTION_BLOCK - 1) & ~(ATTENTION_BLOCK - 1)) * 4;
  const scale = f32x4.splat(queryScale);
  let most = f32x4.splat(-f32.MAX_VALUE);
  let more = most;
  for (let p: usize = 0; p < bytes; p += 32) {
    const low = f32x4.mul(f32x4.convert_i32x4_s(v128.load(row + p)), f32x4.mul(v128.load(keyScales + p), scale));
    const high = f32x4.mul(f32x4.convert_i32x4_s(v128.load(row + p, 16)), f32x4.mul(v128.load(keyScales + p, 16), scale));
    most = f32x4.pmax(most, low);
    more = f32x4.pmax(more, high);
    v128.store(row + p, low);
    v128.store(row + p, high, 16);
  }
  if (cap != 0 || hidden > 0 || <usize>length * 4 < bytes) {
    if (cap != 0) softCap(row, <i32>(bytes >> 2), cap);
    for (let p = 0; p < hidden; ++p) store<f32>(row + <usize>p * 4, -1e30);
    // Past the end lies what an earlier text left behind; its weight becomes exactly 0 when rounded.
    for (let p = <usize>length * 4; p < bytes; p += 4) store<f32>(row + p, -1e30);
    most = v128.load(row);
    more = most;
    for (let p: usize = 16; p < bytes; p += 16) most = f32x4.pmax(most, v128.load(row + p));
  }
  const greatest = maxLanes(f32x4.pmax(most, more));
  const above = f32x4.splat(-greatest * LOG2E);
  let sum = f32x4.splat(0);
  let sums = sum;
  let peak = sum;
  let peaks = sum;
  for (let p: usize = 0; p < bytes; p += 64) {
    let e = powerOfTwo(multiplyAdd(v128.load(row + p), f32x4.splat(LOG2E), above), false);
    sum = f32x4.add(sum, e);
    e = f32x4.mul(e, v128.load(valueScales + p));
    peak = f32x4.pmax(peak, e);
    v128.store(row + p, e);
    e = powerOfTwo(multiplyAdd(v128.load(row + p, 16), f32x4.splat(LOG2E), above), false);
    sums = f32x4.add(sums, e);
    e = f32x4.mul(e, v128.load(valueScales + p, 16));
    peaks = f32x4.pmax(peaks, e);
    v128.store(row + p, e, 16);
    e = powerOfTwo(multiplyAdd(v128.load(row + p, 32), f32x4.splat(LOG2E), above), false);
    sum = f32x4.add(sum, e);
    e = f32x4.mul(e, v128.load(valueScales + p, 32));
    peak = f32x4.pmax(peak, e);
    v128.store(row + p, e, 32);
    e = powerOfTwo(multiplyAdd(v128.load(row + p, 48), f32x4.splat(LOG2E), above), false);
    sums = f32x4.add(sums, e);
    e = f32x4.mul(e, v128.load(valueScales + p, 48));
    peaks = f32x4.pmax(peaks, e);
    v128.store(row + p, e, 48);
  }
  store<f32>(stats, greatest);
  store<f32>(stats, sumLanes(f32x4.add(sum, sums)), 4);
  const largest = maxLanes(f32x4.pmax(peak, peaks));
  const inverse = f32x4.splat(largest > 0 ? MOST_UNSIGNED / largest : 0);
  for (let p: usize = 0; p < bytes; p += 64) {
    let low = toInteger(multiplyAdd(v128.load(row + p), inverse, f32x4(0.03125, 0.53125, 0.28125, 0.78125)));
    let high = toInteger(multiplyAdd(v128.load(row + p, 16), inverse, f32x4(0.15625, 0.65625, 0.40625, 0.90625)));
    storeWeights(low, high, weights + (p >> 1));
    low = toInteger(multiplyAdd(v128.load(row + p, 32), inverse, f32x4(0.09375, 0.59375, 0.34375, 0.84375)));
    high = toInteger(multiplyAdd(v128.load(row + p, 48), inverse, f32x4(0.21875, 0.71875, 0.46875, 0.96875)));
    storeWeights(low, high, weights + (p >> 1) + 16);
  }
  store<f32>(row, largest / MOST_UNSIGNED);
}

/**
 * Joins `shares` segments for all heads, in their order: out[head][headSize], normalised, transformed as values are held.
 * `sinks`: a score each that has no value, or 0.
 */
export function combine(
  partial: usize,
  stats: usize,
  shares: i32,
  heads: i32,
  headSize: i32,
  sinks: usize,
  out: usize,
): void {
  const headBytes = <usize>headSize * 4;
  const shareBytes = headBytes * <usize>heads;
  for (let h: usize = 0; h < <usize>heads; ++h) {
    const sink: f32 = sinks == 0 ? -f32.MAX_VALUE : load<f32>(sinks + h * 4);
    let greatest = sink;
    for (let t: usize = 0; t < <usize>shares; ++t) {
      greatest = max(greatest, load<f32>(stats + (t * <usize>heads + h) * 8));
    }
    clear(out + h * headBytes, headBytes);
    let total: f32 = sinks == 0 ? 0 : f32x4.extract_lane(exponential(f32x4.splat(sink - greatest)), 0);
    for (let t: usize = 0; t < <usize>shares; ++t) {
      const s = stats + (t * <usize>heads + h) * 8;
      const share = load<f32>(s, 4);
      const factor = exponential(f32x4.splat(load<f32>(s) - greatest));
      total += share * f32x4.extract_lane(factor, 0);
      const from = partial + t * shareBytes + h * headBytes;
      const to = out + h * headBytes;
      for (let i: usize = 0; i < headBytes; i += 16) {
        v128.store(to + i, multiplyAdd(v128.load(from + i), factor, v128.load(to + i)));
      }
    }
    normaliseRow(out + h * headBytes, headSize, total);
  }
}

/** x /= total */
export function normaliseRow(x: usize, size: i32, total: f32): void {
  const factor = f32x4.splat(1.0 / total);
  for (let i: usize = 0; i < <usize>size * 4; i += 16) v128.store(x + i, f32x4.mul(v128.load(x + i), factor));
}
