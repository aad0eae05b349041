import {
  SIGN_GROUPS,
  TILE_GROUPS,
  TYPE_BF16,
  TYPE_F16,
  TYPE_F32,
  TYPE_IQ4_NL,
  TYPE_IQ4_XS,
  TYPE_MXFP4,
  TYPE_Q1_0,
  TYPE_Q2_K,
  TYPE_Q3_K,
  TYPE_Q4_0,
  TYPE_Q4_1,
  TYPE_Q4_K,
  TYPE_Q5_0,
  TYPE_Q5_1,
  TYPE_Q5_K,
  TYPE_Q6_K,
  TYPE_Q8_0,
  TYPE_TQ1_0,
  TYPE_TQ2_0,
} from '../../plan-fields';
import { hasPair } from '../rows';
import { twoOfQ5_0, twoOfQ5_1 } from './affine';
import { rowAffine } from './affine-rows';
import { gemmAffine } from './affine-tiles';
import { repackFiveBit, repackQ5_K } from './five-bit';
import { BRAIN16, FLOAT16, FLOAT32, gemmFloat, repackF32, repackHalves, rowFloat, twoOfFloats } from './floats';
import { repackQ4_0, repackQ4_1, repackQ4_K, twoOfQ4_0, twoOfQ4_1 } from './four-bit';
import { gemmTable, repackIQ4_XS, repackTable, rowTable, twoOfIQ4_NL, twoOfMXFP4 } from './nibble-table';
import { gemmQ1_0, pairOfQ1_0, repackQ1_0, rowQ1_0, twoOfQ1_0 } from './one-bit';
import { pairOfFourBit, pairOfQ8_0 } from './pair';
import { BYTES, FLOAT4, gemmPlanes, IQ4, pairOfBytes, twoOfBytes, twoOfFloat4, twoOfIQ4 } from './planes';
import { gemmQ8_0, repackQ8_0, rowQ8_0, twoOfQ8_0 } from './q8_0';
import { twoOfSubScaled } from './sub-scaled';
import { repackQ2_K, repackQ3_K, repackQ6_K, repackTQ1_0, repackTQ2_0, rowSubScaled } from './sub-scaled-rows';
import { gemmSubScaled } from './sub-scaled-tiles';

/**
 * The kernel table. Every block type is repacked from the form it has in a file into that of a kernel, which is its own or
 * that of a type with the same arithmetic (../../kernel-types.ts says which). A new kernel is a file with repack, gemv,
 * gemm and row, and one line in each switch here.
 */

/** Activation formats, as bits, so that one phase can prepare what its weights need. */
export const FORMAT_FLOAT: i32 = 1;
export const FORMAT_EIGHT_BIT: i32 = 2;
export const FORMAT_SIXTEEN_BIT: i32 = 4;
export const FORMAT_TABLE: i32 = 8;

export function activationFormat(kernel: i32): i32 {
  switch (kernel) {
    case TYPE_F32:
    case TYPE_F16:
    case TYPE_BF16:
      return FORMAT_FLOAT;
    case TYPE_Q4_0:
    case TYPE_Q4_1:
    case TYPE_Q5_0:
    case TYPE_Q5_1:
    case TYPE_Q2_K:
    case TYPE_Q3_K:
    case TYPE_Q6_K:
      return ASC_FEATURE_RELAXED_SIMD ? FORMAT_EIGHT_BIT : FORMAT_SIXTEEN_BIT;
    case TYPE_Q1_0:
      return FORMAT_TABLE;
    default:
      return FORMAT_SIXTEEN_BIT;
  }
}

/** Moves whole rows of a tensor (`rows` of them, as in the file, the first at a group's start) into groups. */
export function repackRows(type: i32, from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  switch (type) {
    case TYPE_F32:
      return repackF32(from, rows, blocks, to, stride);
    case TYPE_F16:
      return repackHalves(from, rows, blocks, to, stride);
    case TYPE_BF16:
      return repackHalves(from, rows, blocks, to, stride);
    case TYPE_Q4_0:
      return repackQ4_0(from, rows, blocks, to, stride);
    case TYPE_Q4_1:
      return repackQ4_1(from, rows, blocks, to, stride);
    case TYPE_Q5_0:
      return repackFiveBit(false, from, rows, blocks, to, stride);
    case TYPE_Q5_1:
      return repackFiveBit(true, from, rows, blocks, to, stride);
    case TYPE_Q8_0:
      return repackQ8_0(from, rows, blocks, to, stride);
    case TYPE_Q1_0:
      return repackQ1_0(from, rows, blocks, to, stride);
    case TYPE_Q2_K:
      return repackQ2_K(from, rows, blocks, to, stride);
    case TYPE_Q3_K:
      return repackQ3_K(from, rows, blocks, to, stride);
    case TYPE_Q4_K:
      return repackQ4_K(from, rows, blocks, to, stride);
    case TYPE_Q5_K:
      return repackQ5_K(from, rows, blocks, to, stride);
    case TYPE_Q6_K:
      return repackQ6_K(from, rows, blocks, to, stride);
    case TYPE_IQ4_NL:
      return repackTable(false, from, rows, blocks, to, stride);
    case TYPE_IQ4_XS:
      return repackIQ4_XS(from, rows, blocks, to, stride);
    case TYPE_MXFP4:
      return repackTable(true, from, rows, blocks, to, stride);
    case TYPE_TQ1_0:
      return repackTQ1_0(from, rows, blocks, to, stride);
    case TYPE_TQ2_0:
      return repackTQ2_0(from, rows, blocks, to, stride);
    default:
      unreachable();
  }
}

/**
 * One token: out[8 a group] (+)= W x. Groups of the first half meet groups of the second: weights come from memory, and two
 * streams that go on and on bring them half as fast again as one (docs/decisions/0005).
 */
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
  const half = (groups + 1) >> 1;
  const second = <usize>half * stride;
  const outs = out + <usize>half * 32;
  for (let g = 0; g < half; ++g) {
    const at = <usize>g * 32;
    const isThere = g + half < groups;
    twoGroups(kernel, data, isThere ? second : 0, blocks, activations, out + at, outs + at, add, scale);
    data += stride;
  }
}

/** One token against the group at `w` and the one `second` bytes behind it, of which `outs` is the place; 0: there is none. */
function twoGroups(
  kernel: i32,
  w: usize,
  second: usize,
  blocks: i32,
  a: usize,
  out: usize,
  outs: usize,
  add: bool,
  scale: f32,
): void {
  switch (kernel) {
    case TYPE_F32:
      return twoOfFloats(FLOAT32, w, second, blocks, a, out, outs, add, scale);
    case TYPE_F16:
      return twoOfFloats(FLOAT16, w, second, blocks, a, out, outs, add, scale);
    case TYPE_BF16:
      return twoOfFloats(BRAIN16, w, second, blocks, a, out, outs, add, scale);
    case TYPE_Q4_0:
      return twoOfQ4_0(w, second, blocks, a, out, outs, add, scale);
    case TYPE_Q4_1:
      return twoOfQ4_1(w, second, blocks, a, out, outs, add, scale);
    case TYPE_Q5_0:
      return twoOfQ5_0(w, second, blocks, a, out, outs, add, scale);
    case TYPE_Q5_1:
      return twoOfQ5_1(w, second, blocks, a, out, outs, add, scale);
    case TYPE_Q8_0:
      if (FUSED_DOT) return twoOfBytes(w, second, blocks, a, out, outs, add, scale);
      return twoOfQ8_0(w, second, blocks, a, out, outs, add, scale);
    case TYPE_Q1_0:
      return twoOfQ1_0(w, second, blocks, a, out, outs, add, scale);
    case TYPE_Q2_K:
      return twoOfSubScaled(2, w, second, blocks, a, out, outs, add, scale);
    case TYPE_Q3_K:
      return twoOfSubScaled(4, w, second, blocks, a, out, outs, add, scale);
    case TYPE_Q6_K:
      return twoOfSubScaled(6, w, second, blocks, a, out, outs, add, scale);
    case TYPE_IQ4_NL:
      if (FUSED_DOT) return twoOfIQ4(w, second, blocks, a, out, outs, add, scale);
      return twoOfIQ4_NL(w, second, blocks, a, out, outs, add, scale);
    case TYPE_MXFP4:
      if (FUSED_DOT) return twoOfFloat4(w, second, blocks, a, out, outs, add, scale);
      return twoOfMXFP4(w, second, blocks, a, out, outs, add, scale);
    default:
      unreachable();
  }
}

/** Groups that a kernel for several tokens wants at once. */
export function groupsAtOnce(kernel: i32): i32 {
  switch (kernel) {
    case TYPE_Q1_0:
      return SIGN_GROUPS;
    case TYPE_Q4_0:
    case TYPE_Q4_1:
    case TYPE_Q5_0:
    case TYPE_Q5_1:
      return ASC_FEATURE_RELAXED_SIMD ? TILE_GROUPS : 1;
    default:
      return 1;
  }
}

/** out[token][8 * groups] (+)= W x for `tiles` × 4 tokens. */
export function gemm(
  kernel: i32,
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  if (hasPair() && gemmOfPair(kernel, data, stride, groups, blocks, activations, out, outStride, add, scale)) return;
  switch (kernel) {
    case TYPE_Q1_0:
      return gemmQ1_0(data, stride, groups, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_Q4_0:
      return gemmAffine(4, false, data, stride, groups, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_Q4_1:
      return gemmAffine(4, true, data, stride, groups, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_Q5_0:
      return gemmAffine(5, false, data, stride, groups, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_Q5_1:
      return gemmAffine(5, true, data, stride, groups, blocks, activations, tiles, out, outStride, add, scale);
  }
  for (let g = 0; g < groups; ++g) {
    gemmOfGroup(kernel, data, blocks, activations, tiles, out, outStride, add, scale);
    data += stride;
    out += 32;
  }
}

/** Two tokens, where a kernel has a form for them; false where it computes a tile of four. */
function gemmOfPair(
  kernel: i32,
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): bool {
  if (kernel == TYPE_Q1_0) {
    pairOfQ1_0(data, stride, groups, blocks, activations, out, outStride, add, scale);
    return true;
  }
  const isFourBit = kernel == TYPE_Q4_0 || kernel == TYPE_Q4_1;
  if (kernel != TYPE_Q8_0 && !(ASC_FEATURE_RELAXED_SIMD && isFourBit)) return false;
  for (let g = 0; g < groups; ++g) {
    if (FUSED_DOT && kernel == TYPE_Q8_0) pairOfBytes(data, blocks, activations, out, outStride, add, scale);
    else if (kernel == TYPE_Q8_0) pairOfQ8_0(data, blocks, activations, out, outStride, add, scale);
    if (ASC_FEATURE_RELAXED_SIMD) {
      if (kernel == TYPE_Q4_0) pairOfFourBit(false, data, blocks, activations, out, outStride, add, scale);
      if (kernel == TYPE_Q4_1) pairOfFourBit(true, data, blocks, activations, out, outStride, add, scale);
    }
    data += stride;
    out += 32;
  }
  return true;
}

function gemmOfGroup(
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
    case TYPE_F32:
      return gemmFloat(FLOAT32, data, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_F16:
      return gemmFloat(FLOAT16, data, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_BF16:
      return gemmFloat(BRAIN16, data, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_Q8_0:
      if (FUSED_DOT) return gemmPlanes(BYTES, data, blocks, activations, tiles, out, outStride, add, scale);
      return gemmQ8_0(data, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_Q2_K:
      return gemmSubScaled(2, data, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_Q3_K:
      return gemmSubScaled(4, data, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_Q6_K:
      return gemmSubScaled(6, data, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_IQ4_NL:
      if (FUSED_DOT) return gemmPlanes(IQ4, data, blocks, activations, tiles, out, outStride, add, scale);
      return gemmTable(false, data, blocks, activations, tiles, out, outStride, add, scale);
    case TYPE_MXFP4:
      if (FUSED_DOT) return gemmPlanes(FLOAT4, data, blocks, activations, tiles, out, outStride, add, scale);
      return gemmTable(true, data, blocks, activations, tiles, out, outStride, add, scale);
    default:
      unreachable();
  }
}

/** One row as f32. */
export function dequantiseRow(kernel: i32, data: usize, stride: usize, blocks: i32, row: i32, out: usize): void {
  switch (kernel) {
    case TYPE_F32:
      return rowFloat(FLOAT32, data, stride, blocks, row, out);
    case TYPE_F16:
      return rowFloat(FLOAT16, data, stride, blocks, row, out);
    case TYPE_BF16:
      return rowFloat(BRAIN16, data, stride, blocks, row, out);
    case TYPE_Q4_0:
      return rowAffine(4, false, data, stride, blocks, row, out);
    case TYPE_Q4_1:
      return rowAffine(4, true, data, stride, blocks, row, out);
    case TYPE_Q5_0:
      return rowAffine(5, false, data, stride, blocks, row, out);
    case TYPE_Q5_1:
      return rowAffine(5, true, data, stride, blocks, row, out);
    case TYPE_Q8_0:
      return rowQ8_0(data, stride, blocks, row, out);
    case TYPE_Q1_0:
      return rowQ1_0(data, stride, blocks, row, out);
    case TYPE_Q2_K:
      return rowSubScaled(2, data, stride, blocks, row, out);
    case TYPE_Q3_K:
      return rowSubScaled(4, data, stride, blocks, row, out);
    case TYPE_Q6_K:
      return rowSubScaled(6, data, stride, blocks, row, out);
    case TYPE_IQ4_NL:
      return rowTable(false, data, stride, blocks, row, out);
    case TYPE_MXFP4:
      return rowTable(true, data, stride, blocks, row, out);
    default:
      unreachable();
  }
}
