import {
  ATTENTION_SCALE,
  ATTENTION_SEGMENT,
  EIGHT_BIT_RECORD,
  EPSILON,
  FEED_FORWARD,
  GATED,
  HEAD_SIZE,
  HEADS,
  HIDDEN,
  JOB_POSITION,
  KV_HEADS,
  LAYER_ATTENTION_NORM,
  LAYER_BYTES,
  LAYER_DOWN_MATRIX,
  LAYER_FEED_FORWARD_NORM,
  LAYER_GATE_MATRIX,
  LAYER_KEY_MATRIX,
  LAYER_OUTPUT_MATRIX,
  LAYER_QUERY_MATRIX,
  LAYER_TABLE,
  LAYER_UP_MATRIX,
  LAYER_VALUE_MATRIX,
  LAYERS,
  MATRIX_BLOCKS,
  MATRIX_GROUPS,
  PARTIAL,
  PARTIAL_STATS,
  QKV,
  RESIDUAL_SCALE,
  ROPE,
  ROPE_DIMENSIONS,
  ROPE_INTERLEAVED,
  SCRATCH,
  SCRATCH_EIGHT_BIT,
  SCRATCH_NORMALISED,
  SCRATCH_QUERY,
  SCRATCH_QUERY_SCALE,
  SCRATCH_ROWS,
  SCRATCH_SCORES,
  SCRATCH_SIXTEEN_BIT,
  SCRATCH_STRIDE,
  SCRATCH_WEIGHTS,
  SIXTEEN_BIT_RECORD,
  X,
} from '../plan-fields';
import { appendToCache, attendSegment } from './cache';
import { combine, quantiseQuery } from './kernels/attend';
import { rmsNorm, rope, siluTimes } from './kernels/elementwise';
import { formatOf, multiplyGroup, multiplyShare, pick, prepare } from './matrix';
import { field, scaleField } from './plan';
import { barrier, shareStart } from './synchronise';

/**
 * One token through all layers, on all threads at once. Work is split evenly beforehand, which beats taking items when
 * every share is the same; small steps (norm, quantising, rope) are done by every thread for itself, because a barrier
 * costs more than they do. Five barriers a layer remain.
 */
export function decode(thread: i32): void {
  const layers = field(LAYERS);
  let layer: usize = field(LAYER_TABLE);
  for (let i = 0; i < layers; ++i) {
    project(layer, thread);
    barrier();
    attendShare(layer, thread);
    barrier();
    projectAttention(layer, thread);
    barrier();
    gateAndUp(layer, thread);
    barrier();
    down(layer, thread);
    barrier();
    layer += LAYER_BYTES;
  }
}

// @ts-expect-error: decorator
@inline
function scratch(thread: i32, offset: i32): usize {
  return <usize>field(SCRATCH) + <usize>thread * <usize>field(SCRATCH_STRIDE) + <usize>field(offset);
}

/** Puts x (f32) into this thread's scratch in the formats asked for. */
function prepareOwn(thread: i32, formats: i32, x: usize, blocks: i32): void {
  prepare(
    formats,
    x,
    blocks,
    scratch(thread, SCRATCH_EIGHT_BIT),
    EIGHT_BIT_RECORD,
    scratch(thread, SCRATCH_SIXTEEN_BIT),
    SIXTEEN_BIT_RECORD,
  );
}

// @ts-expect-error: decorator
@inline
function own(thread: i32, matrix: usize, float: usize): usize {
  return pick(matrix, float, scratch(thread, SCRATCH_EIGHT_BIT), scratch(thread, SCRATCH_SIXTEEN_BIT));
}

function project(layer: usize, thread: i32): void {
  const normalised = scratch(thread, SCRATCH_NORMALISED);
  const hidden = field(HIDDEN);
  rmsNorm(field(X), load<usize>(layer + LAYER_ATTENTION_NORM), hidden, scaleField(EPSILON), 1, normalised);
  const q = layer + LAYER_QUERY_MATRIX;
  const k = layer + LAYER_KEY_MATRIX;
  const v = layer + LAYER_VALUE_MATRIX;
  prepareOwn(thread, formatOf(q) | formatOf(k) | formatOf(v), normalised, hidden >> 5);
  const headBytes = <usize>field(HEAD_SIZE) * 4;
  const queries: usize = field(QKV);
  const keys = queries + <usize>field(HEADS) * headBytes;
  const values = keys + <usize>field(KV_HEADS) * headBytes;
  multiplyShare(q, thread, own(thread, q, normalised), queries, false, 1);
  multiplyShare(k, thread, own(thread, k, normalised), keys, false, 1);
  multiplyShare(v, thread, own(thread, v, normalised), values, false, 1);
}

/** Segments that the job's position and all before it span. */
// @ts-expect-error: decorator
@inline
function segmentCount(): i32 {
  return field(JOB_POSITION) / ATTENTION_SEGMENT + 1;
}

/**
 * Attention, shared out by KV head and segment of positions. Whoever has a KV head's last segment appends the new key and
 * value first; nobody else reads that position, so no barrier is needed in between.
 */
function attendShare(layer: usize, thread: i32): void {
  const heads = field(HEADS);
  const kvHeads = field(KV_HEADS);
  const segments = segmentCount();
  const first = shareStart(kvHeads * segments, thread);
  const end = shareStart(kvHeads * segments, thread + 1);
  if (first == end) return;
  const headSize = field(HEAD_SIZE);
  const dimensions = field(ROPE_DIMENSIONS);
  const interleaved = field(ROPE_INTERLEAVED) != 0;
  const rotated = scratch(thread, SCRATCH_NORMALISED);
  const query = scratch(thread, SCRATCH_QUERY);
  const queryScale = scratch(thread, SCRATCH_QUERY_SCALE);
  memory.copy(rotated, field(QKV), <usize>(heads * headSize) * 4);
  rope(rotated, heads, headSize, dimensions, field(ROPE), interleaved);
  quantiseQuery(rotated, heads, headSize, scaleField(ATTENTION_SCALE), query, queryScale);
  for (let item = first; item < end; ++item) {
    const kvHead = item / segments;
    const segment = item % segments;
    if (segment == segments - 1) appendNew(layer, kvHead, thread);
    const perKv = heads / kvHeads;
    const head = <usize>(kvHead * perKv);
    const from = segment * ATTENTION_SEGMENT;
    const place = <usize>(segment * heads) + head;
    attendSegment(
      layer,
      kvHead,
      query + head * <usize>headSize * 2,
      queryScale + head * 4,
      from,
      min(from + ATTENTION_SEGMENT, field(JOB_POSITION) + 1),
      scratch(thread, SCRATCH_SCORES),
      scratch(thread, SCRATCH_WEIGHTS),
      <usize>field(PARTIAL) + place * <usize>headSize * 4,
      <usize>field(PARTIAL_STATS) + place * 8,
    );
  }
}

/** The new key is turned in this thread's scratch, where the queries, quantised by now, are no longer needed. */
function appendNew(layer: usize, kvHead: i32, thread: i32): void {
  const headSize = field(HEAD_SIZE);
  const headBytes = <usize>headSize * 4;
  const keys = <usize>field(QKV) + <usize>field(HEADS) * headBytes;
  const key = scratch(thread, SCRATCH_NORMALISED);
  memory.copy(key, keys + <usize>kvHead * headBytes, headBytes);
  rope(key, 1, headSize, field(ROPE_DIMENSIONS), field(ROPE), field(ROPE_INTERLEAVED) != 0);
  const value = keys + <usize>(field(KV_HEADS) + kvHead) * headBytes;
  appendToCache(layer, kvHead, key, value, field(JOB_POSITION));
}

function projectAttention(layer: usize, thread: i32): void {
  const heads = field(HEADS);
  const headSize = field(HEAD_SIZE);
  const attention = scratch(thread, SCRATCH_NORMALISED);
  combine(field(PARTIAL), field(PARTIAL_STATS), segmentCount(), heads, headSize, attention);
  const matrix = layer + LAYER_OUTPUT_MATRIX;
  prepareOwn(thread, formatOf(matrix), attention, load<i32>(matrix + MATRIX_BLOCKS));
  multiplyShare(matrix, thread, own(thread, matrix, attention), field(X), true, scaleField(RESIDUAL_SCALE));
}

/** Gate and up lie group by group beside each other, so that this reads one contiguous stream. */
function gateAndUp(layer: usize, thread: i32): void {
  const normalised = scratch(thread, SCRATCH_NORMALISED);
  const hidden = field(HIDDEN);
  rmsNorm(field(X), load<usize>(layer + LAYER_FEED_FORWARD_NORM), hidden, scaleField(EPSILON), 1, normalised);
  const gate = layer + LAYER_GATE_MATRIX;
  const up = layer + LAYER_UP_MATRIX;
  prepareOwn(thread, formatOf(gate) | formatOf(up), normalised, hidden >> 5);
  const gateActivations = own(thread, gate, normalised);
  const upActivations = own(thread, up, normalised);
  const groups = load<i32>(gate + MATRIX_GROUPS);
  const end = shareStart(groups, thread + 1);
  const rows = scratch(thread, SCRATCH_ROWS);
  const gated: usize = field(GATED);
  for (let g = shareStart(groups, thread); g < end; ++g) {
    multiplyGroup(gate, g, gateActivations, rows);
    multiplyGroup(up, g, upActivations, rows + 32);
    siluTimes(rows, rows + 32, gated + <usize>g * 32);
  }
}

function down(layer: usize, thread: i32): void {
  const matrix = layer + LAYER_DOWN_MATRIX;
  const gated: usize = field(GATED);
  prepareOwn(thread, formatOf(matrix), gated, field(FEED_FORWARD) >> 5);
  multiplyShare(matrix, thread, own(thread, matrix, gated), field(X), true, scaleField(RESIDUAL_SCALE));
}
