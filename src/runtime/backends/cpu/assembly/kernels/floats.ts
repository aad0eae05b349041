import { HALF_BIAS, halfToFloat, highHalves, lowHalves, multiplyAdd } from '../math';
import { storeRows } from './store-rows';

/**
 * F32 and F16 weights, kept as they are: 8 rows make a group, and a column of a group is 8 values (32 or 16 bytes; f16 as
 * in four-bit.ts, row r low and row r + 4 high in lane r). Activations stay f32, one row of `blocks * 32` values a token.
 */

export function repackF32(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  const columns = <usize>blocks * 32;
  for (let row = 0; row < rows; ++row) {
    const source = from + <usize>row * columns * 4;
    const target = to + <usize>(row >> 3) * stride + <usize>(row & 7) * 4;
    for (let c: usize = 0; c < columns; ++c) store<u32>(target + c * 32, load<u32>(source + c * 4));
  }
}

export function repackF16(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  const columns = <usize>blocks * 32;
  for (let row = 0; row < rows; ++row) {
    const source = from + <usize>row * columns * 2;
    const target = to + <usize>(row >> 3) * stride + <usize>(row & 3) * 4 + <usize>((row >> 2) & 1) * 2;
    for (let c: usize = 0; c < columns; ++c) store<u16>(target + c * 16, load<u16>(source + c * 2));
  }
}

/** One group against one token: the two vectors of sums go to out[0..7]. */
// @ts-expect-error: decorator
@inline
function group(isHalf: bool, w: usize, columns: usize, x: usize, out: usize, add: bool, scale: f32): void {
  let rows0 = f32x4.splat(0);
  let rows4 = f32x4.splat(0);
  // Undone a weight, not at the end: sums smaller by 2^112 would fall among the slow, coarse subnormals.
  const bias = f32x4.splat(HALF_BIAS);
  for (let c: usize = 0; c < columns; ++c) {
    const value = v128.load32_splat(x + c * 4);
    if (isHalf) {
      const halves = v128.load(w + c * 16);
      rows0 = multiplyAdd(f32x4.mul(lowHalves(halves), bias), value, rows0);
      rows4 = multiplyAdd(f32x4.mul(highHalves(halves), bias), value, rows4);
    } else {
      rows0 = multiplyAdd(v128.load(w + c * 32), value, rows0);
      rows4 = multiplyAdd(v128.load(w + c * 32, 16), value, rows4);
    }
  }
  storeRows(out, rows0, add, scale);
  storeRows(out + 16, rows4, add, scale);
}

export function gemvF32(
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  x: usize,
  out: usize,
  add: bool,
  scale: f32,
): void {
  for (let g = 0; g < groups; ++g) {
    group(false, data + <usize>g * stride, <usize>blocks * 32, x, out + <usize>g * 32, add, scale);
  }
}

export function gemvF16(
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  x: usize,
  out: usize,
  add: bool,
  scale: f32,
): void {
  for (let g = 0; g < groups; ++g) {
    group(true, data + <usize>g * stride, <usize>blocks * 32, x, out + <usize>g * 32, add, scale);
  }
}

/** Token by token: models in floating point are for tests and tiny heads, where a tiled kernel would not pay. */
export function gemmFloat(
  isHalf: bool,
  data: usize,
  blocks: i32,
  x: usize,
  tokens: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const columns = <usize>blocks * 32;
  for (let t: usize = 0; t < <usize>tokens; ++t) {
    const row = x + t * columns * 4;
    if (isHalf) group(true, data, columns, row, out + t * outStride, add, scale);
    else group(false, data, columns, row, out + t * outStride, add, scale);
  }
}

export function rowF32(data: usize, stride: usize, blocks: i32, row: i32, out: usize): void {
  const source = data + <usize>(row >> 3) * stride + <usize>(row & 7) * 4;
  for (let c: usize = 0; c < <usize>blocks * 32; ++c) store<f32>(out + c * 4, load<f32>(source + c * 32));
}

export function rowF16(data: usize, stride: usize, blocks: i32, row: i32, out: usize): void {
  const source = data + <usize>(row >> 3) * stride + <usize>(row & 3) * 4 + <usize>((row >> 2) & 1) * 2;
  for (let c: usize = 0; c < <usize>blocks * 32; ++c) store<f32>(out + c * 4, halfToFloat(load<u16>(source + c * 16)));
}
