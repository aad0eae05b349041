import {
  ACTIVATION_CLAMPED,
  ACTIVATION_GELU,
  ACTIVATION_RELU,
  ACTIVATION_RELU_SQUARED,
  NORM_LAYER,
} from '../../plan-fields';
import { exponential, hyperbolicTangent, multiplyAdd, sumLanes } from '../math';

/** Mean of the squares of `size` values (a multiple of 8). */
// @ts-expect-error: decorator
@inline
export function meanSquare(x: usize, size: i32): f32 {
  const bytes = <usize>size * 4;
  let squares0 = f32x4.splat(0);
  let squares1 = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = v128.load(x + i);
    const b = v128.load(x + i, 16);
    squares0 = f32x4.add(squares0, f32x4.mul(a, a));
    squares1 = f32x4.add(squares1, f32x4.mul(b, b));
  }
  return sumLanes(f32x4.add(squares0, squares1)) / <f32>size;
}

/** out = x / sqrt(mean(x²) + epsilon) * weight * scale, over `size` values (a multiple of 4). */
export function rmsNorm(x: usize, weight: usize, size: i32, epsilon: f32, scale: f32, out: usize): void {
  const bytes = <usize>size * 4;
  const factor = f32x4.splat(scale / sqrt<f32>(meanSquare(x, size) + epsilon));
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, f32x4.mul(f32x4.mul(v128.load(x + i), factor), v128.load(weight + i)));
  }
}

/** out = (x - mean(x)) / sqrt(variance(x) + epsilon) * weight * scale, over `size` values (a multiple of 8). */
export function layerNorm(x: usize, weight: usize, size: i32, epsilon: f32, scale: f32, out: usize): void {
  const bytes = <usize>size * 4;
  let sums0 = f32x4.splat(0);
  let sums1 = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    sums0 = f32x4.add(sums0, v128.load(x + i));
    sums1 = f32x4.add(sums1, v128.load(x + i, 16));
  }
  const mean = f32x4.splat(sumLanes(f32x4.add(sums0, sums1)) / <f32>size);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, f32x4.sub(v128.load(x + i), mean));
  rmsNorm(out, weight, size, epsilon, scale, out);
}

/** The model's kind of norm, then its bias; without a weight a copy. */
export function norm(
  kind: i32,
  x: usize,
  weight: usize,
  bias: usize,
  size: i32,
  epsilon: f32,
  out: usize,
): void {
  if (weight == 0) {
    memory.copy(out, x, <usize>size * 4);
    return;
  }
  if (kind == NORM_LAYER) layerNorm(x, weight, size, epsilon, 1, out);
  else rmsNorm(x, weight, size, epsilon, 1, out);
  if (bias != 0) addRow(out, bias, size, 1);
}

/** x += scale * y */
export function addRow(x: usize, y: usize, size: i32, scale: f32): void {
  const factor = f32x4.splat(scale);
  for (let i: usize = 0; i < <usize>size * 4; i += 16) {
    v128.store(x + i, f32x4.add(v128.load(x + i), f32x4.mul(v128.load(y + i), factor)));
  }
}

/** x = cap * tanh(x / cap) */
export function softCap(x: usize, size: i32, cap: f32): void {
  const caps = f32x4.splat(cap);
  for (let i: usize = 0; i < <usize>size * 4; i += 16) {
    v128.store(x + i, f32x4.mul(caps, hyperbolicTangent(f32x4.div(v128.load(x + i), caps))));
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
    if (bytes & 31) {
      turnOneByOne(x, bytes, table, interleaved);
    } else if (interleaved) {
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

/** The same for heads of which few dimensions turn, where pairs fill no vectors. */
function turnOneByOne(x: usize, bytes: usize, table: usize, interleaved: bool): void {
  const partner: usize = interleaved ? 4 : bytes >> 1;
  const step: usize = interleaved ? 8 : 4;
  const end = interleaved ? bytes : bytes >> 1;
  for (let i: usize = 0; i < end; i += step) {
    const a = load<f32>(x + i);
    const b = load<f32>(x + i + partner);
    const sine = load<f32>(table + bytes + i + partner);
    store<f32>(x + i, a * load<f32>(table + i) - b * sine);
    store<f32>(x + i + partner, b * load<f32>(table + i) + a * sine);
  }
}

/** silu(g) = g / (1 + e^-g); gelu by its tanh form, 0.5 g (1 + tanh u), which is g / (1 + e^-2u). */
// @ts-expect-error: decorator
@inline
function activate(kind: i32, g: v128): v128 {
  if (kind == ACTIVATION_RELU) return f32x4.pmax(f32x4.splat(0), g);
  if (kind == ACTIVATION_RELU_SQUARED) {
    const positive = f32x4.pmax(f32x4.splat(0), g);
    return f32x4.mul(positive, positive);
  }
  if (kind == ACTIVATION_CLAMPED) g = f32x4.pmin(f32x4.splat(7), g);
  let exponent = kind == ACTIVATION_CLAMPED ? f32x4.mul(g, f32x4.splat(-1.702)) : f32x4.neg(g);
  if (kind == ACTIVATION_GELU) {
    // 2 sqrt(2 / pi) g (1 + 0.044715 g²)
    const cubic = f32x4.add(f32x4.splat(1.5957691), f32x4.mul(f32x4.splat(0.071354814), f32x4.mul(g, g)));
    exponent = f32x4.mul(exponent, cubic);
  }
  return f32x4.div(g, f32x4.add(f32x4.splat(1), exponential(exponent)));
}

/** What an activation of the gate multiplies. */
// @ts-expect-error: decorator
@inline
function lifted(kind: i32, up: v128): v128 {
  if (kind != ACTIVATION_CLAMPED) return up;
  const within = f32x4.pmax(f32x4.splat(-7), f32x4.pmin(f32x4.splat(7), up));
  return f32x4.add(within, f32x4.splat(1));
}

/** out[0..7] = activation(gate) * up; without a gate (0) activation(up). */
// @ts-expect-error: decorator
@inline
export function activateTimes(kind: i32, gate: usize, up: usize, out: usize): void {
  for (let i: usize = 0; i < 32; i += 16) {
    if (gate == 0) v128.store(out + i, activate(kind, v128.load(up + i)));
    else v128.store(out + i, f32x4.mul(activate(kind, v128.load(gate + i)), lifted(kind, v128.load(up + i))));
  }
}

/** The sum of products of two rows, as long as they may be. */
export function dot(x: usize, y: usize, bytes: usize): f32 {
  let sums = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) sums = multiplyAdd(v128.load(x + i), v128.load(y + i), sums);
  let sum = sumLanes(sums);
  for (; i < bytes; i += 4) sum += load<f32>(x + i) * load<f32>(y + i);
  return sum;
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
