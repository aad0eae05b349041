import { maxLanes, toInteger } from '../math';

/**
 * Queries, keys and values of a head as 16-bit integers, two to a word: one instruction multiplies twice as many of them as of
 * floats. Their steps are fine enough to lose nothing beside the 7 bits of what attention makes.
 */

/** The largest integer of a query and of a key, so that sums of `headSize` products fit 32 bits. */
// @ts-expect-error: decorator
@inline
export function mostOfDots(headSize: usize): f32 {
  return floor<f32>(sqrt<f32>(<f32>2147483648.0 / <f32>headSize)) - 1;
}

/** The largest integer of a value; what that leaves for the sum of a query's weights. */
const MOST_OF_VALUES: f32 = 4095;
export const MOST_OF_WEIGHTS: f32 = 500000;

function peakOf(rows: usize, width: usize, length: i32, headSize: usize): f32 {
  let most = f32x4.splat(0);
  for (let p = 0; p < length; ++p) {
    for (let d: usize = 0; d < headSize * 4; d += 16) most = f32x4.pmax(most, f32x4.abs(v128.load(rows + d)));
    rows += width;
  }
  return maxLanes(most);
}

// @ts-expect-error: decorator
@inline
function inverseOf(step: f32): v128 {
  return f32x4.splat(step > 0 ? <f32>1.0 / step : 0);
}

// @ts-expect-error: decorator
@inline
function levels(from: usize, inverse: v128): v128 {
  return toInteger(f32x4.nearest(f32x4.mul(v128.load(from), inverse)));
}

/** Words of two dimensions: [headSize / 2][positions], zeros past the end. Returns the step. */
export function packKeys(keys: usize, width: usize, length: i32, headSize: usize, stride: usize, to: usize): f32 {
  const step = peakOf(keys, width, length, headSize) / mostOfDots(headSize);
  const inverse = inverseOf(step);
  const none = i32x4.splat(0);
  for (let p = 0; <usize>p * 4 < stride; p += 4) {
    let out = to + <usize>p * 4;
    for (let d: usize = 0; d < headSize * 4; d += 16) {
      const from = keys + d;
      const x0 = p < length ? levels(from, inverse) : none;
      const x1 = p + 1 < length ? levels(from + width, inverse) : none;
      const x2 = p + 2 < length ? levels(from + 2 * width, inverse) : none;
      const x3 = p + 3 < length ? levels(from + 3 * width, inverse) : none;
      const a = i16x8.narrow_i32x4_s(x0, x1);
      const b = i16x8.narrow_i32x4_s(x2, x3);
      v128.store(out, i32x4.shuffle(a, b, 0, 2, 4, 6));
      v128.store(out + stride, i32x4.shuffle(a, b, 1, 3, 5, 7));
      out += 2 * stride;
    }
    keys += 4 * width;
  }
  return step;
}

/** Words of two positions: [positions / 2][headSize], zeros past the end. Returns the step. */
export function packValues(values: usize, width: usize, length: i32, headSize: usize, to: usize): f32 {
  const step = peakOf(values, width, length, headSize) / MOST_OF_VALUES;
  const inverse = inverseOf(step);
  const lower = i32x4.splat(0xffff);
  // Whole vectors of eight weights meet them.
  for (let p = 0; p < ((length + 7) & ~7); p += 2) {
    for (let d: usize = 0; d < headSize * 4; d += 16) {
      const first = p < length ? levels(values + d, inverse) : i32x4.splat(0);
      const second = p + 1 < length ? levels(values + width + d, inverse) : i32x4.splat(0);
      v128.store(to + d, v128.or(v128.and(first, lower), i32x4.shl(second, 16)));
    }
    values += 2 * width;
    to += headSize * 4;
  }
  return step;
}

/** A query's dimensions one after the other. Returns the step. */
export function packQuery(query: usize, headSize: usize, to: usize): f32 {
  const step = peakOf(query, 0, 1, headSize) / mostOfDots(headSize);
  const inverse = inverseOf(step);
  for (let d: usize = 0; d < headSize * 4; d += 32) {
    v128.store(to + (d >> 1), i16x8.narrow_i32x4_s(levels(query + d, inverse), levels(query + d + 16, inverse)));
  }
  return step;
}
