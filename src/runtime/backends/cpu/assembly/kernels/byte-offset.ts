/**
 * Weights of eight bits are one bit too wide for the second operand of the fused dot: with its top bit set the result is left
 * open. Where FUSED_DOT builds run it is one of two, exact both: x86 takes such a byte as unsigned, ARM as signed (hasFusedDot in
 * ../../simd-support.ts asks). So bytes get an offset that makes them what the processor takes them for, in memory and in
 * tables, and what it adds to a product is taken off with the sum of the activations.
 *
 * 128 or 0: what is added to signed bytes, by flipping the top bit.
 */
export const BYTE_OFFSET: i32 = FUSED_DOT && isUnsigned() ? 128 : 0;

function isUnsigned(): bool {
  const products = i32x4.relaxed_dot_i8x16_i7x16_add_s(i8x16.splat(1), i8x16.splat(-1), i32x4.splat(0));
  return i32x4.extract_lane(products, 0) > 0;
}
