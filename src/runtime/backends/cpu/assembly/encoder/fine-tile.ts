import { FINE_BLOCK_BYTES, FINE_RECORD_BYTES, RECORD_TOKENS, WEIGHT_BYTES } from '../../encoder-fields';
import { clear, multiplyAdd } from '../math';

/**
 * Products with activations of 14 bits: x = step * u, one step a token, u held in 16 bits, or with fused dots in two planes of 7
 * (planesTile in tile.ts), which make the same sums. Without relaxed SIMD all are of 16 bits, which is the fastest there.
 */

/** Bytes of the records of four tokens: integers block by block, then their steps. */
// @ts-expect-error: decorator
@inline
export function fineTileBytes(blocks: i32): usize {
  return <usize>blocks * FINE_RECORD_BYTES + RECORD_TOKENS * 4;
}

/** A group's weights in 16 bits: 16 steps of (rows 0–3, rows 4–7) × 2 values, 8 d. */
export function widen(w: usize, blocks: i32, to: usize): void {
  for (let b = 0; b < blocks; ++b) {
    for (let quad: usize = 0; quad < 256; quad += 16) {
      const x = v128.load(w + quad);
      const low = i16x8.extend_low_i8x16_s(x);
      const high = i16x8.extend_high_i8x16_s(x);
      // Of each step of 4 values the first two, then the other two.
      const at = to + (quad & ~31) * 2 + (quad & 16);
      v128.store(at, i32x4.shuffle(low, high, 0, 2, 4, 6));
      v128.store(at, i32x4.shuffle(low, high, 1, 3, 5, 7), 32);
    }
    v128.store(to, v128.load(w, 256), 512);
    v128.store(to, v128.load(w, 272), 528);
    w += WEIGHT_BYTES;
    to += FINE_BLOCK_BYTES;
  }
}

/** Four tokens × eight rows: out[token][8]. */
export function fineTile(w: usize, a: usize, blocks: i32, out: usize): void {
  clear(out, 128);
  for (let b = 0; b < blocks; ++b) {
    let l0 = i32x4.splat(0);
    let l1 = l0;
    let l2 = l0;
    let l3 = l0;
    let h0 = l0;
    let h1 = l0;
    let h2 = l0;
    let h3 = l0;
    for (let step: usize = 0; step < 16; ++step) {
      const low = v128.load(w + step * 32);
      const high = v128.load(w + step * 32, 16);
      const y = a + step * 4;
      let x = v128.load32_splat(y);
      l0 = i32x4.add(l0, i32x4.dot_i16x8_s(low, x));
      h0 = i32x4.add(h0, i32x4.dot_i16x8_s(high, x));
      x = v128.load32_splat(y, 64);
      l1 = i32x4.add(l1, i32x4.dot_i16x8_s(low, x));
      h1 = i32x4.add(h1, i32x4.dot_i16x8_s(high, x));
      x = v128.load32_splat(y, 128);
      l2 = i32x4.add(l2, i32x4.dot_i16x8_s(low, x));
      h2 = i32x4.add(h2, i32x4.dot_i16x8_s(high, x));
      x = v128.load32_splat(y, 192);
      l3 = i32x4.add(l3, i32x4.dot_i16x8_s(low, x));
      h3 = i32x4.add(h3, i32x4.dot_i16x8_s(high, x));
    }
    addFine(w + 512, out, l0, h0, l1, h1, l2, h2, l3, h3);
    a += FINE_RECORD_BYTES;
    w += FINE_BLOCK_BYTES;
  }
  timesSteps(out, a);
}

/** The end of a fine tile, which stands after all blocks: four tokens' sums times their steps. */
// @ts-expect-error: decorator
@inline
export function timesSteps(out: usize, steps: usize): void {
  for (let t: usize = 0; t < 4; ++t) {
    const scale = v128.load32_splat(steps + t * 4);
    v128.store(out + t * 32, f32x4.mul(v128.load(out + t * 32), scale));
    v128.store(out + t * 32, f32x4.mul(v128.load(out + t * 32, 16), scale), 16);
  }
}

/** Adds a block's sums of four tokens, times the eight scales of its weights, to their floats. */
// @ts-expect-error: decorator
@inline
export function addFine(
  scales: usize,
  out: usize,
  l0: v128,
  h0: v128,
  l1: v128,
  h1: v128,
  l2: v128,
  h2: v128,
  l3: v128,
  h3: v128,
): void {
  const d = v128.load(scales);
  addScaled(out, l0, d);
  addScaled(out + 32, l1, d);
  addScaled(out + 64, l2, d);
  addScaled(out + 96, l3, d);
  const e = v128.load(scales, 16);
  addScaled(out + 16, h0, e);
  addScaled(out + 48, h1, e);
  addScaled(out + 80, h2, e);
  addScaled(out + 112, h3, e);
}

// @ts-expect-error: decorator
@inline
function addScaled(to: usize, sum: v128, d: v128): void {
  v128.store(to, multiplyAdd(f32x4.convert_i32x4_s(sum), d, v128.load(to)));
}
