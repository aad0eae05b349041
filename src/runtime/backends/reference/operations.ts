import type { Activation } from '../../architectures/index.ts';

/** Each step of a decoder, written for reading: plain loops in double precision, nothing fused. */

/** Rounds half to even, as the vector instruction does. */
function nearest(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value - Math.trunc(value)) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Blocks of `blockLength` values as integers up to `levels` (127 or 32,767) times one scale each; returns what they stand for. */
export function quantiseActivations(x: ArrayLike<number>, levels: number, blockLength: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += blockLength) {
    let peak = 0;
    for (let i = start; i < start + blockLength; i++) peak = Math.max(peak, Math.abs(x[i]!));
    if (peak === 0) continue;
    // In f32 like the kernels: a value near the middle of two integers must fall the same way.
    const inverse = Math.fround(levels / peak);
    for (let i = start; i < start + blockLength; i++) {
      out[i] = (nearest(Math.fround(Math.fround(x[i]!) * inverse)) * peak) / levels;
    }
  }
  return out;
}

/**
 * The Hadamard transform of blocks as long as the greatest power of two that divides `size`, scaled so that it is its own inverse:
 * entry (i, j) is negative where i & j has an odd number of bits.
 */
export function hadamard(x: ArrayLike<number>, size: number): Float64Array {
  const span = size & -size;
  const isOdd = (bits: number): boolean => bits !== 0 && !isOdd(bits & (bits - 1));
  return Float64Array.from(x, (_, at) => {
    const start = at - (at % span);
    let sum = 0;
    for (let j = 0; j < span; j++) sum += isOdd((at - start) & j) ? -x[start + j]! : x[start + j]!;
    return sum / Math.sqrt(span);
  });
}

/**
 * The int8 activations of the 4-bit kernels: blocks of 32 with one step, whose halves of 16 stretch it by an integer up
 * to 128. Every operation rounds to f32 as the kernel's does.
 */
export function quantiseEightBit(x: ArrayLike<number>): Float64Array {
  const { fround } = Math;
  const peakOf = (from: number) => Math.max(...Array.from({ length: 16 }, (_, i) => Math.abs(fround(x[from + i]!))));
  const out = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += 16) {
    const block = start - (start % 32);
    const peak = Math.max(peakOf(block), peakOf(block + 16));
    if (peak === 0) continue;
    const step = fround(peak / (127 * 128));
    const factor = Math.max(1, Math.ceil(fround(fround(peakOf(start) / peak) * 128)));
    const inverse = fround(1 / fround(step * factor));
    for (let i = start; i < start + 16; i++) out[i] = nearest(fround(fround(x[i]!) * inverse)) * step * factor;
  }
  return out;
}

/** out[row] = Σ weights[row][column] * x[column] */
export function matrixVector(weights: ArrayLike<number>, x: ArrayLike<number>, rows: number): Float64Array {
  const columns = x.length;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += weights[row * columns + c]! * x[c]!;
    return sum;
  });
}

/** x / sqrt(mean(x²) + epsilon) * weight */
export function rmsNorm(x: ArrayLike<number>, weight: ArrayLike<number>, epsilon: number): Float64Array {
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += x[i]! ** 2;
  const factor = 1 / Math.sqrt(squares / x.length + epsilon);
  return Float64Array.from({ length: x.length }, (_, i) => x[i]! * factor * weight[i]!);
}

/** (x - mean(x)) / sqrt(variance(x) + epsilon) * weight */
export function layerNorm(x: ArrayLike<number>, weight: ArrayLike<number>, epsilon: number): Float64Array {
  const mean = Array.from(x).reduce((sum, value) => sum + value, 0) / x.length;
  return rmsNorm(
    Array.from(x, (value) => value - mean),
    weight,
    epsilon,
  );
}

/** Turns one head: pair p by `angles[p]`, and stretches it by `magnitude`; values past the pairs stay. */
export function rope(
  x: ArrayLike<number>,
  angles: ArrayLike<number>,
  kind: 'interleaved' | 'halves',
  magnitude = 1,
): Float64Array {
  const out = Float64Array.from(x);
  for (let pair = 0; pair < angles.length; pair++) {
    const first = kind === 'interleaved' ? 2 * pair : pair;
    const second = kind === 'interleaved' ? first + 1 : first + angles.length;
    const [cosine, sine] = [magnitude * Math.cos(angles[pair]!), magnitude * Math.sin(angles[pair]!)];
    out[first] = x[first]! * cosine - x[second]! * sine;
    out[second] = x[first]! * sine + x[second]! * cosine;
  }
  return out;
}

/**
 * softmax(scale * query · keys) · values over `positions` rows of `query.length` values; `sink` is one more score, without a value.
 * `rounded` is given the weights, the greatest of them and of the sink 1, and says which of them values are multiplied with.
 */
export function attention(
  query: ArrayLike<number>,
  keys: ArrayLike<number>,
  values: ArrayLike<number>,
  positions: number,
  scale: number,
  cap?: number,
  sink = Number.NEGATIVE_INFINITY,
  rounded: (weights: readonly number[]) => readonly number[] = (weights) => weights,
): Float64Array {
  const size = query.length;
  const products = matrixVector(Array.from(keys).slice(0, positions * size), query, positions);
  const scores = Array.from(products, (s) => softCap(s * scale, cap));
  const greatest = scores.reduce((most, score) => Math.max(most, score), sink);
  const weights = scores.map((score) => Math.exp(score - greatest));
  const total = weights.reduce((sum, weight) => sum + weight, Math.exp(sink - greatest));
  const out = new Float64Array(size);
  const factors = rounded(weights);
  for (let p = 0; p < positions; p++) {
    for (let d = 0; d < size; d++) out[d]! += (factors[p]! / total) * values[p * size + d]!;
  }
  return out;
}

/** g / (1 + e^-g) */
export function silu(g: number): number {
  return g / (1 + Math.exp(-g));
}

/** cap * tanh(x / cap), or x itself without a cap. */
export function softCap(x: number, cap: number | undefined): number {
  return cap === undefined ? x : cap * Math.tanh(x / cap);
}

/** activation(gate) * up, or what counts as up. */
export function activateTimes(activation: Activation, gate: number, up: number): number {
  return activate(activation, gate) * (activation === 'clamped' ? Math.min(7, Math.max(-7, up)) + 1 : up);
}

/** The activations by their names in a spec. */
export function activate(activation: Activation, x: number): number {
  switch (activation) {
    case 'silu':
      return silu(x);
    case 'gelu':
      return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * x * (1 + 0.044715 * x * x)));
    case 'relu':
      return Math.max(0, x);
    case 'clamped':
      return Math.min(7, x) / (1 + Math.exp(-1.702 * Math.min(7, x)));
    default:
      return Math.max(0, x) ** 2;
  }
}
