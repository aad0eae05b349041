import {
  ATTENTION,
  ATTENTION_SEGMENT,
  EIGHT_BIT,
  EIGHT_BIT_RECORD,
  EPSILON,
  GATED,
  HIDDEN,
  JOB_COUNT,
  LAYER_ACTIVATION,
  LAYER_ATTENTION_INNER_NORM,
  LAYER_ATTENTION_NORM,
  LAYER_ATTENTION_NORM_BIAS,
  LAYER_ATTENTION_POST_NORM,
  LAYER_BYTES,
  LAYER_CUTOFF,
  LAYER_DOWN_MATRIX,
  LAYER_EXPERTS,
  LAYER_FEED_FORWARD,
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
  MATRIX_DATA,
  MATRIX_GROUPS,
  MIXER_ATTENTION,
  MIXER_CONVOLUTION,
  NORM,
  NORMALISED,
  PARALLEL,
  QKV,
  QUERY,
  QUERY_SCALE,
  RESIDUAL_SCALE,
  SCRATCH_NORMALISED,
  SCRATCH_PARTIAL,
  SCRATCH_PARTIAL_STATS,
  SCRATCH_ROWS,
  SCRATCH_SCORES,
  SCRATCH_WEIGHTS,
  SIXTEEN_BIT,
  SIXTEEN_BIT_RECORD,
  TABLE_RECORD,
  TABLES,
  STREAM_COUNT,
  TILE_TOKENS,
  WAITING_GATES,
  X,
} from '../plan-fields';
import { lowerFor } from './adapters';
import { appendToCache, attendSegment, combineSegments, prepareQueries, queryBytes } from './cache';
import { convolveShare } from './convolution';
import { feedExperts } from './experts';
import { activateTimes, addRow, norm, scaleRow } from './kernels/elementwise';
import { firstSeen, outputScale, segmentOf } from './layer';
import { gateLayerInputChunk, projectLayerInputsChunk } from './layer-inputs';
import { formatOf, groupOf, itemsOf, multiplyItem, multiplyTiles, pick, prepare } from './matrix';
import { scratch } from './own-scratch';
import { field, scaleField } from './plan';
import { normValues, placeKeys, placeQueries } from './positions';
import { mixRecurrentChunk, projectRecurrentChunk } from './recurrent-prefill';
import { gateBySigmoid } from './recurrent';
import { cacheOf, positionOf } from './rows';
import { activateSparse } from './sparse-gates';
import { addLowRank, beginStreams, correctStreams, endStreams, predictStreams } from './streams';
import { barrier, shareStart, takeItem } from './synchronise';

/**
 * A chunk of tokens through all layers. Weights are taken group by group by whichever thread is free (threads rarely run
 * equally fast), each against all tokens of the chunk; token-wise steps are shared out evenly.
 */
export function prefill(thread: i32): void {
  const layers = field(LAYERS);
  const isParallel = field(PARALLEL) != 0;
  let layer: usize = field(LAYER_TABLE);
  if (field(LAYER_INPUT_SIZE) != 0) {
    projectLayerInputsChunk(thread);
    barrier();
  }
  const hasStreams = field(STREAM_COUNT) != 0;
  if (hasStreams) beginStreams(thread);
  for (let i = 0; i < layers; ++i) {
    if (hasStreams) predictStreams(layer, thread);
    // Parallel blocks read the same residual stream: what the second one needs of it is taken before the first adds to it.
    if (isParallel) lift(layer, thread);
    const mixer = load<i32>(layer + LAYER_MIXER);
    const recurrent = load<usize>(layer + LAYER_RECURRENT);
    // Beside attention it reads the residual stream before attention adds to it.
    if (recurrent != 0) projectRecurrentChunk(layer, recurrent, thread);
    if (mixer == MIXER_CONVOLUTION) convolve(layer, thread);
    else if (mixer == MIXER_ATTENTION) attention(layer, thread);
    if (recurrent != 0) mixRecurrentChunk(recurrent, thread);
    if (hasStreams) addLowRank(layer, thread);
    if (load<i32>(layer + LAYER_EXPERTS) != 0) {
      const count = <usize>field(JOB_COUNT);
      const stride = <usize>field(HIDDEN) * 4;
      for (let t: usize = 0; t < count; ++t) feedExperts(layer, <usize>field(X) + t * stride, thread);
    } else if (load<usize>(layer + LAYER_UP_MATRIX + MATRIX_DATA) != 0) {
      if (!isParallel) lift(layer, thread);
      lower(layer, thread);
    }
    if (hasStreams) correctStreams(layer, i, thread);
    else if (load<usize>(layer + LAYER_INPUT_GATE_MATRIX + MATRIX_DATA) != 0) letIn(layer, i, thread);
    layer += LAYER_BYTES;
  }
  if (hasStreams) endStreams(thread);
}

/** The second half of the feed-forward block. */
function lower(layer: usize, thread: i32): void {
  const down = layer + LAYER_DOWN_MATRIX;
  const innerNorm = load<usize>(layer + LAYER_FEED_FORWARD_INNER_NORM);
  prepareShare(field(GATED), load<i32>(layer + LAYER_FEED_FORWARD), innerNorm, down, thread);
  barrier();
  const isLast = load<usize>(layer + LAYER_INPUT_GATE_MATRIX + MATRIX_DATA) == 0;
  const postNorm = load<usize>(layer + LAYER_FEED_FORWARD_POST_NORM);
  addProjection(down, field(GATED), postNorm, thread, isLast ? outputScale(layer) : 1);
}

/** What the layer gets of each token besides the residual stream is added to it. */
function letIn(layer: usize, index: i32, thread: i32): void {
  gateLayerInputChunk(layer, index, thread);
  const postNorm = load<usize>(layer + LAYER_INPUT_POST_NORM);
  addProjection(layer + LAYER_INPUT_OUTPUT_MATRIX, field(GATED), postNorm, thread, outputScale(layer));
}

/** A short convolution where attention stands; see convolution.ts. */
function convolve(layer: usize, thread: i32): void {
  const input = layer + LAYER_QUERY_MATRIX;
  const hidden = field(HIDDEN);
  const norm = load<usize>(layer + LAYER_ATTENTION_NORM);
  normaliseShare(norm, load<usize>(layer + LAYER_ATTENTION_NORM_BIAS), input, 0, 0, thread);
  barrier();
  const items = itemsOf(input);
  const activations = shared(input, field(NORMALISED));
  for (let item = takeItem(); item < items; item = takeItem()) {
    multiplyItem(input, item, activations, tiles(), field(QKV), <usize>hidden * 12, false, 1);
  }
  barrier();
  convolveShare(layer, field(JOB_COUNT), thread);
  barrier();
  const output = layer + LAYER_OUTPUT_MATRIX;
  prepareShare(field(ATTENTION), hidden, 0, output, thread);
  barrier();
  addProjection(output, field(ATTENTION), load<usize>(layer + LAYER_ATTENTION_POST_NORM), thread);
}

function attention(layer: usize, thread: i32): void {
  const q = layer + LAYER_QUERY_MATRIX;
  const k = layer + LAYER_KEY_MATRIX;
  const makesKeys = load<usize>(k + MATRIX_DATA) != 0;
  normaliseShare(
    load<usize>(layer + LAYER_ATTENTION_NORM),
    load<usize>(layer + LAYER_ATTENTION_NORM_BIAS),
    q,
    makesKeys ? k : 0,
    makesKeys ? layer + LAYER_VALUE_MATRIX : 0,
    thread,
  );
  if (gateGroups(layer) != 0) prepareShare(field(NORMALISED), field(HIDDEN), 0, layer + LAYER_OUTPUT_GATE_MATRIX, thread);
  barrier();
  project(layer);
  barrier();
  appendShare(layer, thread);
  barrier();
  attendItems(layer, thread);
  barrier();
  const output = layer + LAYER_OUTPUT_MATRIX;
  const width = load<i32>(layer + LAYER_HEADS) * load<i32>(layer + LAYER_HEAD_SIZE);
  if (gateGroups(layer) != 0) gateShare(layer, width, thread);
  prepareShare(field(ATTENTION), width, load<usize>(layer + LAYER_ATTENTION_INNER_NORM), output, thread);
  barrier();
  addProjection(output, field(ATTENTION), load<usize>(layer + LAYER_ATTENTION_POST_NORM), thread);
}

/** The first half of the feed-forward block: gate, up and activation. */
function lift(layer: usize, thread: i32): void {
  const gate = layer + LAYER_GATE_MATRIX;
  const up = layer + LAYER_UP_MATRIX;
  const isGated = load<usize>(gate + MATRIX_DATA) != 0;
  normaliseShare(
    load<usize>(layer + LAYER_FEED_FORWARD_NORM),
    load<usize>(layer + LAYER_FEED_FORWARD_NORM_BIAS),
    up,
    isGated ? gate : 0,
    0,
    thread,
  );
  barrier();
  if (load<f32>(layer + LAYER_CUTOFF) == 0) gateAndUp(layer, isGated, thread);
  else gateSparsely(layer, thread);
  barrier();
}

/** Of gates that wait for all others of their token; see sparse-gates.ts. */
function gateSparsely(layer: usize, thread: i32): void {
  const gate = layer + LAYER_GATE_MATRIX;
  const up = layer + LAYER_UP_MATRIX;
  const stride = <usize>load<i32>(layer + LAYER_FEED_FORWARD) * 4;
  const float: usize = field(NORMALISED);
  const gateItems = itemsOf(gate);
  const total = gateItems + itemsOf(up);
  for (let item = takeItem(); item < total; item = takeItem()) {
    if (item < gateItems) {
      multiplyItem(gate, item, shared(gate, float), tiles(), field(WAITING_GATES), stride, false, 1);
    } else {
      multiplyItem(up, item - gateItems, shared(up, float), tiles(), field(GATED), stride, false, 1);
    }
  }
  barrier();
  const count = field(JOB_COUNT);
  const end = <usize>shareStart(count, thread + 1);
  for (let t = <usize>shareStart(count, thread); t < end; ++t) {
    activateSparse(layer, <usize>field(WAITING_GATES) + t * stride, <usize>field(GATED) + t * stride, 0, stride, thread);
  }
}

// @ts-expect-error: decorator
@inline
export function tiles(): i32 {
  return (field(JOB_COUNT) + TILE_TOKENS - 1) / TILE_TOKENS;
}

/** Token t's records lie interleaved with those of its tile, its tables together. */
export function prepareToken(t: usize, x: usize, blocks: i32, formats: i32): void {
  const tile = (t / TILE_TOKENS) * TILE_TOKENS * <usize>blocks;
  const lane = t % TILE_TOKENS;
  prepare(
    formats,
    x,
    blocks,
    <usize>field(EIGHT_BIT) + (tile + lane) * EIGHT_BIT_RECORD,
    TILE_TOKENS * EIGHT_BIT_RECORD,
    <usize>field(SIXTEEN_BIT) + (tile + lane) * SIXTEEN_BIT_RECORD,
    TILE_TOKENS * SIXTEEN_BIT_RECORD,
    <usize>field(TABLES) + t * <usize>blocks * TABLE_RECORD,
  );
}

/** Norms and prepares what up to three matrices read; 0 for one that is not there. */
function normaliseShare(weight: usize, bias: usize, first: usize, second: usize, third: usize, thread: i32): void {
  const formats = formatOf(first) | (second == 0 ? 0 : formatOf(second)) | (third == 0 ? 0 : formatOf(third));
  const count = field(JOB_COUNT);
  const hidden = field(HIDDEN);
  const end = <usize>shareStart(count, thread + 1);
  for (let t = <usize>shareStart(count, thread); t < end; ++t) {
    const row = t * <usize>hidden * 4;
    const normalised = <usize>field(NORMALISED) + row;
    norm(field(NORM), <usize>field(X) + row, weight, bias, hidden, scaleField(EPSILON), normalised);
    prepareToken(t, normalised, hidden >> 5, formats);
    lowerFor(first, normalised, <i32>t);
    if (second != 0) lowerFor(second, normalised, <i32>t);
    if (third != 0) lowerFor(third, normalised, <i32>t);
  }
}

/** Rows of `width` values in the formats that a matrix reads, normed in place first where the block has such a norm. */
export function prepareShare(x: usize, width: i32, innerNorm: usize, matrix: usize, thread: i32): void {
  const formats = formatOf(matrix);
  const count = field(JOB_COUNT);
  const end = <usize>shareStart(count, thread + 1);
  for (let t = <usize>shareStart(count, thread); t < end; ++t) {
    const row = x + t * <usize>width * 4;
    if (innerNorm != 0) norm(field(NORM), row, innerNorm, 0, width, scaleField(EPSILON), row);
    prepareToken(t, row, width >> 5, formats);
    lowerFor(matrix, row, <i32>t);
  }
}

// @ts-expect-error: decorator
@inline
export function shared(matrix: usize, float: usize): usize {
  return pick(matrix, float, field(EIGHT_BIT), field(SIXTEEN_BIT), field(TABLES));
}

/** Groups of rows that gate what the heads gather; 0: nothing does. */
// @ts-expect-error: decorator
@inline
function gateGroups(layer: usize): i32 {
  return load<i32>(layer + LAYER_OUTPUT_GATE_MATRIX + MATRIX_GROUPS);
}

/** Gates of a token lie behind its values. */
function gateShare(layer: usize, width: i32, thread: i32): void {
  const count = field(JOB_COUNT);
  const stride = qkvStride(layer);
  const rowBytes = <usize>width * 4;
  const end = <usize>shareStart(count, thread + 1);
  for (let t = <usize>shareStart(count, thread); t < end; ++t) {
    gateBySigmoid(<usize>field(ATTENTION) + t * rowBytes, <usize>field(QKV) + (t + 1) * stride - rowBytes, width);
  }
}

/** Bytes from one token's queries, keys and values to the next one's. */
// @ts-expect-error: decorator
@inline
function qkvStride(layer: usize): usize {
  const heads = load<i32>(layer + LAYER_HEADS);
  const rows = (gateGroups(layer) == 0 ? heads : 2 * heads) + 2 * load<i32>(layer + LAYER_KV_HEADS);
  return <usize>(rows * load<i32>(layer + LAYER_HEAD_SIZE)) * 4;
}

function project(layer: usize): void {
  const q = layer + LAYER_QUERY_MATRIX;
  const k = layer + LAYER_KEY_MATRIX;
  const v = layer + LAYER_VALUE_MATRIX;
  const gate = layer + LAYER_OUTPUT_GATE_MATRIX;
  const keysAt = itemsOf(q);
  const valuesAt = keysAt + itemsOf(k);
  const gatesAt = valuesAt + itemsOf(v);
  const total = gatesAt + (gateGroups(layer) == 0 ? 0 : itemsOf(gate));
  for (let item = takeItem(); item < total; item = takeItem()) {
    if (item < keysAt) projectItem(layer, q, item, 0);
    else if (item < valuesAt) projectItem(layer, k, item - keysAt, rowsOf(q));
    else if (item < gatesAt) projectItem(layer, v, item - valuesAt, rowsOf(q) + rowsOf(k));
    else projectItem(layer, gate, item - gatesAt, rowsOf(q) + 2 * rowsOf(k));
  }
}

// @ts-expect-error: decorator
@inline
function rowsOf(matrix: usize): usize {
  return <usize>load<i32>(matrix + MATRIX_GROUPS) * 8;
}

/** `before`: rows of a token that lie before the matrix's own. */
function projectItem(layer: usize, matrix: usize, item: i32, before: usize): void {
  const out = <usize>field(QKV) + before * 4;
  multiplyItem(matrix, item, shared(matrix, field(NORMALISED)), tiles(), out, qkvStride(layer), false, 1);
}

/** Norms, rope, prepared queries and the new keys and values, token by token. */
function appendShare(layer: usize, thread: i32): void {
  const count = field(JOB_COUNT);
  const heads = load<i32>(layer + LAYER_HEADS);
  const kvHeads = load<i32>(layer + LAYER_KV_HEADS);
  const headSize = load<i32>(layer + LAYER_HEAD_SIZE);
  const headBytes = <usize>headSize * 4;
  const stride = qkvStride(layer);
  const end = shareStart(count, thread + 1);
  for (let t = shareStart(count, thread); t < end; ++t) {
    const queries = <usize>field(QKV) + <usize>t * stride;
    const newKeys = queries + <usize>heads * headBytes;
    const newValues = newKeys + <usize>kvHeads * headBytes;
    placeQueries(layer, queries, t);
    prepareQueries(
      layer,
      queries,
      <usize>field(QUERY) + <usize>(t * heads * headSize) * queryBytes(),
      <usize>field(QUERY_SCALE) + <usize>(t * heads) * 4,
    );
    if (load<usize>(layer + LAYER_KEY_MATRIX + MATRIX_DATA) == 0) continue;
    placeKeys(layer, newKeys, t);
    normValues(layer, newValues, kvHeads);
    for (let h = 0; h < kvHeads; ++h) {
      const row = <usize>h * headBytes;
      appendToCache(cacheOf(t), layer, h, newKeys + row, newValues + row, positionOf(t));
    }
  }
}

/** An item is a token and a KV head; late tokens, which see most positions, come first so that the end is even. */
function attendItems(layer: usize, thread: i32): void {
  const count = field(JOB_COUNT);
  const heads = load<i32>(layer + LAYER_HEADS);
  const kvHeads = load<i32>(layer + LAYER_KV_HEADS);
  const headSize = load<i32>(layer + LAYER_HEAD_SIZE);
  const perKv = heads / kvHeads;
  const allSinks = load<usize>(layer + LAYER_SINKS);
  const partial = scratch(thread, SCRATCH_PARTIAL);
  const stats = scratch(thread, SCRATCH_PARTIAL_STATS);
  for (let item = takeItem(); item < count * kvHeads; item = takeItem()) {
    const t = count - 1 - item / kvHeads;
    const kvHead = item % kvHeads;
    const head = <usize>(t * heads + kvHead * perKv);
    const position = positionOf(t);
    const first = firstSeen(layer, position);
    let segments = 0;
    for (let start = segmentOf(first) * ATTENTION_SEGMENT; start <= position; start += ATTENTION_SEGMENT) {
      const place = <usize>(segments * perKv);
      attendSegment(
        cacheOf(t),
        layer,
        kvHead,
        <usize>field(QUERY) + head * <usize>headSize * queryBytes(),
        <usize>field(QUERY_SCALE) + head * 4,
        max(start, first & ~31),
        first,
        min(start + ATTENTION_SEGMENT, position + 1),
        scratch(thread, SCRATCH_SCORES),
        scratch(thread, SCRATCH_WEIGHTS),
        partial + place * <usize>headSize * 4,
        stats + place * 8,
      );
      ++segments;
    }
    const sinks = allSinks == 0 ? 0 : allSinks + <usize>(kvHead * perKv) * 4;
    combineSegments(partial, stats, segments, perKv, headSize, sinks, <usize>field(ATTENTION) + head * <usize>headSize * 4);
  }
}

/**
 * x += scale * (W a + bias), or its norm where one follows the block; then, behind a norm, x *= outputScale: where the
 * block is its layer's last.
 */
export function addProjection(
  matrix: usize,
  float: usize,
  postNorm: usize,
  thread: i32,
  outputScale: f32 = 1,
): void {
  const items = itemsOf(matrix);
  const stride = <usize>field(HIDDEN) * 4;
  const activations = shared(matrix, float);
  const isPlain = postNorm == 0;
  const out: usize = isPlain ? field(X) : field(NORMALISED);
  const scale = scaleField(RESIDUAL_SCALE);
  for (let item = takeItem(); item < items; item = takeItem()) {
    multiplyItem(matrix, item, activations, tiles(), out, stride, isPlain, scale);
  }
  barrier();
  if (isPlain) return;
  const count = field(JOB_COUNT);
  const end = <usize>shareStart(count, thread + 1);
  const normalised = scratch(thread, SCRATCH_NORMALISED);
  for (let t = <usize>shareStart(count, thread); t < end; ++t) {
    norm(field(NORM), out + t * stride, postNorm, 0, field(HIDDEN), scaleField(EPSILON), normalised);
    addRow(<usize>field(X) + t * stride, normalised, field(HIDDEN), scale);
    if (outputScale != 1) scaleRow(<usize>field(X) + t * stride, field(HIDDEN), outputScale);
  }
  barrier();
}

function gateAndUp(layer: usize, isGated: bool, thread: i32): void {
  const gate = layer + LAYER_GATE_MATRIX;
  const up = layer + LAYER_UP_MATRIX;
  const items = itemsOf(up);
  const tileCount = tiles();
  const tokens = tileCount * TILE_TOKENS;
  const upRows = scratch(thread, SCRATCH_ROWS);
  const float: usize = field(NORMALISED);
  const stride = <usize>load<i32>(layer + LAYER_FEED_FORWARD) * 4;
  const activation = load<i32>(layer + LAYER_ACTIVATION);
  for (let item = takeItem(); item < items; item = takeItem()) {
    const first = groupOf(up, item);
    const count = groupOf(up, item + 1) - first;
    const rowBytes = <usize>count * 32;
    const gateRows = upRows + <usize>tokens * rowBytes;
    if (isGated) multiplyTiles(gate, first, count, shared(gate, float), tileCount, gateRows, rowBytes, false, 1);
    multiplyTiles(up, first, count, shared(up, float), tileCount, upRows, rowBytes, false, 1);
    const out = <usize>field(GATED) + <usize>first * 32;
    for (let t: usize = 0; t < <usize>tokens; ++t) {
      for (let r: usize = 0; r < rowBytes; r += 32) {
        const row = t * rowBytes + r;
        activateTimes(activation, isGated ? gateRows + row : 0, upRows + row, out + t * stride + r);
      }
    }
  }
}
