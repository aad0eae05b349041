import {
  EPSILON,
  EXPERT_BYTES,
  EXPERT_DOWN_MATRIX,
  EXPERT_GATE_MATRIX,
  EXPERT_UP_MATRIX,
  GATED,
  HIDDEN,
  LAYER_DOWN_MATRIX,
  LAYER_EXPERT_NORMALISED,
  LAYER_EXPERT_SCALE,
  LAYER_EXPERT_SIGMOID,
  LAYER_EXPERT_TABLE,
  LAYER_EXPERT_WIDTH,
  LAYER_EXPERTS,
  LAYER_EXPERTS_USED,
  LAYER_FEED_FORWARD,
  LAYER_FEED_FORWARD_NORM,
  LAYER_FEED_FORWARD_NORM_BIAS,
  LAYER_GATE_MATRIX,
  LAYER_ROUTER_MATRIX,
  LAYER_SELECTION_BIAS,
  LAYER_SHARED_GATE,
  LAYER_UP_MATRIX,
  MATRIX_DATA,
  NORM,
  RESIDUAL_SCALE,
  ROUTED,
  SCRATCH_CHOICE,
  SCRATCH_NORMALISED,
} from '../plan-fields';
import { norm } from './kernels/elementwise';
import { exponential } from './math';
import { multiplyShare } from './matrix';
import { activateShare, own, prepareFor, prepareOwn, scratch } from './own-scratch';
import { field, scaleField } from './plan';
import { barrier } from './synchronise';

/**
 * The feed-forward block of one token where a router chooses it among experts: x += scale * Σ weight * expert(norm x).
 * Routing is shared out, the choice made by every thread for itself; then the chosen are run one after the other, each
 * shared out over all threads. Ends with a barrier.
 */
export function feedExperts(layer: usize, x: usize, thread: i32): void {
  const hidden = field(HIDDEN);
  const normalised = scratch(thread, SCRATCH_NORMALISED);
  const weight = load<usize>(layer + LAYER_FEED_FORWARD_NORM);
  norm(field(NORM), x, weight, load<usize>(layer + LAYER_FEED_FORWARD_NORM_BIAS), hidden, scaleField(EPSILON), normalised);
  const router = layer + LAYER_ROUTER_MATRIX;
  prepareOwn(thread, -1, normalised, hidden >> 5);
  multiplyShare(router, thread, own(thread, router, normalised), normalised, field(ROUTED), false, 1);
  barrier();
  const experts = load<i32>(layer + LAYER_EXPERTS);
  const used = load<i32>(layer + LAYER_EXPERTS_USED);
  const choice = scratch(thread, SCRATCH_CHOICE) + <usize>experts * 4;
  choose(layer, experts, used, scratch(thread, SCRATCH_CHOICE), choice);
  const hasShared = load<usize>(layer + LAYER_UP_MATRIX + MATRIX_DATA) != 0;
  const sharedWeight = hasShared ? gateOfShared(layer, normalised, hidden) : 0;
  const width = load<i32>(layer + LAYER_EXPERT_WIDTH);
  for (let i = 0; i < used; ++i) {
    const expert = expertOf(layer, choice, i);
    const out = <usize>field(GATED) + <usize>(i * width) * 4;
    activateShare(layer, expert + EXPERT_GATE_MATRIX, expert + EXPERT_UP_MATRIX, normalised, out, thread);
  }
  const shared = <usize>field(GATED) + <usize>(used * width) * 4;
  if (hasShared) activateShare(layer, layer + LAYER_GATE_MATRIX, layer + LAYER_UP_MATRIX, normalised, shared, thread);
  barrier();
  const scale = scaleField(RESIDUAL_SCALE);
  for (let i = 0; i < used; ++i) {
    const down = expertOf(layer, choice, i) + EXPERT_DOWN_MATRIX;
    const gated = <usize>field(GATED) + <usize>(i * width) * 4;
    prepareFor(down, thread, gated, width >> 5);
    multiplyShare(down, thread, own(thread, down, gated), gated, x, true, scale * load<f32>(choice + <usize>i * 8, 4));
  }
  if (hasShared) {
    const down = layer + LAYER_DOWN_MATRIX;
    prepareFor(down, thread, shared, load<i32>(layer + LAYER_FEED_FORWARD) >> 5);
    multiplyShare(down, thread, own(thread, down, shared), shared, x, true, scale * sharedWeight);
  }
  barrier();
}

// @ts-expect-error: decorator
@inline
function expertOf(layer: usize, choice: usize, i: i32): usize {
  return load<usize>(layer + LAYER_EXPERT_TABLE) + <usize>load<i32>(choice + <usize>i * 8) * EXPERT_BYTES;
}

// @ts-expect-error: decorator
@inline
function exp(x: f32): f32 {
  return f32x4.extract_lane(exponential(f32x4.splat(x)), 0);
}

/** The likeliest experts, of equals the first, with their weights: `choice` [used] of (i32, f32). */
function choose(layer: usize, experts: i32, used: i32, probabilities: usize, choice: usize): void {
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
  let sum: f32 = 0;
  for (let i: usize = 0; i < <usize>used; ++i) {
    let best = 0;
    let most: f32 = -f32.MAX_VALUE;
    for (let e = 0; e < experts; ++e) {
      const p = load<f32>(probabilities + <usize>e * 4);
      // Chosen before: see below.
      if (p < 0) continue;
      const score: f32 = bias == 0 ? p : p + load<f32>(bias + <usize>e * 4);
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
  for (let i: usize = 0; i < <usize>used; ++i) store<f32>(choice + i * 8, load<f32>(choice + i * 8, 4) * factor, 4);
}

/** sigmoid(gate · x), or 1 where the shared block has no gate. */
function gateOfShared(layer: usize, x: usize, hidden: i32): f32 {
  const gate = load<usize>(layer + LAYER_SHARED_GATE);
  if (gate == 0) return 1;
  let sum: f32 = 0;
  for (let i: usize = 0; i < <usize>hidden * 4; i += 4) sum += load<f32>(gate + i) * load<f32>(x + i);
  return 1 / (1 + exp(-sum));
}
