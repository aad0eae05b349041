import { HALF_BIAS, halfToFloat, highHalves, lowHalves, multiplyAdd } from '../math';
import { storeRows, storeTwo } from './store-rows';

/**
 * F32, F16 and BF16 weights, kept as they are: 8 rows make a group, and a column of a group is 8 values: 32 bytes, or 16
 * (row r low and row r + 4 high in lane r). Activations stay f32, one row of `blocks * 32` values a token.
 *
 * Even and odd columns add up apart: each sum waits for the one before it, and with two of them the machine waits less.
 * `kind` is a constant wherever it is passed.
 */
export const FLOAT32: i32 = 0;
export const FLOAT16: i32 = 1;
export const BRAIN16: i32 = 2;

/** Bytes of a column of a group. */
// @ts-expect-error: decorator
@inline
function columnBytes(kind: i32): usize {
  return kind == FLOAT32 ? 32 : 16;
}

/** Four values of a column: rows 0-3, or rows 4-7. */
// @ts-expect-error: decorator
@inline
function column(kind: i32, at: usize, isHigh: bool): v128 {
  if (kind == FLOAT32) return v128.load(at + (isHigh ? 16 : 0));
  const pairs = v128.load(at);
  if (kind == BRAIN16) return isHigh ? v128.and(pairs, i32x4.splat(0xffff0000)) : i32x4.shl(pairs, 16);
  // Undone a weight, not at the end: sums smaller by 2^112 would fall among the slow, coarse subnormals.
  return f32x4.mul(isHigh ? highHalves(pairs) : lowHalves(pairs), f32x4.splat(HALF_BIAS));
}

export function repackF32(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  const columns = <usize>blocks * 32;
  for (let row = 0; row < rows; ++row) {
    const source = from + <usize>row * columns * 4;
    const target = to + <usize>(row >> 3) * stride + <usize>(row & 7) * 4;
    for (let c: usize = 0; c < columns; ++c) store<u32>(target + c * 32, load<u32>(source + c * 4));
  }
}

/** F16 and BF16. */
export function repackHalves(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  const columns = <usize>blocks * 32;
  for (let row = 0; row < rows; ++row) {
    const source = from + <usize>row * columns * 2;
    const target = to + <usize>(row >> 3) * stride + <usize>(row & 3) * 4 + <usize>((row >> 2) & 1) * 2;
    for (let c: usize = 0; c < columns; ++c) store<u16>(target + c * 16, load<u16>(source + c * 2));
  }
}

/** One token against a group and the one `second` bytes behind it: see table.ts. */
// @ts-expect-error: decorator
@inline
export function twoOfFloats(
  kind: i32,
  w: usize,
  second: usize,
  blocks: i32,
  a: usize,
  out: usize,
  outs: usize,
  add: bool,
  scale: f32,
): void {
  const far = w + second;
  let even0 = f32x4.splat(0);
  let even4 = even0;
  let even8 = even0;
  let even12 = even0;
  let odd0 = even0;
  let odd4 = even0;
  let odd8 = even0;
  let odd12 = even0;
  const columns = <usize>blocks * 32 * columnBytes(kind);
  for (let c: usize = 0; c < columns; c += 2 * columnBytes(kind)) {
    let value = v128.load32_splat(a);
    even0 = multiplyAdd(column(kind, w + c, false), value, even0);
    even4 = multiplyAdd(column(kind, w + c, true), value, even4);
    even8 = multiplyAdd(column(kind, far + c, false), value, even8);
    even12 = multiplyAdd(column(kind, far + c, true), value, even12);
    value = v128.load32_splat(a, 4);
    const next = c + columnBytes(kind);
    odd0 = multiplyAdd(column(kind, w + next, false), value, odd0);
    odd4 = multiplyAdd(column(kind, w + next, true), value, odd4);
    odd8 = multiplyAdd(column(kind, far + next, false), value, odd8);
    odd12 = multiplyAdd(column(kind, far + next, true), value, odd12);
    a += 8;
  }
  const rows0 = f32x4.add(even0, odd0);
  const rows4 = f32x4.add(even4, odd4);
  const rows8 = f32x4.add(even8, odd8);
  const rows12 = f32x4.add(even12, odd12);
  storeTwo(out, outs, second != 0, rows0, rows4, rows8, rows12, add, scale);
}

/** Four tokens × four rows. */
// @ts-expect-error: decorator
@inline
function tile(kind: i32, w: usize, x: usize, columns: usize, isHigh: bool, out: usize, outStride: usize, add: bool, scale: f32): void {
  const row = columns * 4;
  let even0 = f32x4.splat(0);
  let even1 = even0;
  let even2 = even0;
  let even3 = even0;
  let odd0 = even0;
  let odd1 = even0;
  let odd2 = even0;
  let odd3 = even0;
  for (let c: usize = 0; c < columns; c += 2) {
    let weights = column(kind, w, isHigh);
    even0 = multiplyAdd(weights, v128.load32_splat(x), even0);
    even1 = multiplyAdd(weights, v128.load32_splat(x + row), even1);
    even2 = multiplyAdd(weights, v128.load32_splat(x + 2 * row), even2);
    even3 = multiplyAdd(weights, v128.load32_splat(x + 3 * row), even3);
    weights = column(kind, w + columnBytes(kind), isHigh);
    odd0 = multiplyAdd(weights, v128.load32_splat(x, 4), odd0);
    odd1 = multiplyAdd(weights, v128.load32_splat(x + row, 4), odd1);
    odd2 = multiplyAdd(weights, v128.load32_splat(x + 2 * row, 4), odd2);
    odd3 = multiplyAdd(weights, v128.load32_splat(x + 3 * row, 4), odd3);
    w += 2 * columnBytes(kind);
    x += 8;
  }
  storeRows(out, f32x4.add(even0, odd0), add, scale);
  storeRows(out + outStride, f32x4.add(even1, odd1), add, scale);
  storeRows(out + 2 * outStride, f32x4.add(even2, odd2), add, scale);
  storeRows(out + 3 * outStride, f32x4.add(even3, odd3), add, scale);
}

/** Many tokens against one group of 8 rows: out[token][8] (+)= W x. */
// @ts-expect-error: decorator
@inline
export function gemmFloat(
  kind: i32,
  data: usize,
  blocks: i32,
  x: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const columns = <usize>blocks * 32;
  for (let t = 0; t < tiles; ++t) {
    tile(kind, data, x, columns, false, out, outStride, add, scale);
    tile(kind, data, x, columns, true, out + 16, outStride, add, scale);
    x += columns * 16;
    out += outStride * 4;
  }
}

/** One row as f32, for the embedding table. */
// @ts-expect-error: decorator
@inline
export function rowFloat(kind: i32, data: usize, stride: usize, blocks: i32, row: i32, out: usize): void {
  const group = data + <usize>(row >> 3) * stride;
  const source = kind == FLOAT32 ? group + <usize>(row & 7) * 4 : group + <usize>(row & 3) * 4 + <usize>((row >> 2) & 1) * 2;
  for (let c: usize = 0; c < <usize>blocks * 32; ++c) {
    const at = source + c * columnBytes(kind);
    let value: f32 = 0;
    if (kind == FLOAT32) value = load<f32>(at);
    else if (kind == FLOAT16) value = halfToFloat(load<u16>(at));
    else value = reinterpret<f32>(<u32>load<u16>(at) << 16);
    store<f32>(out + c * 4, value);
  }
}
