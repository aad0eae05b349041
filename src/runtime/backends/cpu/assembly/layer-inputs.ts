import {
  EPSILON,
  GATED,
  HIDDEN,
  JOB_COUNT,
  LAYER_INPUT_ACTIVATION,
  LAYER_INPUT_GATE_MATRIX,
  LAYER_INPUT_OUTPUT_MATRIX,
  LAYER_INPUT_SIZE,
  LAYER_INPUTS,
  LAYER_INPUTS_MATRIX,
  LAYER_INPUTS_NORM,
  LAYER_INPUTS_PROJECTED,
  LAYERS,
  MATRIX_GROUPS,
  NORM,
  PLAN,
  SCRATCH_ROWS,
  TILE_TOKENS,
  X,
} from '../plan-fields';
import { lowerFor } from './adapters';
import { activateTimes, addRow, norm, scaleRow } from './kernels/elementwise';
import { itemsOf, multiplyGroups, multiplyItem, multiplyShare, multiplyTiles } from './matrix';
import { own, prepareFor, scratch } from './own-scratch';
import { field, scaleField } from './plan';
import { prepareShare, shared, tiles } from './prefill';
import { barrier, shareStart, takeItem } from './synchronise';

/** What layers get of a token besides the residual stream; see LayerInputsSpec for the formulas. */

// @ts-expect-error: decorator
@inline
function layerInputsBytes(): usize {
  return <usize>(field(LAYERS) * field(LAYER_INPUT_SIZE)) * 4;
}

/** Those of token t of the chunk, of all layers one after the other. */
// @ts-expect-error: decorator
@inline
export function layerInputsOf(t: usize): usize {
  return <usize>field(LAYER_INPUTS) + t * layerInputsBytes();
}

/** Completes the inputs of one token, whose table row the driver has put there. Layers read them behind later barriers. */
export function projectLayerInputs(thread: i32): void {
  const matrix: usize = PLAN + LAYER_INPUTS_MATRIX;
  prepareFor(matrix, thread, field(X), field(HIDDEN) >> 5);
  multiplyShare(matrix, thread, own(thread, matrix, field(X)), field(X), field(LAYER_INPUTS_PROJECTED), false, 1);
  barrier();
  joinShare(1, thread);
}

/** The same for a chunk. */
export function projectLayerInputsChunk(thread: i32): void {
  const matrix: usize = PLAN + LAYER_INPUTS_MATRIX;
  prepareShare(field(X), field(HIDDEN), 0, matrix, thread);
  barrier();
  const items = itemsOf(matrix);
  const activations = shared(matrix, field(X));
  for (let item = takeItem(); item < items; item = takeItem()) {
    multiplyItem(matrix, item, activations, tiles(), field(LAYER_INPUTS_PROJECTED), layerInputsBytes(), false, 1);
  }
  barrier();
  joinShare(field(JOB_COUNT), thread);
}

/** Thread's share of the joining of table rows and projections, by token and layer. */
function joinShare(count: i32, thread: i32): void {
  const size = field(LAYER_INPUT_SIZE);
  const items = count * field(LAYERS);
  const end = <usize>shareStart(items, thread + 1);
  const ofProjection: f32 = 1 / sqrt<f32>(<f32>field(HIDDEN));
  const ofTable: f32 = sqrt<f32>(<f32>size);
  for (let i = <usize>shareStart(items, thread); i < end; ++i) {
    const projected = <usize>field(LAYER_INPUTS_PROJECTED) + i * <usize>size * 4;
    const input = <usize>field(LAYER_INPUTS) + i * <usize>size * 4;
    scaleRow(projected, size, ofProjection);
    norm(field(NORM), projected, field(LAYER_INPUTS_NORM), 0, size, scaleField(EPSILON), projected);
    addRow(projected, input, size, ofTable);
    memory.copy(input, projected, <usize>size * 4);
    scaleRow(input, size, 0.70710677);
  }
}

/** GATED = activation(gate x) * input, of token t of the chunk. Ends without a barrier. */
export function gateLayerInput(layer: usize, index: i32, t: i32, x: usize, thread: i32): void {
  const gate = layer + LAYER_INPUT_GATE_MATRIX;
  prepareFor(gate, thread, x, field(HIDDEN) >> 5);
  lowerFor(gate, x, thread);
  const activations = own(thread, gate, x);
  const groups = load<i32>(gate + MATRIX_GROUPS);
  const input = layerInputsOf(t) + <usize>(index * field(LAYER_INPUT_SIZE)) * 4;
  const rows = scratch(thread, SCRATCH_ROWS);
  const activation = load<i32>(layer + LAYER_INPUT_ACTIVATION);
  const first = shareStart(groups, thread);
  const count = shareStart(groups, thread + 1) - first;
  multiplyGroups(gate, first, count, activations, thread, rows);
  const at = <usize>first * 32;
  for (let i: usize = 0; i < <usize>count * 32; i += 32) {
    activateTimes(activation, rows + i, input + at + i, <usize>field(GATED) + at + i);
  }
}

/** The same for a chunk, prepared for the output that follows. Begins and ends with a barrier. */
export function gateLayerInputChunk(layer: usize, index: i32, thread: i32): void {
  const gate = layer + LAYER_INPUT_GATE_MATRIX;
  const size = field(LAYER_INPUT_SIZE);
  prepareShare(field(X), field(HIDDEN), 0, gate, thread);
  barrier();
  const groups = load<i32>(gate + MATRIX_GROUPS);
  const activations = shared(gate, field(X));
  const activation = load<i32>(layer + LAYER_INPUT_ACTIVATION);
  const rows = scratch(thread, SCRATCH_ROWS);
  const count = <usize>(tiles() * TILE_TOKENS);
  for (let g = takeItem(); g < groups; g = takeItem()) {
    multiplyTiles(gate, g, 1, activations, tiles(), rows, 32, false, 1);
    const at = <usize>g * 32;
    for (let t: usize = 0; t < count; ++t) {
      const input = layerInputsOf(t) + <usize>(index * size) * 4 + at;
      activateTimes(activation, rows + t * 32, input, <usize>field(GATED) + t * <usize>size * 4 + at);
    }
  }
  barrier();
  prepareShare(field(GATED), size, 0, layer + LAYER_INPUT_OUTPUT_MATRIX, thread);
  barrier();
}
