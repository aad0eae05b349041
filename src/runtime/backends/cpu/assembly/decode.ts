import {
  ATTENTION,
  ATTENTION_SEGMENT,
  EPSILON,
  GATED,
  HIDDEN,
  LAYER_ATTENTION_INNER_NORM,
  LAYER_ATTENTION_NORM,
  LAYER_ATTENTION_NORM_BIAS,
  LAYER_ATTENTION_POST_NORM,
  LAYER_BYTES,
  LAYER_CUTOFF,
  LAYER_DOWN_MATRIX,
  LAYER_EXPERTS,
  LAYER_FEED_FORWARD_INNER_NORM,
  LAYER_FEED_FORWARD_NORM,
  LAYER_FEED_FORWARD_NORM_BIAS,
  LAYER_FEED_FORWARD_POST_NORM,
  LAYER_GATE_MATRIX,
  LAYER_HEAD_SIZE,
  LAYER_HEADS,
  LAYER_INPUT_GATE_MATRIX,
  LAYER_INPUT_OUTPUT_MATRIX,
  LAYER_INPUT_POST_NORM,
  LAYER_INPUT_SIZE,
  LAYER_KEY_MATRIX,
  LAYER_KV_HEADS,
  LAYER_MIXER,
  LAYER_OUTPUT_GATE_MATRIX,
  LAYER_OUTPUT_MATRIX,
  LAYER_QUERY_MATRIX,
  LAYER_RECURRENT,
  LAYER_SINKS,
  LAYER_TABLE,
  LAYER_UP_MATRIX,
  LAYER_VALUE_MATRIX,
  LAYERS,
  MATRIX_BLOCKS,
  MATRIX_DATA,
  MATRIX_GROUPS,
  MIXER_ATTENTION,
  MIXER_CONVOLUTION,
  NORM,
  NORMALISED,
  PARALLEL,
  PARTIAL,
  PARTIAL_STATS,
  QKV,
  RECURRENT_CHANNELS_MATRIX,
  RECURRENT_GATE_MATRIX,
  RECURRENT_GATE_OFFSET,
  RECURRENT_IN,
  RECURRENT_OUTPUT_MATRIX,
  RECURRENT_PARAMETERS_MATRIX,
  RECURRENT_PARAMETERS_OFFSET,
  RECURRENT_STEPS_MATRIX,
  RECURRENT_STEPS_OFFSET,
  RECURRENT_STRENGTHS_MATRIX,
  RECURRENT_STRENGTHS_OFFSET,
  RESIDUAL_SCALE,
  SCRATCH_NORMALISED,
  SCRATCH_QUERY,
  SCRATCH_QUERY_SCALE,
  SCRATCH_SCORES,
  SCRATCH_WEIGHTS,
  STREAM_COUNT,
  WAITING_GATES,
  X,
} from '../plan-fields';
import { appendToCache, attendSegment, combineSegments, prepareQueries, queryBytes } from './cache';
import { convolveShare } from './convolution';
import { feedExperts } from './experts';
import { addRow, norm, scaleRow } from './kernels/elementwise';
import { firstSeen, outputScale, segmentOf } from './layer';
import { gateLayerInput, projectLayerInputs } from './layer-inputs';
import { formatOf, multiplyShare } from './matrix';
import { activateShare, own, prepareFor, prepareOwn, scratch } from './own-scratch';
import { field, scaleField } from './plan';
import { normValues, placeKeys, placeQueries } from './positions';
import { convolveChannels, gateAndNorm, gateBySigmoid, recur } from './recurrent';
import { cacheOf, positionOf } from './rows';
import { activateSparse } from './sparse-gates';
import { addLowRank, beginStreams, correctStreams, endStreams, predictStreams } from './streams';
import { barrier, barrierAfterShares, shareStart } from './synchronise';

/**
 * One token through all layers, on all threads at once. Work is split beforehand, by how fast threads are, which beats
 * taking items; small steps (norm, quantising, rope) are done by every thread for itself, because a barrier
 * costs more than they do. Five barriers a layer remain, three where the blocks are parallel, seven with norms after them.
 */
export function decode(thread: i32): void {
  const layers = field(LAYERS);
  const isParallel = field(PARALLEL) != 0;
  let layer: usize = field(LAYER_TABLE);
  if (field(LAYER_INPUT_SIZE) != 0) projectLayerInputs(thread);
  const hasStreams = field(STREAM_COUNT) != 0;
  if (hasStreams) beginStreams(thread);
  for (let i = 0; i < layers; ++i) {
    if (hasStreams) predictStreams(layer, thread);
    const mixer = load<i32>(layer + LAYER_MIXER);
    const recurrent = load<usize>(layer + LAYER_RECURRENT);
    // Beside attention it reads the residual stream before attention adds to it.
    if (recurrent != 0) projectRecurrent(layer, recurrent, thread);
    if (mixer == MIXER_CONVOLUTION) {
      convolve(layer, thread);
    } else if (mixer == MIXER_ATTENTION) {
      project(layer, thread);
      if (isParallel) gateAndUp(layer, thread);
      barrier();
      attendShare(layer, thread);
      barrier();
      projectAttention(layer, thread);
    }
    if (recurrent != 0) mixRecurrent(recurrent, thread);
    if (!isParallel) {
      barrier();
      addNormed(load<usize>(layer + LAYER_ATTENTION_POST_NORM), 1, thread);
    }
    if (hasStreams) addLowRank(layer, thread);
    if (load<i32>(layer + LAYER_EXPERTS) != 0) {
      feedExperts(layer, field(X), thread);
    } else if (load<usize>(layer + LAYER_UP_MATRIX + MATRIX_DATA) != 0) {
      if (!isParallel) {
        gateAndUp(layer, thread);
        barrierAfterShares(thread);
      }
      // Where blocks are parallel, each row of the residual stream is this thread's in both.
      down(layer, thread);
      barrierAfterShares(thread);
      const isLast = load<usize>(layer + LAYER_INPUT_GATE_MATRIX + MATRIX_DATA) == 0;
      addNormed(load<usize>(layer + LAYER_FEED_FORWARD_POST_NORM), isLast ? outputScale(layer) : 1, thread);
    }
    if (hasStreams) correctStreams(layer, i, thread);
    else if (load<usize>(layer + LAYER_INPUT_GATE_MATRIX + MATRIX_DATA) != 0) letIn(layer, i, thread);
    layer += LAYER_BYTES;
  }
  if (hasStreams) endStreams(thread);
}

function normalise(weight: usize, bias: usize, thread: i32): usize {
  const normalised = scratch(thread, SCRATCH_NORMALISED);
  norm(field(NORM), field(X), weight, bias, field(HIDDEN), scaleField(EPSILON), normalised);
  return normalised;
}

/** What a block adds, to the residual stream or, where a norm follows, beside it. */
function addShare(matrix: usize, postNorm: usize, float: usize, thread: i32): void {
  const activations = own(thread, matrix, float);
  if (postNorm == 0) multiplyShare(matrix, thread, activations, float, field(X), true, scaleField(RESIDUAL_SCALE));
  else multiplyShare(matrix, thread, activations, float, field(NORMALISED), false, 1);
}

/** What the layer gets of the token besides the residual stream is added to it. */
function letIn(layer: usize, index: i32, thread: i32): void {
  gateLayerInput(layer, index, 0, field(X), thread);
  barrier();
  const output = layer + LAYER_INPUT_OUTPUT_MATRIX;
  const postNorm = load<usize>(layer + LAYER_INPUT_POST_NORM);
  prepareFor(output, thread, field(GATED), load<i32>(output + MATRIX_BLOCKS));
  addShare(output, postNorm, field(GATED), thread);
  barrier();
  addNormed(postNorm, outputScale(layer), thread);
}

/**
 * The norm after a block; each thread norms all of what the block adds and adds its own share, then scales it by what the
 * layer's output is scaled by, where the block is its last.
 */
function addNormed(weight: usize, scale: f32, thread: i32): void {
  if (weight == 0) return;
  const hidden = field(HIDDEN);
  const normalised = scratch(thread, SCRATCH_NORMALISED);
  norm(field(NORM), field(NORMALISED), weight, 0, hidden, scaleField(EPSILON), normalised);
  const first = <usize>shareStart(hidden >> 3, thread) * 32;
  const end = <usize>shareStart(hidden >> 3, thread + 1) * 32;
  addRow(<usize>field(X) + first, normalised + first, <i32>((end - first) >> 2), scaleField(RESIDUAL_SCALE));
  if (scale != 1) scaleRow(<usize>field(X) + first, <i32>((end - first) >> 2), scale);
  barrier();
}

function project(layer: usize, thread: i32): void {
  const normalised = normalise(
    load<usize>(layer + LAYER_ATTENTION_NORM),
    load<usize>(layer + LAYER_ATTENTION_NORM_BIAS),
    thread,
  );
  const q = layer + LAYER_QUERY_MATRIX;
  const k = layer + LAYER_KEY_MATRIX;
  const v = layer + LAYER_VALUE_MATRIX;
  const makesKeys = load<usize>(k + MATRIX_DATA) != 0;
  const formats = formatOf(q) | (makesKeys ? formatOf(k) | formatOf(v) : 0);
  prepareOwn(thread, formats, normalised, field(HIDDEN) >> 5);
  const headBytes = <usize>load<i32>(layer + LAYER_HEAD_SIZE) * 4;
  const queries: usize = field(QKV);
  const keys = queries + <usize>load<i32>(layer + LAYER_HEADS) * headBytes;
  const values = keys + <usize>load<i32>(layer + LAYER_KV_HEADS) * headBytes;
  multiplyShare(q, thread, own(thread, q, normalised), normalised, queries, false, 1);
  if (makesKeys) {
    multiplyShare(k, thread, own(thread, k, normalised), normalised, keys, false, 1);
    multiplyShare(v, thread, own(thread, v, normalised), normalised, values, false, 1);
  }
  const gate = layer + LAYER_OUTPUT_GATE_MATRIX;
  if (load<usize>(gate + MATRIX_DATA) == 0) return;
  prepareOwn(thread, formatOf(gate), normalised, field(HIDDEN) >> 5);
  const gates = values + <usize>load<i32>(layer + LAYER_KV_HEADS) * headBytes;
  multiplyShare(gate, thread, own(thread, gate, normalised), normalised, gates, false, 1);
}

/** Segments that the positions which the job's one sees span. */
// @ts-expect-error: decorator
@inline
function segmentCount(layer: usize): i32 {
  const position = positionOf(0);
  return segmentOf(position) - segmentOf(firstSeen(layer, position)) + 1;
}

/**
 * Attention, shared out by KV head and segment of positions. Whoever has a KV head's last segment appends the new key and
 * value first; nobody else reads that position, so no barrier is needed in between.
 */
function attendShare(layer: usize, thread: i32): void {
  const heads = load<i32>(layer + LAYER_HEADS);
  const kvHeads = load<i32>(layer + LAYER_KV_HEADS);
  const segments = segmentCount(layer);
  const firstItem = shareStart(kvHeads * segments, thread);
  const end = shareStart(kvHeads * segments, thread + 1);
  if (firstItem == end) return;
  const position = positionOf(0);
  const first = firstSeen(layer, position);
  const headSize = load<i32>(layer + LAYER_HEAD_SIZE);
  const rotated = scratch(thread, SCRATCH_NORMALISED);
  const query = scratch(thread, SCRATCH_QUERY);
  const queryScale = scratch(thread, SCRATCH_QUERY_SCALE);
  const makesKeys = load<usize>(layer + LAYER_KEY_MATRIX + MATRIX_DATA) != 0;
  memory.copy(rotated, field(QKV), <usize>(heads * headSize) * 4);
  placeQueries(layer, rotated, 0);
  prepareQueries(layer, rotated, query, queryScale);
  for (let item = firstItem; item < end; ++item) {
    const kvHead = item / segments;
    const segment = item % segments;
    if (segment == segments - 1 && makesKeys) appendNew(layer, kvHead, thread);
    const perKv = heads / kvHeads;
    const head = <usize>(kvHead * perKv);
    const start = (segmentOf(first) + segment) * ATTENTION_SEGMENT;
    const place = <usize>(segment * heads) + head;
    attendSegment(
      cacheOf(0),
      layer,
      kvHead,
      query + head * <usize>headSize * queryBytes(),
      queryScale + head * 4,
      max(start, first & ~31),
      first,
      min(start + ATTENTION_SEGMENT, position + 1),
      scratch(thread, SCRATCH_SCORES),
      scratch(thread, SCRATCH_WEIGHTS),
      <usize>field(PARTIAL) + place * <usize>headSize * 4,
      <usize>field(PARTIAL_STATS) + place * 8,
    );
  }
}

/** The new keys are turned in this thread's scratch, where the queries, prepared by now, are no longer needed. */
function appendNew(layer: usize, kvHead: i32, thread: i32): void {
  const kvHeads = load<i32>(layer + LAYER_KV_HEADS);
  const headBytes = <usize>load<i32>(layer + LAYER_HEAD_SIZE) * 4;
  const keys = <usize>field(QKV) + <usize>load<i32>(layer + LAYER_HEADS) * headBytes;
  const turned = scratch(thread, SCRATCH_NORMALISED);
  memory.copy(turned, keys, <usize>kvHeads * headBytes);
  placeKeys(layer, turned, 0);
  const value = keys + <usize>(kvHeads + kvHead) * headBytes;
  // In place: nobody else reads these.
  normValues(layer, value, 1);
  appendToCache(cacheOf(0), layer, kvHead, turned + <usize>kvHead * headBytes, value, positionOf(0));
}

function projectAttention(layer: usize, thread: i32): void {
  const heads = load<i32>(layer + LAYER_HEADS);
  const headSize = load<i32>(layer + LAYER_HEAD_SIZE);
  const attention = scratch(thread, SCRATCH_NORMALISED);
  const sinks = load<usize>(layer + LAYER_SINKS);
  combineSegments(field(PARTIAL), field(PARTIAL_STATS), segmentCount(layer), heads, headSize, sinks, attention);
  if (load<usize>(layer + LAYER_OUTPUT_GATE_MATRIX + MATRIX_DATA) != 0) {
    const before = <usize>((heads + 2 * load<i32>(layer + LAYER_KV_HEADS)) * headSize) * 4;
    gateBySigmoid(attention, <usize>field(QKV) + before, heads * headSize);
  }
  const matrix = layer + LAYER_OUTPUT_MATRIX;
  normedInside(layer + LAYER_ATTENTION_INNER_NORM, matrix, attention, thread);
  prepareOwn(thread, formatOf(matrix), attention, load<i32>(matrix + MATRIX_BLOCKS));
  addShare(matrix, load<usize>(layer + LAYER_ATTENTION_POST_NORM), attention, thread);
}

function gateAndUp(layer: usize, thread: i32): void {
  const normalised = normalise(
    load<usize>(layer + LAYER_FEED_FORWARD_NORM),
    load<usize>(layer + LAYER_FEED_FORWARD_NORM_BIAS),
    thread,
  );
  const gate = layer + LAYER_GATE_MATRIX;
  const up = layer + LAYER_UP_MATRIX;
  const isGated = load<usize>(gate + MATRIX_DATA) != 0;
  prepareOwn(thread, formatOf(up) | (isGated ? formatOf(gate) : 0), normalised, field(HIDDEN) >> 5);
  if (load<f32>(layer + LAYER_CUTOFF) == 0) {
    activateShare(layer, gate, up, normalised, field(GATED), thread);
    return;
  }
  multiplyShare(gate, thread, own(thread, gate, normalised), normalised, field(WAITING_GATES), false, 1);
  multiplyShare(up, thread, own(thread, up, normalised), normalised, field(GATED), false, 1);
  barrier();
  const groups = load<i32>(up + MATRIX_GROUPS);
  const first = <usize>shareStart(groups, thread) * 32;
  activateSparse(layer, field(WAITING_GATES), field(GATED), first, <usize>shareStart(groups, thread + 1) * 32, thread);
}

function down(layer: usize, thread: i32): void {
  const matrix = layer + LAYER_DOWN_MATRIX;
  const gated = normedInside(layer + LAYER_FEED_FORWARD_INNER_NORM, matrix, field(GATED), thread);
  prepareFor(matrix, thread, gated, load<i32>(matrix + MATRIX_BLOCKS));
  addShare(matrix, load<usize>(layer + LAYER_FEED_FORWARD_POST_NORM), gated, thread);
}

/** x, or its norm where a block has one before its output; each thread norms all of it for itself. */
function normedInside(at: usize, matrix: usize, x: usize, thread: i32): usize {
  const weight = load<usize>(at);
  if (weight == 0) return x;
  const normalised = scratch(thread, SCRATCH_NORMALISED);
  norm(field(NORM), x, weight, 0, load<i32>(matrix + MATRIX_BLOCKS) << 5, scaleField(EPSILON), normalised);
  return normalised;
}

/** Where a state goes from token to token: its projections, then the convolution over the channels. */
function projectRecurrent(layer: usize, record: usize, thread: i32): void {
  const normalised = normalise(
    load<usize>(layer + LAYER_ATTENTION_NORM),
    load<usize>(layer + LAYER_ATTENTION_NORM_BIAS),
    thread,
  );
  const row: usize = field(RECURRENT_IN);
  projectPart(record + RECURRENT_CHANNELS_MATRIX, normalised, row, thread);
  projectPart(record + RECURRENT_GATE_MATRIX, normalised, row + load<usize>(record + RECURRENT_GATE_OFFSET), thread);
  projectPart(record + RECURRENT_STEPS_MATRIX, normalised, row + load<usize>(record + RECURRENT_STEPS_OFFSET), thread);
  projectPart(record + RECURRENT_STRENGTHS_MATRIX, normalised, row + load<usize>(record + RECURRENT_STRENGTHS_OFFSET), thread);
  barrier();
  convolveChannels(record, thread);
  const parameters = record + RECURRENT_PARAMETERS_MATRIX;
  if (load<usize>(parameters + MATRIX_DATA) == 0) return;
  barrier();
  projectPart(parameters, row, row + load<usize>(record + RECURRENT_PARAMETERS_OFFSET), thread);
}

/** Nothing where there is no such matrix. */
function projectPart(matrix: usize, x: usize, out: usize, thread: i32): void {
  if (load<usize>(matrix + MATRIX_DATA) == 0) return;
  prepareFor(matrix, thread, x, load<i32>(matrix + MATRIX_BLOCKS));
  multiplyShare(matrix, thread, own(thread, matrix, x), x, out, false, 1);
}

/** Its state, then its output. */
function mixRecurrent(record: usize, thread: i32): void {
  barrier();
  recur(record, thread);
  barrier();
  const output = record + RECURRENT_OUTPUT_MATRIX;
  const blocks = load<i32>(output + MATRIX_BLOCKS);
  const mixed = scratch(thread, SCRATCH_NORMALISED);
  gateAndNorm(record, 0, mixed);
  prepareFor(output, thread, mixed, blocks);
  addShare(output, 0, mixed, thread);
}

/** A short convolution where attention stands: its input, then the channels, then its output. */
function convolve(layer: usize, thread: i32): void {
  const normalised = normalise(
    load<usize>(layer + LAYER_ATTENTION_NORM),
    load<usize>(layer + LAYER_ATTENTION_NORM_BIAS),
    thread,
  );
  const input = layer + LAYER_QUERY_MATRIX;
  prepareFor(input, thread, normalised, field(HIDDEN) >> 5);
  multiplyShare(input, thread, own(thread, input, normalised), normalised, field(QKV), false, 1);
  barrier();
  convolveShare(layer, 1, thread);
  barrier();
  const output = layer + LAYER_OUTPUT_MATRIX;
  prepareFor(output, thread, field(ATTENTION), load<i32>(output + MATRIX_BLOCKS));
  addShare(output, load<usize>(layer + LAYER_ATTENTION_POST_NORM), field(ATTENTION), thread);
}
