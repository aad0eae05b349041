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
