import {
  ADAPTER_A,
  ADAPTER_B,
  ADAPTER_LOW,
  ADAPTER_NEXT,
  ADAPTER_SCALE,
  HIDDEN,
  MATRIX_ADAPTER,
  MATRIX_BLOCKS,
  MATRIX_DATA,
  MATRIX_GROUPS,
  MATRIX_KERNEL,
  MATRIX_STRIDE,
} from '../plan-fields';
import { dequantiseRow, gemm, gemv } from './kernels/table';
import { field } from './plan';

/**
 * Low-rank adapters (LoRA): what a matrix adds besides its own product, scale * B (A x). A x is computed where x is
 * prepared, by whoever prepares it; B where the matrix is multiplied, group by group.
 */

/** A x of one token for all adapters in use on a matrix, into row `row` of their buffers. */
export function lowerFor(matrix: usize, x: usize, row: i32): void {
  for (let a = load<usize>(matrix + MATRIX_ADAPTER); a != 0; a = load<usize>(a + ADAPTER_NEXT)) {
    const w = a + ADAPTER_A;
    gemv(
      load<i32>(w + MATRIX_KERNEL),
      load<usize>(w + MATRIX_DATA),
      load<usize>(w + MATRIX_STRIDE),
      load<i32>(w + MATRIX_GROUPS),
      load<i32>(w + MATRIX_BLOCKS),
      x,
      lowRow(a, row),
      false,
      1,
    );
  }
}

// @ts-expect-error: decorator
@inline
function lowRow(adapter: usize, row: i32): usize {
  const width = <usize>load<i32>(adapter + ADAPTER_B + MATRIX_BLOCKS) * 128;
  return load<usize>(adapter + ADAPTER_LOW) + <usize>row * width;
}

/** out += scale * B (A x) of one token for `groups` groups of 8 rows. */
export function raiseGroups(matrix: usize, first: i32, groups: i32, row: i32, out: usize, scale: f32): void {
  for (let a = load<usize>(matrix + MATRIX_ADAPTER); a != 0; a = load<usize>(a + ADAPTER_NEXT)) {
    const w = a + ADAPTER_B;
    const stride = load<usize>(w + MATRIX_STRIDE);
    gemv(
      load<i32>(w + MATRIX_KERNEL),
      load<usize>(w + MATRIX_DATA) + <usize>first * stride,
      stride,
      groups,
      load<i32>(w + MATRIX_BLOCKS),
      lowRow(a, row),
      out,
      true,
      scale * load<f32>(a + ADAPTER_SCALE),
    );
  }
}

/** What adapters add to a row of a table, whose A has a row for each of its rows. */
export function raiseRow(matrix: usize, row: i32, out: usize): void {
  for (let a = load<usize>(matrix + MATRIX_ADAPTER); a != 0; a = load<usize>(a + ADAPTER_NEXT)) {
    const w = a + ADAPTER_A;
    const stride = load<usize>(w + MATRIX_STRIDE);
    dequantiseRow(load<i32>(w + MATRIX_KERNEL), load<usize>(w + MATRIX_DATA), stride, load<i32>(w + MATRIX_BLOCKS), row, lowRow(a, 0));
  }
  // Values of a row of the table are the rows of B.
  raiseGroups(matrix, 0, field(HIDDEN) >> 3, 0, out, 1);
}

/** The same for tiles of tokens, whose rows lie one after the other. */
export function raiseTiles(
  matrix: usize,
  first: i32,
  groups: i32,
  tiles: i32,
  out: usize,
  outStride: usize,
  scale: f32,
): void {
  for (let a = load<usize>(matrix + MATRIX_ADAPTER); a != 0; a = load<usize>(a + ADAPTER_NEXT)) {
    const w = a + ADAPTER_B;
    const stride = load<usize>(w + MATRIX_STRIDE);
    const data = load<usize>(w + MATRIX_DATA) + <usize>first * stride;
    const blocks = load<i32>(w + MATRIX_BLOCKS);
    const factor = scale * load<f32>(a + ADAPTER_SCALE);
    gemm(load<i32>(w + MATRIX_KERNEL), data, stride, groups, blocks, lowRow(a, 0), tiles, out, outStride, true, factor);
  }
}
