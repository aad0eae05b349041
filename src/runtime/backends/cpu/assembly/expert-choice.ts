import {
  EXPERT_BYTES,
  EXPERT_DOWN_MATRIX,
  EXPERT_GATE_MATRIX,
  EXPERT_UP_MATRIX,
  GATED,
  LAYER_EXPERT_GROUPS,
  LAYER_EXPERT_GROUPS_USED,
  LAYER_EXPERT_NORMALISED,
  LAYER_EXPERT_SCALE,
  LAYER_EXPERT_SCALES,
  LAYER_EXPERT_SIGMOID,
  LAYER_EXPERT_TABLE,
  LAYER_EXPERT_WIDTH,
  LAYER_EXPERTS_USED,
  LAYER_SELECTION_BIAS,
  ROUTED,
} from '../plan-fields';
import { exponential } from './math';
import { multiplyShare } from './matrix';
import { activateShare, own, prepareFor } from './own-scratch';
import { field } from './plan';

/** Record of the matrices of the i-th that was chosen. */
// @ts-expect-error: decorator
@inline
function expertOf(layer: usize, choice: usize, i: i32): usize {
  return load<usize>(layer + LAYER_EXPERT_TABLE) + <usize>load<i32>(choice + <usize>i * 8) * EXPERT_BYTES;
}

// @ts-expect-error: decorator
@inline
export function exp(x: f32): f32 {
  return f32x4.extract_lane(exponential(f32x4.splat(x)), 0);
}

/** The likeliest experts, of equals the first, with their weights: `choice` [used] of (i32, f32). */
export function choose(layer: usize, experts: i32, used: i32, probabilities: usize, choice: usize): void {
  const routed: usize = field(ROUTED);
  const isSigmoid = load<i32>(layer + LAYER_EXPERT_SIGMOID) != 0;
  let greatest: f32 = -f32.MAX_VALUE;
  for (let e: usize = 0; e < <usize>experts; ++e) greatest = max(greatest, load<f32>(routed + e * 4));
  let total: f32 = 0;
  for (let e: usize = 0; e < <usize>experts; ++e) {
    const value = load<f32>(routed + e * 4);
    const p: f32 = isSigmoid ? 1 / (1 + exp(-value)) : exp(value - greatest);
    store<f32>(probabilities + e * 4, p);
    total += p;
  }
  const bias = load<usize>(layer + LAYER_SELECTION_BIAS);
  if (load<i32>(layer + LAYER_EXPERT_GROUPS) != 0) keepGroups(layer, experts, isSigmoid ? 1 : total, probabilities, choice);
  let sum: f32 = 0;
  for (let i: usize = 0; i < <usize>used; ++i) {
    let best = 0;
    let most: f32 = -f32.MAX_VALUE;
    for (let e = 0; e < experts; ++e) {
      const p = load<f32>(probabilities + <usize>e * 4);
      // Chosen before, see below, or in a group that is left out.
      if (p < 0) continue;
      // A bias adds to probabilities, not to what is yet to be divided by their sum.
      const score: f32 = bias == 0 ? p : (isSigmoid ? p : p / total) + load<f32>(bias + <usize>e * 4);
      if (score > most) {
        most = score;
        best = e;
      }
    }
    const place = probabilities + <usize>best * 4;
    const p: f32 = isSigmoid ? load<f32>(place) : load<f32>(place) / total;
    sum += p;
    store<i32>(choice + i * 8, best);
    store<f32>(choice + i * 8, p, 4);
    store<f32>(place, -1);
  }
  const isNormalised = load<i32>(layer + LAYER_EXPERT_NORMALISED) != 0;
  // The least sum is what llama.cpp clamps it to.
  const factor = load<f32>(layer + LAYER_EXPERT_SCALE) / (isNormalised ? max<f32>(sum, 6.103515625e-5) : 1);
  const scales = load<usize>(layer + LAYER_EXPERT_SCALES);
  for (let i: usize = 0; i < <usize>used; ++i) {
    const own: f32 = scales == 0 ? 1 : load<f32>(scales + <usize>load<i32>(choice + i * 8) * 4);
    store<f32>(choice + i * 8, load<f32>(choice + i * 8, 4) * factor * own, 4);
  }
}

/** Leaves out experts of all groups but those whose two best are best together; `scores`: room for one a group. */
function keepGroups(layer: usize, experts: i32, total: f32, probabilities: usize, scores: usize): void {
  const groups = load<i32>(layer + LAYER_EXPERT_GROUPS);
  const size = experts / groups;
  const bias = load<usize>(layer + LAYER_SELECTION_BIAS);
  for (let g = 0; g < groups; ++g) {
    let first = -f32.MAX_VALUE;
    let second = -f32.MAX_VALUE;
    for (let e = <usize>(g * size); e < <usize>((g + 1) * size); ++e) {
      const score = load<f32>(probabilities + e * 4) / total + (bias == 0 ? 0 : load<f32>(bias + e * 4));
      second = max(second, min(first, score));
      first = max(first, score);
    }
    store<f32>(scores + <usize>g * 4, first + second);
  }
  const used = load<i32>(layer + LAYER_EXPERT_GROUPS_USED);
  for (let g = 0; g < groups; ++g) {
    const own = load<f32>(scores + <usize>g * 4);
    let better = 0;
    for (let other = 0; other < groups; ++other) {
      const score = load<f32>(scores + <usize>other * 4);
      if (score > own || (score == own && other < g)) ++better;
    }
    if (better < used) continue;
    for (let e = <usize>(g * size); e < <usize>((g + 1) * size); ++e) store<f32>(probabilities + e * 4, -1);
  }
}

/** Where what the i-th that was chosen has gated lies; behind the last one's, that of a block beside them. */
// @ts-expect-error: decorator
@inline
export function gatedOf(layer: usize, i: i32): usize {
  return <usize>field(GATED) + <usize>(i * load<i32>(layer + LAYER_EXPERT_WIDTH)) * 4;
}

/** Thread's share of what the chosen experts gate of x, which it has prepared in all formats. */
export function gateChosen(layer: usize, choice: usize, x: usize, thread: i32): void {
  const used = load<i32>(layer + LAYER_EXPERTS_USED);
  for (let i = 0; i < used; ++i) {
    const expert = expertOf(layer, choice, i);
    activateShare(layer, expert + EXPERT_GATE_MATRIX, expert + EXPERT_UP_MATRIX, x, gatedOf(layer, i), thread);
  }
}

/** Adds thread's share of what the chosen experts give, each times its weight and `scale`. */
export function addChosen(layer: usize, choice: usize, out: usize, scale: f32, thread: i32): void {
  const used = load<i32>(layer + LAYER_EXPERTS_USED);
  const width = load<i32>(layer + LAYER_EXPERT_WIDTH);
  for (let i = 0; i < used; ++i) {
    const weight = load<f32>(choice + <usize>i * 8, 4);
    addDown(expertOf(layer, choice, i) + EXPERT_DOWN_MATRIX, gatedOf(layer, i), width, out, scale * weight, thread);
  }
}

/** Adds thread's share of a block's output matrix times what it gated. */
export function addDown(down: usize, gated: usize, width: i32, out: usize, scale: f32, thread: i32): void {
  prepareFor(down, thread, gated, width >> 5);
  multiplyShare(down, thread, own(thread, down, gated), gated, out, true, scale);
}
