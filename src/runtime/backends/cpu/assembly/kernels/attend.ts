import { ATTENTION_BLOCK } from '../../plan-fields';
import { clear, exponential, maxLanes, multiplyAdd, sumLanes, toInteger } from '../math';
import { softCap } from './elementwise';

/**
 * Attention over an int8 KV cache, one scale a head and position, in integers throughout.
 *
 * Keys, a KV head: groups of 8 positions; step p of a group holds values 2p and 2p + 1 of its 8 positions (16 bytes), so
 * that lane r belongs to position r and scores need no horizontal sum.
 * Values, a KV head: blocks of 32 positions; in a block, 8 dimensions at a time, 16 steps of 16 bytes: step p holds
 * positions 2p and 2p + 1 of those dimensions, so that lanes are dimensions and the sum over positions stays in lanes.
 */

/** Queries as int16 with one scale a head (the attention scale is folded in). */
export function quantiseQuery(x: usize, heads: i32, headSize: i32, factor: f32, out: usize, scales: usize): void {
  const bytes = <usize>headSize * 4;
  for (let h = 0; h < heads; ++h) {
    const peak = peakOf(x, bytes);
    const inverse = f32x4.splat(peak > 0 ? 32767.0 / peak : 0);
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = toInteger(f32x4.nearest(f32x4.mul(v128.load(x + i), inverse)));
      const b = toInteger(f32x4.nearest(f32x4.mul(v128.load(x + i, 16), inverse)));
      v128.store(out + (i >> 1), i16x8.narrow_i32x4_s(a, b));
    }
    store<f32>(scales, (peak / 32767.0) * factor);
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

/** Writes one position's key and value of one KV head. */
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
  const keyPeak = peakOf(key, bytes);
  const valuePeak = peakOf(value, bytes);
  store<f32>(keyScales + <usize>position * 4, keyPeak / 127.0);
  store<f32>(valueScales + <usize>position * 4, valuePeak / 127.0);
  const keyInverse = f32x4.splat(keyPeak > 0 ? 127.0 / keyPeak : 0);
  const valueInverse = f32x4.splat(valuePeak > 0 ? 127.0 / valuePeak : 0);
  let k = keys + <usize>(position >> 3) * <usize>headSize * 8 + <usize>(position & 7) * 2;
  let v =
    values + <usize>(position >> 5) * <usize>headSize * ATTENTION_BLOCK + <usize>((position & 31) >> 1) * 16 + <usize>(position & 1);
  for (let d: usize = 0; d < bytes; d += 32) {
    let eight = rounded(key + d, keyInverse);
    v128.store16_lane(k, eight, 0);
    v128.store16_lane(k, eight, 1, 16);
    v128.store16_lane(k, eight, 2, 32);
    v128.store16_lane(k, eight, 3, 48);
    eight = rounded(value + d, valueInverse);
    v128.store8_lane(v, eight, 0);
    v128.store8_lane(v, eight, 1, 2);
    v128.store8_lane(v, eight, 2, 4);
    v128.store8_lane(v, eight, 3, 6);
    v128.store8_lane(v, eight, 4, 8);
    v128.store8_lane(v, eight, 5, 10);
    v128.store8_lane(v, eight, 6, 12);
    v128.store8_lane(v, eight, 7, 14);
    k += 64;
    v += 256;
  }
}

/** Eight values as int8. */
// @ts-expect-error: decorator
@inline
function rounded(x: usize, inverse: v128): v128 {
  const a = toInteger(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
  const b = toInteger(f32x4.nearest(f32x4.mul(v128.load(x, 16), inverse)));
  const narrow = i16x8.narrow_i32x4_s(a, b);
  return i8x16.narrow_i16x8_s(narrow, narrow);
}

/** 8 positions against one query: scores in f32. */
// @ts-expect-error: decorator
@inline
function scoreGroup(k: usize, query: usize, pairs: usize, keyScales: usize, queryScale: f32, out: usize): void {
  let s0 = i32x4.splat(0);
  let s4 = i32x4.splat(0);
  for (let p: usize = 0; p < pairs; p += 4) {
    const q = query + p * 4;
    const step = k + p * 16;
    let x = v128.load32_splat(q);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load8x8_s(step), x));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(v128.load8x8_s(step, 8), x));
    x = v128.load32_splat(q, 4);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load8x8_s(step, 16), x));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(v128.load8x8_s(step, 24), x));
    x = v128.load32_splat(q, 8);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load8x8_s(step, 32), x));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(v128.load8x8_s(step, 40), x));
    x = v128.load32_splat(q, 12);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load8x8_s(step, 48), x));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(v128.load8x8_s(step, 56), x));
  }
  const scale = f32x4.splat(queryScale);
  v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(s0), f32x4.mul(v128.load(keyScales), scale)));
  v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(s4), f32x4.mul(v128.load(keyScales, 16), scale)), 16);
}

/** Eight dimensions of 32 positions, weighted and added to out. */
// @ts-expect-error: decorator
@inline
function weighValues(v: usize, weights: usize, scale: v128, out: usize): void {
  let s0 = i32x4.splat(0);
  let s4 = i32x4.splat(0);
  for (let p: usize = 0; p < 16; p += 4) {
    const w = weights + p * 4;
    const step = v + p * 16;
    let x = v128.load32_splat(w);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load8x8_s(step), x));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(v128.load8x8_s(step, 8), x));
    x = v128.load32_splat(w, 4);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load8x8_s(step, 16), x));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(v128.load8x8_s(step, 24), x));
    x = v128.load32_splat(w, 8);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load8x8_s(step, 32), x));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(v128.load8x8_s(step, 40), x));
    x = v128.load32_splat(w, 12);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.load8x8_s(step, 48), x));
    s4 = i32x4.add(s4, i32x4.dot_i16x8_s(v128.load8x8_s(step, 56), x));
  }
  v128.store(out, multiplyAdd(f32x4.convert_i32x4_s(s0), scale, v128.load(out)));
  v128.store(out, multiplyAdd(f32x4.convert_i32x4_s(s4), scale, v128.load(out, 16)), 16);
}

/**
 * The query heads of one KV head over positions [from, to), `from` a multiple of 32. Leaves unnormalised sums in
 * `out` [queries][headSize] and, in `stats` [queries][2], the greatest score and the sum of e^(score - greatest), so
 * that segments can be combined. Positions before `first` are not seen (a sliding window); `cap` bends the scores where it
 * is not 0. Softmax weights times value scales become int16 with one scale a block
 * of 32 positions: one scale for all would round the many small weights of a long context to nothing.
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
  const headBytes = <usize>headSize * 4;
  for (let p = from; p < to; p += 8) {
    const k = keys + <usize>(p >> 3) * <usize>headSize * 8;
    for (let h: usize = 0; h < <usize>queries; ++h) {
      const place = scores + h * scoresStride + <usize>(p - from) * 4;
      const q = query + h * (headBytes >> 1);
      scoreGroup(k, q, <usize>headSize >> 1, keyScales + <usize>p * 4, load<f32>(queryScales + h * 4), place);
    }
  }
  const length = to - from;
  const padded = (length + ATTENTION_BLOCK - 1) & ~(ATTENTION_BLOCK - 1);
  for (let h: usize = 0; h < <usize>queries; ++h) {
    const row = scores + h * scoresStride;
    if (cap != 0) softCap(row, (length + 3) & ~3, cap);
    for (let p = from; p < first; ++p) store<f32>(row + <usize>(p - from) * 4, -1e30);
    // Past the end lies what an earlier text left behind; its weight becomes exactly 0 when rounded to int16.
    for (let p = length; p < padded; ++p) store<f32>(row + <usize>p * 4, -1e30);
    let greatest = v128.load(row);
    for (let p: usize = 16; p < <usize>padded * 4; p += 16) greatest = f32x4.pmax(greatest, v128.load(row + p));
    store<f32>(stats + h * 8, maxLanes(greatest));
    store<f32>(stats + h * 8, 0, 4);
    clear(out + h * headBytes, headBytes);
  }
  for (let p = 0; p < padded; p += ATTENTION_BLOCK) {
    const block = values + <usize>((from + p) >> 5) * <usize>headSize * ATTENTION_BLOCK;
    const scales = valueScales + <usize>(from + p) * 4;
    for (let h: usize = 0; h < <usize>queries; ++h) {
      const row = scores + h * scoresStride + <usize>p * 4;
      const greatest = f32x4.splat(load<f32>(stats + h * 8));
      let sum = f32x4.splat(0);
      let peak = f32x4.splat(0);
      for (let i: usize = 0; i < 128; i += 16) {
        const e = exponential(f32x4.sub(v128.load(row + i), greatest));
        sum = f32x4.add(sum, e);
        const weighted = f32x4.mul(e, v128.load(scales + i));
        peak = f32x4.pmax(peak, weighted);
        v128.store(row + i, weighted);
      }
      store<f32>(stats + h * 8, load<f32>(stats + h * 8, 4) + sumLanes(sum), 4);
      const most = maxLanes(peak);
      if (!(most > 0)) continue;
      const inverse = f32x4.splat(32767.0 / most);
      for (let i: usize = 0; i < 128; i += 32) {
        const a = toInteger(f32x4.nearest(f32x4.mul(v128.load(row + i), inverse)));
        const b = toInteger(f32x4.nearest(f32x4.mul(v128.load(row + i, 16), inverse)));
        v128.store(weights + (i >> 1), i16x8.narrow_i32x4_s(a, b));
      }
      const scale = f32x4.splat(most / 32767.0);
      const accumulated = out + h * headBytes;
      for (let d: usize = 0; d < <usize>headSize; d += 8) {
        weighValues(block + d * 32, weights, scale, accumulated + d * 4);
      }
    }
  }
}

/** Joins `shares` segments for all heads, in their order: out[head][headSize], normalised. `sinks`: a score each that has no value, or 0. */
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
