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

/** Floats of `tokens` tokens and eight rows into their places, times `factor`. */
// @ts-expect-error: decorator
@inline
export function storeTokens(from: usize, tokens: i32, out: usize, outStride: usize, add: bool, scale: f32, factor: f32 = 1): void {
  for (let t = 0; t < tokens; ++t) {
    const low = v128.load(from);
    const high = v128.load(from, 16);
    storeRows(out, factor == 1 ? low : f32x4.mul(low, f32x4.splat(factor)), add, scale);
    storeRows(out + 16, factor == 1 ? high : f32x4.mul(high, f32x4.splat(factor)), add, scale);
    from += 32;
    out += outStride;
  }
}
