import {
  EPSILON,
  HIDDEN,
  LAYER_DOWN_MATRIX,
  LAYER_EXPERT_NORM,
  LAYER_EXPERTS,
  LAYER_EXPERTS_USED,
  LAYER_FEED_FORWARD,
  LAYER_FEED_FORWARD_NORM,
  LAYER_FEED_FORWARD_NORM_BIAS,
  LAYER_GATE_MATRIX,
  LAYER_ROUTER_MATRIX,
  LAYER_SHARED_GATE,
  LAYER_UP_MATRIX,
  MATRIX_DATA,
  NORM,
  RESIDUAL_SCALE,
  ROUTED,
  SCRATCH_CHOICE,
  SCRATCH_NORMALISED,
} from '../plan-fields';
import { addChosen, addDown, choose, exp, gateChosen, gatedOf } from './expert-choice';
import { norm } from './kernels/elementwise';
import { multiplyShare } from './matrix';
import { feedNormedExperts } from './normed-experts';
import { activateShare, own, prepareOwn, scratch } from './own-scratch';
import { field, scaleField } from './plan';
import { barrier } from './synchronise';

/**
 * The feed-forward block of one token where a router chooses it among experts: x += scale * Σ weight * expert(norm x).
 * Routing is shared out, the choice made by every thread for itself; then the chosen are run one after the other, each
 * shared out over all threads. Ends with a barrier.
 */
export function feedExperts(layer: usize, x: usize, thread: i32): void {
  if (load<usize>(layer + LAYER_EXPERT_NORM) != 0) {
    feedNormedExperts(layer, x, thread);
    return;
  }
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
  gateChosen(layer, choice, normalised, thread);
  const shared = gatedOf(layer, used);
  if (hasShared) activateShare(layer, layer + LAYER_GATE_MATRIX, layer + LAYER_UP_MATRIX, normalised, shared, thread);
  barrier();
  const scale = scaleField(RESIDUAL_SCALE);
  addChosen(layer, choice, x, scale, thread);
  if (hasShared) {
    addDown(layer + LAYER_DOWN_MATRIX, shared, load<i32>(layer + LAYER_FEED_FORWARD), x, scale * sharedWeight, thread);
  }
  barrier();
}

/** sigmoid(gate · x), or 1 where the shared block has no gate. */
function gateOfShared(layer: usize, x: usize, hidden: i32): f32 {
  const gate = load<usize>(layer + LAYER_SHARED_GATE);
  if (gate == 0) return 1;
  let sum: f32 = 0;
  for (let i: usize = 0; i < <usize>hidden * 4; i += 4) sum += load<f32>(gate + i) * load<f32>(x + i);
  return 1 / (1 + exp(-sum));
}
