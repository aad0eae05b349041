import type { LogitRows } from './decoder-backend.ts';

/** Rows of logits that were all computed at once: `all` is `[tokens × vocabulary]`. */
export function rowsOfAll(all: Float32Array, tokens: number): LogitRows {
  const size = all.length / tokens;
  return { at: (row) => all.subarray(row * size, (row + 1) * size) };
}
