import { exponential, sumLanes } from '../math';

/** out = x / sqrt(mean(x²) + epsilon) * weight * scale, over `size` values (a multiple of 4). */
export function rmsNorm(x: usize, weight: usize, size: i32, epsilon: f32, scale: f32, out: usize): void {
  const bytes = <usize>size * 4;
  let squares0 = f32x4.splat(0);
  let squares1 = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = v128.load(x + i);
    const b = v128.load(x + i, 16);
    squares0 = f32x4.add(squares0, f32x4.mul(a, a));
    squares1 = f32x4.add(squares1, f32x4.mul(b, b));
  }
  const mean = sumLanes(f32x4.add(squares0, squares1)) / <f32>size;
  const factor = f32x4.splat(scale / sqrt<f32>(mean + epsilon));
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, f32x4.mul(f32x4.mul(v128.load(x + i), factor), v128.load(weight + i)));
  }
}

/**
 * Turns `heads` heads in place. `table` holds `dimensions` cosines, then `dimensions` sines whose sign is already that of
 * the formula out[i] = x[i] * cos[i] + x[partner(i)] * sin[i]; dimensions past `dimensions` of a head stay as they are.
 */
export function rope(x: usize, heads: i32, headSize: i32, dimensions: i32, table: usize, interleaved: bool): void {
  const bytes = <usize>dimensions * 4;
  const half = bytes >> 1;
  for (let h = 0; h < heads; ++h) {
    if (interleaved) {
      for (let i: usize = 0; i < bytes; i += 16) {
        const v = v128.load(x + i);
        const partner = i32x4.shuffle(v, v, 1, 0, 3, 2);
        const turned = f32x4.mul(partner, v128.load(table + bytes + i));
        v128.store(x + i, f32x4.add(f32x4.mul(v, v128.load(table + i)), turned));
      }
    } else {
      for (let i: usize = 0; i < half; i += 16) {
        const a = v128.load(x + i);
        const b = v128.load(x + half + i);
        const sines = table + bytes + i;
        v128.store(x + i, f32x4.add(f32x4.mul(a, v128.load(table + i)), f32x4.mul(b, v128.load(sines))));
        const second = f32x4.mul(b, v128.load(table + half + i));
        v128.store(x + half + i, f32x4.add(second, f32x4.mul(a, v128.load(sines + half))));
      }
    }
    x += <usize>headSize * 4;
  }
}

/** out[0..7] = silu(gate) * up, silu(g) = g / (1 + e^-g). */
// @ts-expect-error: decorator
@inline
export function siluTimes(gate: usize, up: usize, out: usize): void {
  for (let i: usize = 0; i < 32; i += 16) {
    const g = v128.load(gate + i);
    const activated = f32x4.div(g, f32x4.add(f32x4.splat(1), exponential(f32x4.neg(g))));
    v128.store(out + i, f32x4.mul(activated, v128.load(up + i)));
  }
}

/** x *= factor */
export function scaleRow(x: usize, size: i32, factor: f32): void {
  for (let i: usize = 0; i < <usize>size * 4; i += 16) {
    v128.store(x + i, f32x4.mul(v128.load(x + i), f32x4.splat(factor)));
  }
}

/** True if every value is finite: x - x is 0 for those, NaN for the others, and NaN survives every sum. */
export function allFinite(x: usize, size: i32): bool {
  let zero = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>size * 4; i += 16) {
    const v = v128.load(x + i);
    zero = f32x4.add(zero, f32x4.sub(v, v));
  }
  return sumLanes(zero) == 0;
}
