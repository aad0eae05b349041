/**
 * Writes 8 results: plainly, or added to what is there (the residual stream) times `scale`.
 * Each output row belongs to one thread, so adding needs no atomics.
 */
// @ts-expect-error: decorator
@inline
export function storeRows(to: usize, rows: v128, add: bool, scale: f32): void {
  if (add) rows = f32x4.add(v128.load(to), f32x4.mul(rows, f32x4.splat(scale)));
  v128.store(to, rows);
}

/** The rows of one group, and of another where there is one. */
// @ts-expect-error: decorator
@inline
export function storeTwo(
  out: usize,
  outs: usize,
  isThere: bool,
  rows0: v128,
  rows4: v128,
  rows8: v128,
  rows12: v128,
  add: bool,
  scale: f32,
): void {
  storeRows(out, rows0, add, scale);
  storeRows(out + 16, rows4, add, scale);
  if (!isThere) return;
  storeRows(outs, rows8, add, scale);
  storeRows(outs + 16, rows12, add, scale);
}
