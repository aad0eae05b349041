import { MATRIX_ADAPTER, MATRIX_BIAS, MATRIX_BLOCKS, MATRIX_DATA, MATRIX_GROUPS, MATRIX_KERNEL, MATRIX_STRIDE, TILE_TOKENS } from '../plan-fields';
import { lowerFor, raiseGroups, raiseTiles } from './adapters';
import { addRow } from './kernels/elementwise';
import { quantiseEightBit, quantiseSixteenBit } from './kernels/quantise';
import { tabulateSigns } from './kernels/sign-tables';
import {
  activationFormat,
  dequantiseRow,
  FORMAT_EIGHT_BIT,
  FORMAT_FLOAT,
  FORMAT_SIXTEEN_BIT,
  FORMAT_TABLE,
  gemm,
  gemv,
  groupsAtOnce,
} from './kernels/table';
import { shareStart } from './synchronise';

/** One activation row in each format a phase needs; the addresses say where it goes. Tables of a row lie together. */
export function prepare(
  formats: i32,
  x: usize,
  blocks: i32,
  eightBit: usize,
  eightBitStride: usize,
  sixteenBit: usize,
  sixteenBitStride: usize,
  tables: usize,
): void {
  if (formats & FORMAT_EIGHT_BIT) quantiseEightBit(x, blocks, eightBit, eightBitStride);
  if (formats & FORMAT_SIXTEEN_BIT) quantiseSixteenBit(x, blocks, sixteenBit, sixteenBitStride);
  if (formats & FORMAT_TABLE) tabulateSigns(x, blocks, tables);
}

// @ts-expect-error: decorator
@inline
export function formatOf(matrix: usize): i32 {
  return activationFormat(load<i32>(matrix + MATRIX_KERNEL));
}

/** The prepared form that a matrix reads. */
export function pick(matrix: usize, float: usize, eightBit: usize, sixteenBit: usize, tables: usize): usize {
  const format = formatOf(matrix);
  if (format == FORMAT_FLOAT) return float;
  return format == FORMAT_EIGHT_BIT ? eightBit : format == FORMAT_SIXTEEN_BIT ? sixteenBit : tables;
}

/** A row of a matrix as f32. */
export function rowOf(matrix: usize, row: i32, out: usize): void {
  dequantiseRow(
    load<i32>(matrix + MATRIX_KERNEL),
    load<usize>(matrix + MATRIX_DATA),
    load<usize>(matrix + MATRIX_STRIDE),
    load<i32>(matrix + MATRIX_BLOCKS),
    row,
    out,
  );
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

/** Some groups of one token. What adapters lowered stands in the thread's row. */
export function multiplyGroups(
  matrix: usize,
  first: i32,
  groups: i32,
  activations: usize,
  thread: i32,
  out: usize,
): void {
  const stride = load<usize>(matrix + MATRIX_STRIDE);
  const data = load<usize>(matrix + MATRIX_DATA) + <usize>first * stride;
  const blocks = load<i32>(matrix + MATRIX_BLOCKS);
  gemv(load<i32>(matrix + MATRIX_KERNEL), data, stride, groups, blocks, activations, out, false, 1);
  const bias = load<usize>(matrix + MATRIX_BIAS);
  if (bias != 0) addRow(out, bias + <usize>first * 32, groups * 8, 1);
  raiseGroups(matrix, first, groups, thread, out, 1);
}

/** Items that a matrix is shared out in where several tokens are computed: one group, or as many as its kernel wants. */
export function itemsOf(matrix: usize): i32 {
  const most = groupsAtOnce(load<i32>(matrix + MATRIX_KERNEL));
  return (load<i32>(matrix + MATRIX_GROUPS) + most - 1) / most;
}

/** First group of an item. */
export function groupOf(matrix: usize, item: i32): i32 {
  return min(item * groupsAtOnce(load<i32>(matrix + MATRIX_KERNEL)), load<i32>(matrix + MATRIX_GROUPS));
}

/** An item of tiles of tokens; `out` is the place of the whole product's first row. */
export function multiplyItem(
  matrix: usize,
  item: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const first = groupOf(matrix, item);
  multiplyTiles(matrix, first, groupOf(matrix, item + 1) - first, activations, tiles, out + <usize>first * 32, outStride, add, scale);
}

/** Groups of tiles of tokens; `out` is the place of their first row. */
export function multiplyTiles(
  matrix: usize,
  first: i32,
  groups: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const stride = load<usize>(matrix + MATRIX_STRIDE);
  const data = load<usize>(matrix + MATRIX_DATA) + <usize>first * stride;
  const blocks = load<i32>(matrix + MATRIX_BLOCKS);
  gemm(load<i32>(matrix + MATRIX_KERNEL), data, stride, groups, blocks, activations, tiles, out, outStride, add, scale);
  raiseTiles(matrix, first, groups, tiles, out, outStride, add ? scale : 1);
  const bias = load<usize>(matrix + MATRIX_BIAS);
  if (bias == 0) return;
  for (let t: usize = 0; t < <usize>tiles * TILE_TOKENS; ++t) {
    addRow(out + t * outStride, bias + <usize>first * 32, groups * 8, add ? scale : 1);
  }
}
