import {
  EPSILON,
  HIDDEN,
  LAYER_DOWN_MATRIX,
  LAYER_EXPERT_NORM,
  LAYER_EXPERT_POST_NORM,
  LAYER_EXPERTS,
  LAYER_EXPERTS_USED,
  LAYER_FEED_FORWARD,
  LAYER_FEED_FORWARD_NORM,
  LAYER_FEED_FORWARD_POST_NORM,
  LAYER_GATE_MATRIX,
  LAYER_INPUT_GATE_MATRIX,
  LAYER_ROUTER_MATRIX,
  LAYER_ROUTER_NORM,
  LAYER_SHARED_POST_NORM,
  LAYER_UP_MATRIX,
  MATRIX_DATA,
  NORM,
  NORMALISED,
  RESIDUAL_SCALE,
  ROUTED,
  SCRATCH_CHOICE,
  SCRATCH_EIGHT_BIT,
  SCRATCH_NORMALISED,
} from '../plan-fields';
import { addChosen, addDown, choose, gateChosen, gatedOf } from './expert-choice';
import { addRow, norm, scaleRow } from './kernels/elementwise';
import { outputScale } from './layer';
import { formatOf, multiplyShare } from './matrix';
import { activateShare, own, prepareFor, prepareOwn, scratch } from './own-scratch';
import { field, scaleField } from './plan';
import { barrier, shareStart } from './synchronise';

/**
 * As `feedExperts`, where router, experts and the shared block beside them have norms of their own:
 * x += norm(norm(Σ weight * expert(norm x)) + norm(shared(norm x))), then what scales the layer's output.
 */
export function feedNormedExperts(layer: usize, x: usize, thread: i32): void {
  const hidden = field(HIDDEN);
  const router = layer + LAYER_ROUTER_MATRIX;
  const routed = normed(layer + LAYER_ROUTER_NORM, x, SCRATCH_NORMALISED, thread);
  scaleRow(routed, hidden, 1 / sqrt<f32>(<f32>hidden));
  prepareFor(router, thread, routed, hidden >> 5);
  multiplyShare(router, thread, own(thread, router, routed), routed, field(ROUTED), false, 1);
  barrier();
  const experts = load<i32>(layer + LAYER_EXPERTS);
  const used = load<i32>(layer + LAYER_EXPERTS_USED);
  const choice = scratch(thread, SCRATCH_CHOICE) + <usize>experts * 4;
  choose(layer, experts, used, scratch(thread, SCRATCH_CHOICE), choice);
  const read = normed(layer + LAYER_EXPERT_NORM, x, SCRATCH_NORMALISED, thread);
  prepareOwn(thread, -1, read, hidden >> 5);
  gateChosen(layer, choice, read, thread);
  const gate = layer + LAYER_GATE_MATRIX;
  const up = layer + LAYER_UP_MATRIX;
  const readShared = normed(layer + LAYER_FEED_FORWARD_NORM, x, SCRATCH_NORMALISED, thread);
  prepareOwn(thread, formatOf(gate) | formatOf(up), readShared, hidden >> 5);
  activateShare(layer, gate, up, readShared, gatedOf(layer, used), thread);
  barrier();
  const gathered: usize = field(NORMALISED);
  const ofShared = gathered + <usize>hidden * 4;
  const first = <usize>shareStart(hidden >> 3, thread) * 32;
  const end = <usize>shareStart(hidden >> 3, thread + 1) * 32;
  memory.fill(gathered + first, 0, end - first);
  addChosen(layer, choice, gathered, 1, thread);
  memory.fill(ofShared + first, 0, end - first);
  addDown(layer + LAYER_DOWN_MATRIX, gatedOf(layer, used), load<i32>(layer + LAYER_FEED_FORWARD), ofShared, 1, thread);
  barrier();
  const joined = normed(layer + LAYER_EXPERT_POST_NORM, gathered, SCRATCH_NORMALISED, thread);
  // Nothing that was prepared is needed any more.
  addRow(joined, normed(layer + LAYER_SHARED_POST_NORM, ofShared, SCRATCH_EIGHT_BIT, thread), hidden, 1);
  const added = normed(layer + LAYER_FEED_FORWARD_POST_NORM, joined, SCRATCH_NORMALISED, thread);
  addRow(x + first, added + first, <i32>((end - first) >> 2), scaleField(RESIDUAL_SCALE));
  const isLast = load<usize>(layer + LAYER_INPUT_GATE_MATRIX + MATRIX_DATA) == 0;
  if (isLast) scaleRow(x + first, <i32>((end - first) >> 2), outputScale(layer));
  barrier();
}

/** The norm whose weights the field at `at` names, of x, in this thread's scratch. */
function normed(at: usize, x: usize, place: i32, thread: i32): usize {
  const out = scratch(thread, place);
  norm(field(NORM), x, load<usize>(at), 0, field(HIDDEN), scaleField(EPSILON), out);
  return out;
}
