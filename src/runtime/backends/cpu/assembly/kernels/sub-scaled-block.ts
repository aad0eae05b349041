/**
 * Weights with an int8 scale for every 16 values on top of one float a super-block of 256 values (Q6_K, Q3_K, Q2_K, and
 * the ternary types as Q2_K): w = d * scale * (q - middle), or with minima w = d * scale * q - dmin * minimum.
 *
 * 8 rows make a group, and a super-block of a group 8 blocks of 32 values: quants of rows 0-3, of rows 4-7 (see unpack.ts),
 * scales of the first 16 values of rows 0-7, of the last 16 values; with minima the same of minima. Behind the 8 blocks
 * stand 8 d and, with minima, 8 -dmin, f32: products of half floats and steps would fall among the slow subnormals.
 *
 * `bits` is a constant wherever it is passed: 6 (Q6_K), 4 (Q3_K, whose quants have three), 2 (with minima).
 */

// @ts-expect-error: decorator
@inline
export function hasMinima(bits: i32): bool {
  return bits == 2;
}

// @ts-expect-error: decorator
@inline
export function middle(bits: i32): i32 {
  return bits == 6 ? 32 : bits == 4 ? 4 : 0;
}

/** Where the scales stand in a block; minima follow 16 bytes later. */
// @ts-expect-error: decorator
@inline
export function scalesAt(bits: i32): usize {
  return <usize>bits * 32;
}

// @ts-expect-error: decorator
@inline
export function blockBytes(bits: i32): usize {
  return scalesAt(bits) + (hasMinima(bits) ? 32 : 16);
}

/** Where d stands in a super-block. */
// @ts-expect-error: decorator
@inline
export function floatsAt(bits: i32): usize {
  return 8 * blockBytes(bits);
}

// @ts-expect-error: decorator
@inline
export function superBytes(bits: i32): usize {
  return floatsAt(bits) + (hasMinima(bits) ? 64 : 32);
}

/** Of eight i16, one a row, those of rows 0-3 (4-7), each twice. */
// @ts-expect-error: decorator
@inline
export function twice(rows: v128, isHigh: bool): v128 {
  return isHigh ? i16x8.shuffle(rows, rows, 4, 4, 5, 5, 6, 6, 7, 7) : i16x8.shuffle(rows, rows, 0, 0, 1, 1, 2, 2, 3, 3);
}

/** Of eight i16, one a row, those of rows 0-3 (4-7) as f32. */
// @ts-expect-error: decorator
@inline
export function floats(rows: v128, isHigh: bool): v128 {
  return f32x4.convert_i32x4_s(isHigh ? i32x4.extend_high_i16x8_s(rows) : i32x4.extend_low_i16x8_s(rows));
}
