import { MATRIX_ADAPTER, MATRIX_BIAS, MATRIX_BLOCKS, MATRIX_DATA, MATRIX_GROUPS, MATRIX_KERNEL, MATRIX_STRIDE, TILE_TOKENS } from '../plan-fields';
import { lowerFor, raiseGroups, raiseTiles } from './adapters';
import { addRow } from './kernels/elementwise';
import { quantiseEightBit, quantiseSixteenBit } from './kernels/quantise';
import {
  activationFormat,
  FORMAT_EIGHT_BIT,
  FORMAT_FLOAT,
  FORMAT_SIXTEEN_BIT,
  gemm,
  gemv,
} from './kernels/table';
import { shareStart } from './synchronise';

/** One activation row in each format a phase needs; the addresses say where it goes. */
export function prepare(
  formats: i32,
  x: usize,
  blocks: i32,
  eightBit: usize,
  eightBitStride: usize,
  sixteenBit: usize,
  sixteenBitStride: usize,
): void {
  if (formats & FORMAT_EIGHT_BIT) quantiseEightBit(x, blocks, eightBit, eightBitStride);
  if (formats & FORMAT_SIXTEEN_BIT) quantiseSixteenBit(x, blocks, sixteenBit, sixteenBitStride);
}

// @ts-expect-error: decorator
@inline
export function formatOf(matrix: usize): i32 {
  return activationFormat(load<i32>(matrix + MATRIX_KERNEL));
}

/** The prepared form that a matrix reads. */
export function pick(matrix: usize, float: usize, eightBit: usize, sixteenBit: usize): usize {
  const format = formatOf(matrix);
  return format == FORMAT_FLOAT ? float : format == FORMAT_EIGHT_BIT ? eightBit : sixteenBit;
}

/** Thread's share of out (+)= W x + bias for one token; `x` are the same activations as floats. */
export function multiplyShare(
  matrix: usize,
  thread: i32,
  activations: usize,
  x: usize,
  out: usize,
  add: bool,
  scale: f32,
): void {
  const groups = load<i32>(matrix + MATRIX_GROUPS);
  const first = shareStart(groups, thread);
  const end = shareStart(groups, thread + 1);
  const stride = load<usize>(matrix + MATRIX_STRIDE);
  gemv(
    load<i32>(matrix + MATRIX_KERNEL),
    load<usize>(matrix + MATRIX_DATA) + <usize>first * stride,
    stride,
    end - first,
    load<i32>(matrix + MATRIX_BLOCKS),
    activations,
    out + <usize>first * 32,
    add,
    scale,
  );
  const bias = load<usize>(matrix + MATRIX_BIAS);
  if (bias != 0) addRow(out + <usize>first * 32, bias + <usize>first * 32, (end - first) * 8, add ? scale : 1);
  if (load<usize>(matrix + MATRIX_ADAPTER) == 0) return;
  lowerFor(matrix, x, thread);
  raiseGroups(matrix, first, end - first, thread, out + <usize>first * 32, add ? scale : 1);
}

/** One group of one token, or of tiles of tokens. What adapters lowered stands in the thread's row. */
export function multiplyGroup(matrix: usize, group: i32, activations: usize, thread: i32, out: usize): void {
  const stride = load<usize>(matrix + MATRIX_STRIDE);
  const data = load<usize>(matrix + MATRIX_DATA) + <usize>group * stride;
  gemv(load<i32>(matrix + MATRIX_KERNEL), data, stride, 1, load<i32>(matrix + MATRIX_BLOCKS), activations, out, false, 1);
  const bias = load<usize>(matrix + MATRIX_BIAS);
  if (bias != 0) addRow(out, bias + <usize>group * 32, 8, 1);
  raiseGroups(matrix, group, 1, thread, out, 1);
}

export function multiplyGroupTiles(
  matrix: usize,
  group: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const data = load<usize>(matrix + MATRIX_DATA) + <usize>group * load<usize>(matrix + MATRIX_STRIDE);
  const blocks = load<i32>(matrix + MATRIX_BLOCKS);
  gemm(load<i32>(matrix + MATRIX_KERNEL), data, blocks, activations, tiles, out, outStride, add, scale);
  raiseTiles(matrix, group, tiles, out, outStride, add ? scale : 1);
  const bias = load<usize>(matrix + MATRIX_BIAS);
  if (bias == 0) return;
  for (let t: usize = 0; t < <usize>tiles * TILE_TOKENS; ++t) {
    addRow(out + t * outStride, bias + <usize>group * 32, 8, add ? scale : 1);
  }
}
