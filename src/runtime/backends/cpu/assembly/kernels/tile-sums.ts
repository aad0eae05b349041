import { TILE_SUMS } from '../../plan-fields';
import { storeRows } from './store-rows';

/** Where sums of a tile wait that do not fit sixteen registers; the first-level cache makes that cheap. */

/** Globals belong to an instance, so each thread has its own. */
let sums: usize = TILE_SUMS;

export function keepTileSumsAt(address: usize): void {
  sums = address;
}

// @ts-expect-error: decorator
@inline
export function tileSums(): usize {
  return sums;
}

/** Floats of `tokens` tokens and eight rows into their places. */
// @ts-expect-error: decorator
@inline
export function storeTokens(from: usize, tokens: i32, out: usize, outStride: usize, add: bool, scale: f32): void {
  for (let t = 0; t < tokens; ++t) {
    storeRows(out, v128.load(from), add, scale);
    storeRows(out + 16, v128.load(from, 16), add, scale);
    from += 32;
    out += outStride;
  }
}
