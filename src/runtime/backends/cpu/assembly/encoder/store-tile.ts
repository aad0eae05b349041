import {
  ACTIVATION_GELU,
  ACTIVATION_NONE,
  ACTIVATION_SILU,
  MULTIPLY_ACTIVATION,
  MULTIPLY_ADDS,
  MULTIPLY_BIAS,
  MULTIPLY_GATE,
  MULTIPLY_GATE_BIAS,
} from '../../encoder-fields';
import { exponential, multiplyAdd } from '../math';

/** What becomes of a tile's sums: biases, activation, gate, and rows of the output. One function for each form. */

/** x Φ(x), Φ as its usual approximation (by a tangent) has it: 1/2 and an odd polynomial that is 1/2 at 4, where it is cut off. Wrong by 8e-5 at most. */
// @ts-expect-error: decorator
@inline
function gelu(x: v128): v128 {
  const t = f32x4.pmax(f32x4.pmin(x, f32x4.splat(4)), f32x4.splat(-4));
  const z = f32x4.mul(t, t);
  let p = multiplyAdd(z, f32x4.splat(-1.13634657e-9), f32x4.splat(9.56010311e-8));
  p = multiplyAdd(z, p, f32x4.splat(-3.49153834e-6));
  p = multiplyAdd(z, p, f32x4.splat(7.34815476e-5));
  p = multiplyAdd(z, p, f32x4.splat(-1.00276025e-3));
  p = multiplyAdd(z, p, f32x4.splat(9.50788893e-3));
  p = multiplyAdd(z, p, f32x4.splat(-6.58511594e-2));
  p = multiplyAdd(z, p, f32x4.splat(3.9847824e-1));
  return f32x4.mul(x, multiplyAdd(t, p, f32x4.splat(0.5)));
}

// @ts-expect-error: decorator
@inline
function activated(x: v128, kind: i32): v128 {
  if (kind == ACTIVATION_GELU) return gelu(x);
  if (kind == ACTIVATION_SILU) return f32x4.div(x, f32x4.add(f32x4.splat(1), exponential(f32x4.neg(x))));
  return x;
}

// @ts-expect-error: decorator
@inline
function biased(sums: usize, bias: usize): v128 {
  return bias ? f32x4.add(v128.load(sums), v128.load(bias)) : v128.load(sums);
}

// @ts-expect-error: decorator
@inline
function storeRows(kind: i32, isGated: bool, adds: bool, sums: usize, bias: usize, gateBias: usize, out: usize, width: usize): void {
  for (const end = sums + 128; sums < end; sums += 32) {
    let x = biased(sums, bias);
    let y = biased(sums + 16, bias ? bias + 16 : 0);
    if (isGated) {
      x = f32x4.mul(x, activated(biased(sums + 128, gateBias), kind));
      y = f32x4.mul(y, activated(biased(sums + 144, gateBias ? gateBias + 16 : 0), kind));
    } else {
      x = activated(x, kind);
      y = activated(y, kind);
    }
    v128.store(out, adds ? f32x4.add(v128.load(out), x) : x);
    v128.store(out, adds ? f32x4.add(v128.load(out, 16), y) : y, 16);
    out += width;
  }
}

function storeAsIs(sums: usize, bias: usize, out: usize, width: usize): void {
  storeRows(ACTIVATION_NONE, false, false, sums, bias, 0, out, width);
}

function storeAdding(sums: usize, bias: usize, out: usize, width: usize): void {
  storeRows(ACTIVATION_NONE, false, true, sums, bias, 0, out, width);
}

function storeGelu(sums: usize, bias: usize, out: usize, width: usize): void {
  storeRows(ACTIVATION_GELU, false, false, sums, bias, 0, out, width);
}

function storeSilu(sums: usize, bias: usize, out: usize, width: usize): void {
  storeRows(ACTIVATION_SILU, false, false, sums, bias, 0, out, width);
}

function storeGatedByGelu(sums: usize, bias: usize, gateBias: usize, out: usize, width: usize): void {
  storeRows(ACTIVATION_GELU, true, false, sums, bias, gateBias, out, width);
}

function storeGatedBySilu(sums: usize, bias: usize, gateBias: usize, out: usize, width: usize): void {
  storeRows(ACTIVATION_SILU, true, false, sums, bias, gateBias, out, width);
}

/**
 * `sums`: four tokens × eight rows, those of the gate 128 bytes further on. `at`: bytes of an output row before these rows;
 * `out`: where they go in the row of the first token. Only what has no activation is added.
 */
export function storeTile(step: usize, at: usize, sums: usize, out: usize, width: usize): void {
  const kind = load<i32>(step + MULTIPLY_ACTIVATION);
  const bias = biasOf(step + MULTIPLY_BIAS, at);
  if (load<usize>(step + MULTIPLY_GATE)) {
    const gateBias = biasOf(step + MULTIPLY_GATE_BIAS, at);
    if (kind == ACTIVATION_GELU) storeGatedByGelu(sums, bias, gateBias, out, width);
    else storeGatedBySilu(sums, bias, gateBias, out, width);
  } else if (kind == ACTIVATION_GELU) storeGelu(sums, bias, out, width);
  else if (kind == ACTIVATION_SILU) storeSilu(sums, bias, out, width);
  else if (load<i32>(step + MULTIPLY_ADDS)) storeAdding(sums, bias, out, width);
  else storeAsIs(sums, bias, out, width);
}

// @ts-expect-error: decorator
@inline
function biasOf(field: usize, at: usize): usize {
  const address = load<usize>(field);
  return address ? address + at : 0;
}
