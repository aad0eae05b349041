import { RECORD_BYTES, WEIGHT_BYTES } from '../../encoder-fields';
import { clear, multiplyAdd } from '../math';

/**
 * Products with 7-bit activations, in builds that have relaxed SIMD. An activation is least + step * u with u in 0..127, a step
 * and a least value a block of 32: the relaxed dot takes no more than 7 bits beside 8, and a range of its own for each block
 * costs half the error of one that is even around 0. So w · x = step * Σ d q u + least * Σ d q, whose second sum is kept
 * with the weights.
 */

// @ts-expect-error: decorator
@inline
export function tileBytes(blocks: i32): usize {
  return <usize>blocks * RECORD_BYTES;
}

// @ts-expect-error: decorator
@inline
function scaled(sum: v128, a: usize, token: usize, d: v128, sums: v128, total: v128): v128 {
  const steps = f32x4.mul(f32x4.convert_i32x4_s(sum), v128.load32_splat(a + 128 + token * 4));
  return multiplyAdd(steps, d, multiplyAdd(v128.load32_splat(a + 144 + token * 4), sums, total));
}

/** Four values of eight rows (`low`, `high`) against one token. */
// @ts-expect-error: decorator
@inline
function pairs(w: v128, a: v128): v128 {
  return i32x4.dot_i16x8_s(i16x8.relaxed_dot_i8x16_i7x16_s(w, a), i16x8.splat(1));
}

/** Four tokens × eight rows: out[token][8]. An activation is loaded once for eight rows; a block's sums stay in registers. */
export function tile(w: usize, a: usize, blocks: i32, out: usize): void {
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
    for (let step: usize = 0; step < 8; ++step) {
      const low = v128.load(w + step * 32);
      const high = v128.load(w + step * 32, 16);
      const y = a + step * 4;
      let x = v128.load32_splat(y);
      l0 = i32x4.add(l0, pairs(low, x));
      h0 = i32x4.add(h0, pairs(high, x));
      x = v128.load32_splat(y, 32);
      l1 = i32x4.add(l1, pairs(low, x));
      h1 = i32x4.add(h1, pairs(high, x));
      x = v128.load32_splat(y, 64);
      l2 = i32x4.add(l2, pairs(low, x));
      h2 = i32x4.add(h2, pairs(high, x));
      x = v128.load32_splat(y, 96);
      l3 = i32x4.add(l3, pairs(low, x));
      h3 = i32x4.add(h3, pairs(high, x));
    }
    let d = v128.load(w, 256);
    let sums = v128.load(w, 288);
    v128.store(out, scaled(l0, a, 0, d, sums, v128.load(out)));
    v128.store(out, scaled(l1, a, 1, d, sums, v128.load(out, 32)), 32);
    v128.store(out, scaled(l2, a, 2, d, sums, v128.load(out, 64)), 64);
    v128.store(out, scaled(l3, a, 3, d, sums, v128.load(out, 96)), 96);
    d = v128.load(w, 272);
    sums = v128.load(w, 304);
    v128.store(out, scaled(h0, a, 0, d, sums, v128.load(out, 16)), 16);
    v128.store(out, scaled(h1, a, 1, d, sums, v128.load(out, 48)), 48);
    v128.store(out, scaled(h2, a, 2, d, sums, v128.load(out, 80)), 80);
    v128.store(out, scaled(h3, a, 3, d, sums, v128.load(out, 112)), 112);
    a += RECORD_BYTES;
    w += WEIGHT_BYTES;
  }
}
