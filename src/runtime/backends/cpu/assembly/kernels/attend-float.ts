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
  for (let p = from; p < to; p += 8) {
    const k = keys + <usize>(p >> 3) * <usize>headSize * step;
    for (let h: usize = 0; h < <usize>queries; ++h) {
      const q = query + h * headBytes;
      let s0 = f32x4.splat(0);
      let s4 = s0;
      let t0 = s0;
      let t4 = s0;
      let at = k;
      for (let d: usize = 0; d < headBytes; d += 8) {
        let x = v128.load32_splat(q + d);
        s0 = multiplyAdd(low(isHalf, at), x, s0);
        s4 = multiplyAdd(high(isHalf, at), x, s4);
        x = v128.load32_splat(q + d, 4);
        t0 = multiplyAdd(low(isHalf, at + step), x, t0);
        t4 = multiplyAdd(high(isHalf, at + step), x, t4);
        at += 2 * step;
      }
      const place = scores + h * scoresStride + <usize>(p - from) * 4;
      v128.store(place, f32x4.add(s0, t0));
      v128.store(place, f32x4.add(s4, t4), 16);
    }
  }
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
    for (let h: usize = 0; h < <usize>queries; ++h) {
      const weights = scores + h * scoresStride + <usize>p * 4;
      for (let d: usize = 0; d < <usize>headSize; d += 8) {
        const sums = out + h * headBytes + d * 4;
        let s0 = v128.load(sums);
        let s4 = v128.load(sums, 16);
        let v = block + (d * 4 + <usize>start) * step;
        for (let i = start; i < end; ++i) {
          const weight = v128.load32_splat(weights + <usize>i * 4);
          s0 = multiplyAdd(low(isHalf, v), weight, s0);
          s4 = multiplyAdd(high(isHalf, v), weight, s4);
          v += step;
        }
        v128.store(sums, s0);
        v128.store(sums, s4, 16);
      }
    }
  }
}
