import {
  EPSILON,
  HIDDEN,
  JOB_COUNT,
  LAYER_ATTENTION_NORM,
  LAYER_ATTENTION_NORM_BIAS,
  MATRIX_BLOCKS,
  MATRIX_DATA,
  NORM,
  NORMALISED,
  RECURRENT_CHANNELS_MATRIX,
  RECURRENT_GATE_MATRIX,
  RECURRENT_GATE_OFFSET,
  RECURRENT_IN,
  RECURRENT_OUTPUT_MATRIX,
  RECURRENT_PARAMETERS_MATRIX,
  RECURRENT_PARAMETERS_OFFSET,
  RECURRENT_ROW_BYTES,
  RECURRENT_STEPS_MATRIX,
  RECURRENT_STEPS_OFFSET,
  RECURRENT_STRENGTHS_MATRIX,
  RECURRENT_STRENGTHS_OFFSET,
  X,
} from '../plan-fields';
import { lowerFor } from './adapters';
import { norm } from './kernels/elementwise';
import { formatOf, itemsOf, multiplyItem } from './matrix';
import { field, scaleField } from './plan';
import { addProjection, prepareToken, shared, tiles } from './prefill';
import { convolveChannels, gateAndNorm, recur } from './recurrent';
import { barrier, shareStart, takeItem } from './synchronise';

/** Where a state goes from token to token: the projections of a chunk, then the convolution over the channels. */
export function projectRecurrentChunk(layer: usize, record: usize, thread: i32): void {
  const channels = record + RECURRENT_CHANNELS_MATRIX;
  const gate = record + RECURRENT_GATE_MATRIX;
  const steps = record + RECURRENT_STEPS_MATRIX;
  const strengths = record + RECURRENT_STRENGTHS_MATRIX;
  const formats = formatOf(channels) | formatOf(gate) | formatOrNone(steps) | formatOrNone(strengths);
  const count = field(JOB_COUNT);
  const hidden = field(HIDDEN);
  const weight = load<usize>(layer + LAYER_ATTENTION_NORM);
  const bias = load<usize>(layer + LAYER_ATTENTION_NORM_BIAS);
  const end = <usize>shareStart(count, thread + 1);
  for (let t = <usize>shareStart(count, thread); t < end; ++t) {
    const row = t * <usize>hidden * 4;
    const normalised = <usize>field(NORMALISED) + row;
    norm(field(NORM), <usize>field(X) + row, weight, bias, hidden, scaleField(EPSILON), normalised);
    prepareToken(t, normalised, hidden >> 5, formats);
    // Without a matrix there are no adapters on it.
    lowerFor(channels, normalised, <i32>t);
    lowerFor(gate, normalised, <i32>t);
    lowerFor(steps, normalised, <i32>t);
    lowerFor(strengths, normalised, <i32>t);
  }
  barrier();
  projectGroups(channels, record, 0);
  projectGroups(gate, record, load<usize>(record + RECURRENT_GATE_OFFSET));
  projectGroups(steps, record, load<usize>(record + RECURRENT_STEPS_OFFSET));
  projectGroups(strengths, record, load<usize>(record + RECURRENT_STRENGTHS_OFFSET));
  convolveChannels(record, thread);
  const parameters = record + RECURRENT_PARAMETERS_MATRIX;
  if (load<usize>(parameters + MATRIX_DATA) == 0) return;
  barrier();
  prepareChannels(parameters, record, thread);
  barrier();
  projectGroups(parameters, record, load<usize>(record + RECURRENT_PARAMETERS_OFFSET));
}

// @ts-expect-error: decorator
@inline
function formatOrNone(matrix: usize): i32 {
  return load<usize>(matrix + MATRIX_DATA) == 0 ? 0 : formatOf(matrix);
}

/** What the parameters are read from: the convolved channels. */
function prepareChannels(parameters: usize, record: usize, thread: i32): void {
  const blocks = load<i32>(parameters + MATRIX_BLOCKS);
  const count = field(JOB_COUNT);
  const end = shareStart(count, thread + 1);
  for (let t = shareStart(count, thread); t < end; ++t) {
    const row = <usize>field(NORMALISED) + (<usize>t * <usize>blocks) * 128;
    memory.copy(row, <usize>field(RECURRENT_IN) + <usize>t * load<usize>(record + RECURRENT_ROW_BYTES), <usize>blocks * 128);
    prepareToken(t, row, blocks, formatOf(parameters));
    lowerFor(parameters, row, t);
  }
}

/** A part of the projections, and a barrier; nothing where there is no such matrix. */
function projectGroups(matrix: usize, record: usize, offset: usize): void {
  if (load<usize>(matrix + MATRIX_DATA) == 0) return;
  const items = itemsOf(matrix);
  const activations = shared(matrix, field(NORMALISED));
  const stride = load<usize>(record + RECURRENT_ROW_BYTES);
  for (let item = takeItem(); item < items; item = takeItem()) {
    multiplyItem(matrix, item, activations, tiles(), <usize>field(RECURRENT_IN) + offset, stride, false, 1);
  }
  barrier();
}

/** Its state, then its output. */
export function mixRecurrentChunk(record: usize, thread: i32): void {
  barrier();
  recur(record, thread);
  barrier();
  const output = record + RECURRENT_OUTPUT_MATRIX;
  const blocks = load<i32>(output + MATRIX_BLOCKS);
  const count = field(JOB_COUNT);
  const end = shareStart(count, thread + 1);
  for (let t = shareStart(count, thread); t < end; ++t) {
    const row = <usize>field(NORMALISED) + (<usize>t * <usize>blocks) * 128;
    gateAndNorm(record, t, row);
    prepareToken(t, row, blocks, formatOf(output));
    lowerFor(output, row, t);
  }
  barrier();
  addProjection(output, field(NORMALISED), 0, thread);
}
