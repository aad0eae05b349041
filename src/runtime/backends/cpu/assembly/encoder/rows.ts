import {
  CENTRE_EVEN,
  FINE_RECORD_BYTES,
  PREPARES_FINE,
  RECORD_TOKENS,
  ROTATE_DIMENSIONS,
  ROTATE_EPSILON,
  ROTATE_HEAD_SIZE,
  ROTATE_HEADS,
  ROTATE_KEY_HEADS,
  ROTATE_KEY_NORM,
  ROTATE_QKV,
  ROTATE_QUERY_NORM,
  ROTATE_TABLE,
  ROTATE_WIDTH,
  ROWS_ADDS,
  ROWS_BIAS,
  ROWS_CENTRE,
  ROWS_CENTRES,
  ROWS_EPSILON,
  ROWS_OUT,
  ROWS_PREPARES,
  ROWS_SIZE,
  ROWS_WEIGHT,
  ROWS_WIDTH,
  ROWS_X,
} from '../../encoder-fields';
import { rmsNorm, rope } from '../kernels/elementwise';
import { maxLanes, sumLanes, toInteger } from '../math';
import { shareStart } from '../synchronise';
import { fineTileBytes } from './fine-tile';
import { BOUND_OF_RECORD, LEAST_OF_RECORD, PLANE_BYTES, RECORD_BYTES, STEP_OF_RECORD, tileBytes } from './tile';

/** Steps that treat each token by itself: threads share the tokens out evenly. */

/** One token's records (fine-tile.ts, tile.ts). */
function prepareToken(x: usize, blocks: i32, records: usize, token: usize, isFine: bool, centre: i32): void {
  if (!ASC_FEATURE_RELAXED_SIMD || isFine) prepareFine(x, blocks, records, token);
  else prepareCoarse(x, blocks, records, token, centre);
}

/** The largest fine integer: with a sign 14 bits, two times the 7 of a fused dot, in all builds that have both forms. */
const MOST_FINE: f32 = ASC_FEATURE_RELAXED_SIMD ? 8191 : 32767;

function prepareFine(x: usize, blocks: i32, records: usize, token: usize): void {
  const bytes = <usize>blocks * 128;
  let most = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) most = f32x4.pmax(most, f32x4.abs(v128.load(x + i)));
  const peak = maxLanes(most);
  const inverse = f32x4.splat(peak > 0 ? MOST_FINE / peak : 0);
  const tile = records + (token / RECORD_TOKENS) * fineTileBytes(blocks);
  const place = token % RECORD_TOKENS;
  let to = tile + place * (FUSED_DOT ? 32 : 64);
  for (const end = x + bytes; x < end; x += 128) {
    for (let i: usize = 0; i < 64; i += 16) {
      const first = toInteger(f32x4.nearest(f32x4.mul(v128.load(x + i * 2), inverse)));
      const second = toInteger(f32x4.nearest(f32x4.mul(v128.load(x + i * 2, 16), inverse)));
      const x = i16x8.narrow_i32x4_s(first, second);
      if (FUSED_DOT) storePlanes(to + i / 2, x);
      else v128.store(to + i, x);
    }
    to += FINE_RECORD_BYTES;
  }
  store<f32>(tile + <usize>blocks * FINE_RECORD_BYTES + place * 4, peak / MOST_FINE);
}

/** Eight integers, made positive, as two planes of 7 bits: the upper one first. */
// @ts-expect-error: decorator
@inline
function storePlanes(to: usize, x: v128): void {
  const u = i16x8.add(x, i16x8.splat(<i16>CENTRE_EVEN << 7));
  const upper = i16x8.shr_u(u, 7);
  const lower = v128.and(u, i16x8.splat(127));
  v128.store64_lane(to, i8x16.narrow_i16x8_u(upper, upper), 0);
  v128.store64_lane(to, i8x16.narrow_i16x8_u(lower, lower), 0, PLANE_BYTES);
}

function prepareCoarse(x: usize, blocks: i32, records: usize, token: usize, centre: i32): void {
  const place = token % RECORD_TOKENS;
  let to = records + (token / RECORD_TOKENS) * tileBytes(blocks);
  const middle = i16x8.splat(<i16>centre);
  for (let b = 0; b < blocks; ++b) {
    let least = v128.load(x);
    let most = least;
    for (let i: usize = 16; i < 128; i += 16) {
      const v = v128.load(x + i);
      least = f32x4.pmin(least, v);
      most = f32x4.pmax(most, v);
    }
    const low: f32 = -maxLanes(f32x4.neg(least));
    const range: f32 = maxLanes(most) - low;
    const inverse = f32x4.splat(range > 0 ? 127.0 / range : 0);
    const start = f32x4.splat(low);
    let longest = i32x4.splat(0);
    for (let i: usize = 0; i < 32; i += 16) {
      const from = x + i * 4;
      const first = i16x8.narrow_i32x4_s(levels(from, start, inverse), levels(from + 16, start, inverse));
      const second = i16x8.narrow_i32x4_s(levels(from + 32, start, inverse), levels(from + 48, start, inverse));
      v128.store(to + place * 32 + i, i8x16.narrow_i16x8_s(first, second));
      if (!FUSED_DOT) longest = i32x4.max_s(longest, squaresOfEight(i16x8.sub(first, middle), i16x8.sub(second, middle)));
    }
    const step: f32 = range / 127.0;
    store<f32>(to + place * 4, step, STEP_OF_RECORD);
    store<f32>(to + place * 4, low + step * <f32>centre, LEAST_OF_RECORD);
    if (!FUSED_DOT) store<f32>(to + place * 4, sqrt<f32>(maxLanes(f32x4.convert_i32x4_s(longest))), BOUND_OF_RECORD);
    x += 128;
    to += RECORD_BYTES;
  }
}

/** Sums of squares of the eight values that tile.ts adds up in 16 bits: the even pairs of half a block, and the odd ones. */
// @ts-expect-error: decorator
@inline
function squaresOfEight(first: v128, second: v128): v128 {
  const squares = i32x4.add(i32x4.dot_i16x8_s(first, first), i32x4.dot_i16x8_s(second, second));
  return i32x4.add(squares, i64x2.shuffle(squares, squares, 1, 0));
}

// @ts-expect-error: decorator
@inline
function levels(from: usize, start: v128, inverse: v128): v128 {
  return toInteger(f32x4.nearest(f32x4.mul(f32x4.sub(v128.load(from), start), inverse)));
}

export function prepareRows(step: usize, count: i32, records: usize, thread: i32): void {
  const width = load<i32>(step + ROWS_WIDTH);
  const end = shareStart(count, thread + 1);
  for (let t = shareStart(count, thread); t < end; ++t) {
    const x = load<usize>(step + ROWS_X) + <usize>t * <usize>width * 4;
    prepareToken(x, width >> 5, records, <usize>t, load<i32>(step + ROWS_PREPARES) == PREPARES_FINE, load<i32>(step + ROWS_CENTRE));
  }
}

export function normRows(step: usize, count: i32, records: usize, thread: i32): void {
  const width = load<i32>(step + ROWS_WIDTH);
  const bytes = <usize>width * 4;
  const weight = load<usize>(step + ROWS_WEIGHT);
  const bias = load<usize>(step + ROWS_BIAS);
  const epsilon = load<f32>(step + ROWS_EPSILON);
  const centres = load<i32>(step + ROWS_CENTRES) != 0;
  const size = load<i32>(step + ROWS_SIZE);
  const adds = load<i32>(step + ROWS_ADDS) != 0;
  const prepares = load<i32>(step + ROWS_PREPARES);
  const end = shareStart(count, thread + 1);
  for (let t = shareStart(count, thread); t < end; ++t) {
    const x = load<usize>(step + ROWS_X) + <usize>t * bytes;
    const out = load<usize>(step + ROWS_OUT) + <usize>t * bytes;
    normRow(x, weight, bias, bytes, size, epsilon, centres, adds, out);
    if (prepares) prepareToken(out, width >> 5, records, <usize>t, prepares == PREPARES_FINE, load<i32>(step + ROWS_CENTRE));
  }
}

/** `bytes`: of the row; zeros fill it up from `count` values on, and stay zeros. */
function normRow(x: usize, weight: usize, bias: usize, bytes: usize, count: i32, epsilon: f32, centres: bool, adds: bool, out: usize): void {
  const size: f32 = <f32>count;
  let mean: f32 = 0;
  if (centres) {
    let sum = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) sum = f32x4.add(sum, v128.load(x + i));
    mean = sumLanes(sum) / size;
  }
  const middle = f32x4.splat(mean);
  let squares = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = f32x4.sub(v128.load(x + i), middle);
    squares = f32x4.add(squares, f32x4.mul(v, v));
  }
  // What stands in the place of nothing lies as far from the mean as 0 does.
  const excess: f32 = mean * mean * (<f32>(bytes >> 2) - size);
  const factor = f32x4.splat(<f32>1.0 / sqrt<f32>((sumLanes(squares) - excess) / size + epsilon));
  for (let i: usize = 0; i < bytes; i += 16) {
    let v = f32x4.mul(f32x4.sub(v128.load(x + i), middle), factor);
    v = f32x4.mul(v, v128.load(weight + i));
    if (bias) v = f32x4.add(v, v128.load(bias + i));
    if (adds) v = f32x4.add(v, v128.load(out + i));
    v128.store(out + i, v);
  }
}

export function rotateRows(step: usize, count: i32, positions: usize, thread: i32): void {
  const heads = load<i32>(step + ROTATE_HEADS);
  const keyHeads = load<i32>(step + ROTATE_KEY_HEADS);
  const headSize = load<i32>(step + ROTATE_HEAD_SIZE);
  const dimensions = load<i32>(step + ROTATE_DIMENSIONS);
  const table = load<usize>(step + ROTATE_TABLE);
  const end = shareStart(count, thread + 1);
  for (let t = shareStart(count, thread); t < end; ++t) {
    const queries = load<usize>(step + ROTATE_QKV) + <usize>t * <usize>load<i32>(step + ROTATE_WIDTH) * 4;
    const keys = queries + <usize>(heads * headSize) * 4;
    normHeads(queries, heads, headSize, load<usize>(step + ROTATE_QUERY_NORM), load<f32>(step + ROTATE_EPSILON));
    normHeads(keys, keyHeads, headSize, load<usize>(step + ROTATE_KEY_NORM), load<f32>(step + ROTATE_EPSILON));
    if (table) {
      const place = <usize>load<i32>(positions + <usize>t * 4) * <usize>dimensions * 8;
      rope(queries, heads + keyHeads, headSize, dimensions, table + place, false);
    }
  }
}

function normHeads(x: usize, heads: i32, headSize: i32, weight: usize, epsilon: f32): void {
  if (!weight) return;
  for (let h = 0; h < heads; ++h) {
    rmsNorm(x, weight, headSize, epsilon, 1, x);
    x += <usize>headSize * 4;
  }
}
