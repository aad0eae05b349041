import type { ExpertSettings } from '../../protocol/index.ts';
import type { RowFeatures } from './features.ts';

/** Weights of one label after the other: dense part, buckets, bias. */
export interface LinearHead {
  readonly labels: number;
  readonly dense: number;
  readonly buckets: number;
  readonly weights: Float32Array;
}

export interface FitOptions {
  readonly regularisation: number;
  /** One weight a label. */
  readonly classWeights: readonly number[];
}

const MOST_ITERATIONS = 300;
/** The gradient is small enough when another step would change no answer. */
const TOLERANCE = 1e-4;

/** What a row of each label counts for: the same, or as much less as its label is more frequent. */
export function classWeightsOf(
  targets: readonly number[],
  labels: number,
  { classWeights }: Pick<ExpertSettings, 'classWeights'>,
): number[] {
  const counts = new Array<number>(labels).fill(0);
  for (const target of targets) counts[target] = (counts[target] ?? 0) + 1;
  return counts.map((count) => (classWeights === 'none' || count === 0 ? 1 : targets.length / (labels * count)));
}

export function stride(head: { readonly dense: number; readonly buckets: number }): number {
  return head.dense + head.buckets + 1;
}

/**
 * Multinomial logistic regression by accelerated gradient descent (Nesterov 1983, with restarts): convex, so that the same rows in any
 * run give the same head. The step follows from the length of the rows; nothing is tuned.
 *
 * @param targets The label of each row, by index.
 */
export function fitHead(
  rows: readonly RowFeatures[],
  targets: readonly number[],
  shape: { readonly labels: number; readonly dense: number; readonly buckets: number },
  { regularisation, classWeights }: FitOptions,
): LinearHead {
  const size = stride(shape);
  const weights = new Float32Array(shape.labels * size);
  const before = new Float32Array(weights.length);
  const ahead = new Float32Array(weights.length);
  const gradient = new Float32Array(weights.length);
  const total = targets.reduce((sum, target) => sum + (classWeights[target] ?? 1), 0);
  const shares = targets.map((target) => (classWeights[target] ?? 1) / total);
  const flat = flatten(rows, shape.dense);
  // Rows are at most this long, squared (vector 1, pieces of words 1, approval and bias the rest); softmax curves at most half as fast.
  const step = 1 / (0.5 * 3.1 + regularisation);
  let momentum = 1;
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    slopes(flat, targets, shares, shape, ahead, gradient);
    let largest = 0;
    let turn = 0;
    const next = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const carry = (momentum - 1) / next;
    for (let at = 0; at < weights.length; at++) {
      const isBias = at % size === size - 1;
      const slope = (gradient[at] ?? 0) + (isBias ? 0 : regularisation * (ahead[at] ?? 0));
      largest = Math.max(largest, Math.abs(slope));
      before[at] = weights[at] ?? 0;
      weights[at] = (ahead[at] ?? 0) - step * slope;
      const moved = (weights[at] ?? 0) - (before[at] ?? 0);
      turn += slope * moved;
      ahead[at] = (weights[at] ?? 0) + carry * moved;
    }
    if (largest < TOLERANCE) break;
    // Momentum that leads uphill is dropped.
    momentum = turn > 0 ? 1 : next;
    if (turn > 0) ahead.set(weights);
  }
  return { ...shape, weights };
}

/** Rows one after the other: an engine walks through them without looking anything up. */
interface FlatRows {
  readonly dense: Float64Array;
  /** Where the buckets of each row begin, and behind the last one where they end. */
  readonly starts: Int32Array;
  readonly buckets: Int32Array;
  readonly values: Float64Array;
}

function flatten(rows: readonly RowFeatures[], width: number): FlatRows {
  const starts = new Int32Array(rows.length + 1);
  for (const [index, { buckets }] of rows.entries()) starts[index + 1] = (starts[index] ?? 0) + buckets.length;
  const count = starts[rows.length] ?? 0;
  const flat = {
    dense: new Float64Array(rows.length * width),
    starts,
    buckets: new Int32Array(count),
    values: new Float64Array(count),
  };
  for (const [index, row] of rows.entries()) {
    flat.dense.set(row.dense, index * width);
    flat.buckets.set(row.buckets, starts[index] ?? 0);
    flat.values.set(row.values, starts[index] ?? 0);
  }
  return flat;
}

/**
 * The gradient of the loss at `ahead`, into `gradient`. This is where training spends its time: one loop over plain arrays, no call and no object
 * a row. Each sum is rounded where `scoresOf` and single precision round it, in the same order, so that a head stays the same to the last bit.
 */
function slopes(
  { dense, starts, buckets, values }: FlatRows,
  targets: readonly number[],
  shares: readonly number[],
  shape: { readonly labels: number; readonly dense: number; readonly buckets: number },
  ahead: Float32Array,
  gradient: Float32Array,
): void {
  const { labels, dense: width } = shape;
  const size = stride(shape);
  const weights = Float64Array.from(ahead);
  const scores = new Float32Array(labels);
  const powers = new Float32Array(labels);
  gradient.fill(0);
  for (let row = 0; row < targets.length; row++) {
    const from = row * width;
    const first = starts[row]!;
    const end = starts[row + 1]!;
    let highest = Number.NEGATIVE_INFINITY;
    for (let label = 0; label < labels; label++) {
      const start = label * size;
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      let at = 0;
      for (; at + 4 <= width; at += 4) {
        a += weights[start + at]! * dense[from + at]!;
        b += weights[start + at + 1]! * dense[from + at + 1]!;
        c += weights[start + at + 2]! * dense[from + at + 2]!;
        d += weights[start + at + 3]! * dense[from + at + 3]!;
      }
      for (; at < width; at++) a += weights[start + at]! * dense[from + at]!;
      let sum = weights[start + size - 1]! + (a + b + (c + d));
      for (let place = first; place < end; place++) sum += weights[start + width + buckets[place]!]! * values[place]!;
      scores[label] = sum;
      if (scores[label]! > highest) highest = scores[label]!;
    }
    let mass = 0;
    for (let label = 0; label < labels; label++) {
      powers[label] = Math.exp(scores[label]! - highest);
      mass += powers[label]!;
    }
    for (let label = 0; label < labels; label++) {
      powers[label] = powers[label]! / mass;
      const error = (powers[label]! - (label === targets[row] ? 1 : 0)) * shares[row]!;
      const start = label * size;
      for (let at = 0; at < width; at++) gradient[start + at] = gradient[start + at]! + error * dense[from + at]!;
      for (let place = first; place < end; place++) {
        const bucket = start + width + buckets[place]!;
        gradient[bucket] = gradient[bucket]! + error * values[place]!;
      }
      gradient[start + size - 1] = gradient[start + size - 1]! + error;
    }
  }
}

/** One score a label, before they become probabilities. */
export function scoresOf({ labels, dense, buckets, weights }: LinearHead, row: RowFeatures): Float32Array {
  const size = dense + buckets + 1;
  const scores = new Float32Array(labels);
  for (let label = 0; label < labels; label++) {
    const start = label * size;
    let sum = weights[start + size - 1] ?? 0;
    sum += dotAt(weights, start, row.dense, dense);
    for (let at = 0; at < row.buckets.length; at++) {
      sum += (weights[start + dense + (row.buckets[at] ?? 0)] ?? 0) * (row.values[at] ?? 0);
    }
    scores[label] = sum;
  }
  return scores;
}

/** Four sums at once: one alone would wait for itself at every step. */
function dotAt(weights: Float32Array, start: number, row: Float32Array, length: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    a += (weights[start + at] ?? 0) * (row[at] ?? 0);
    b += (weights[start + at + 1] ?? 0) * (row[at + 1] ?? 0);
    c += (weights[start + at + 2] ?? 0) * (row[at + 2] ?? 0);
    d += (weights[start + at + 3] ?? 0) * (row[at + 3] ?? 0);
  }
  for (; at < length; at++) a += (weights[start + at] ?? 0) * (row[at] ?? 0);
  return a + b + (c + d);
}

export function softmax(scores: Float32Array, temperature = 1): Float32Array {
  const highest = scores.reduce((best, score) => Math.max(best, score), Number.NEGATIVE_INFINITY);
  const powers = scores.map((score) => Math.exp((score - highest) / temperature));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
