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
  const hasStrengths = load<usize>(strengths + MATRIX_DATA) != 0;
  const formats =
    formatOf(channels) | formatOf(gate) | formatOf(steps) | (hasStrengths ? formatOf(strengths) : 0);
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
    lowerFor(channels, normalised, <i32>t);
    lowerFor(gate, normalised, <i32>t);
    lowerFor(steps, normalised, <i32>t);
    if (hasStrengths) lowerFor(strengths, normalised, <i32>t);
  }
  barrier();
  projectGroups(channels, record, 0);
  barrier();
  projectGroups(gate, record, load<usize>(record + RECURRENT_GATE_OFFSET));
  barrier();
  projectGroups(steps, record, load<usize>(record + RECURRENT_STEPS_OFFSET));
  barrier();
  if (hasStrengths) {
    projectGroups(strengths, record, load<usize>(record + RECURRENT_STRENGTHS_OFFSET));
    barrier();
  }
  convolveChannels(record, thread);
}

function projectGroups(matrix: usize, record: usize, offset: usize): void {
  const items = itemsOf(matrix);
  const activations = shared(matrix, field(NORMALISED));
  const stride = load<usize>(record + RECURRENT_ROW_BYTES);
  for (let item = takeItem(); item < items; item = takeItem()) {
    multiplyItem(matrix, item, activations, tiles(), <usize>field(RECURRENT_IN) + offset, stride, false, 1);
  }
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
