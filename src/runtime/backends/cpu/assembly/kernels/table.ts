import { KERNEL_F16, KERNEL_F32, KERNEL_Q4_0, KERNEL_Q4_1, KERNEL_Q8_0 } from '../../plan-fields';
import { gemmFloat, gemvF16, gemvF32, repackF16, repackF32, rowF16, rowF32 } from './floats';
import {
  gemmQ4_0,
  gemmQ4_1,
  gemvQ4_0,
  gemvQ4_1,
  repackQ4_0,
  repackQ4_1,
  rowQ4_0,
  rowQ4_1,
} from './four-bit';
import { gemmQ8_0, gemvQ8_0, repackQ8_0, rowQ8_0 } from './q8_0';

/**
 * The kernel table: one entry a block type. A new type is one file with repack, gemv, gemm and row, one line in each
 * switch here, and its sizes in ../../kernel-types.ts.
 */

/** Activation formats, as bits, so that one phase can prepare what its weights need. */
export const FORMAT_FLOAT: i32 = 1;
export const FORMAT_EIGHT_BIT: i32 = 2;
export const FORMAT_SIXTEEN_BIT: i32 = 4;

export function activationFormat(kernel: i32): i32 {
  switch (kernel) {
    case KERNEL_F32:
    case KERNEL_F16:
      return FORMAT_FLOAT;
    case KERNEL_Q4_0:
    case KERNEL_Q4_1:
      return ASC_FEATURE_RELAXED_SIMD ? FORMAT_EIGHT_BIT : FORMAT_SIXTEEN_BIT;
    default:
      return FORMAT_SIXTEEN_BIT;
  }
}

/** Moves whole rows of a tensor (`rows` of them, as in the file, the first at a group's start) into groups. */
export function repackRows(kernel: i32, from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  switch (kernel) {
    case KERNEL_F32:
      return repackF32(from, rows, blocks, to, stride);
    case KERNEL_F16:
      return repackF16(from, rows, blocks, to, stride);
    case KERNEL_Q4_0:
      return repackQ4_0(from, rows, blocks, to, stride);
    case KERNEL_Q4_1:
      return repackQ4_1(from, rows, blocks, to, stride);
    case KERNEL_Q8_0:
      return repackQ8_0(from, rows, blocks, to, stride);
    default:
      unreachable();
  }
}

/** out[8 * groups] (+)= W x for one token. */
export function gemv(
  kernel: i32,
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  out: usize,
  add: bool,
  scale: f32,
): void {
  switch (kernel) {
    case KERNEL_F32:
      return gemvF32(data, stride, groups, blocks, activations, out, add, scale);
    case KERNEL_F16:
      return gemvF16(data, stride, groups, blocks, activations, out, add, scale);
    case KERNEL_Q4_0:
      return gemvQ4_0(data, stride, groups, blocks, activations, out, add, scale);
    case KERNEL_Q4_1:
      return gemvQ4_1(data, stride, groups, blocks, activations, out, add, scale);
    case KERNEL_Q8_0:
      return gemvQ8_0(data, stride, groups, blocks, activations, out, add, scale);
    default:
      unreachable();
  }
}

/** out[token][8] (+)= W x for `tiles` × 4 tokens and one group of 8 rows. */
export function gemm(
  kernel: i32,
  data: usize,
  blocks: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  switch (kernel) {
    case KERNEL_F32:
      return gemmFloat(false, data, blocks, activations, tiles * 4, out, outStride, add, scale);
    case KERNEL_F16:
      return gemmFloat(true, data, blocks, activations, tiles * 4, out, outStride, add, scale);
    case KERNEL_Q4_0:
      return gemmQ4_0(data, blocks, activations, tiles, out, outStride, add, scale);
    case KERNEL_Q4_1:
      return gemmQ4_1(data, blocks, activations, tiles, out, outStride, add, scale);
    case KERNEL_Q8_0:
      return gemmQ8_0(data, blocks, activations, tiles, out, outStride, add, scale);
    default:
      unreachable();
  }
}

/** One row as f32. */
export function dequantiseRow(kernel: i32, data: usize, stride: usize, blocks: i32, row: i32, out: usize): void {
  switch (kernel) {
    case KERNEL_F32:
      return rowF32(data, stride, blocks, row, out);
    case KERNEL_F16:
      return rowF16(data, stride, blocks, row, out);
    case KERNEL_Q4_0:
      return rowQ4_0(data, stride, blocks, row, out);
    case KERNEL_Q4_1:
      return rowQ4_1(data, stride, blocks, row, out);
    case KERNEL_Q8_0:
      return rowQ8_0(data, stride, blocks, row, out);
    default:
      unreachable();
  }
}
