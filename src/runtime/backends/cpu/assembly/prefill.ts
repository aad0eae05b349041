import {
  ATTENTION,
  ATTENTION_SCALE,
  ATTENTION_SEGMENT,
  EIGHT_BIT,
  EIGHT_BIT_RECORD,
  EPSILON,
  FEED_FORWARD,
  GATED,
  HEAD_SIZE,
  HEADS,
  HIDDEN,
  JOB_COUNT,
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
  MATRIX_GROUPS,
  NORMALISED,
  QKV,
  QUERY,
  QUERY_SCALE,
  RESIDUAL_SCALE,
  ROPE,
  ROPE_DIMENSIONS,
  ROPE_INTERLEAVED,
  SCRATCH,
  SCRATCH_PARTIAL,
  SCRATCH_PARTIAL_STATS,
  SCRATCH_ROWS,
  SCRATCH_SCORES,
  SCRATCH_STRIDE,
  SCRATCH_WEIGHTS,
  SIXTEEN_BIT,
  SIXTEEN_BIT_RECORD,
  TILE_TOKENS,
  X,
} from '../plan-fields';
import { appendToCache, attendSegment } from './cache';
import { combine, quantiseQuery } from './kernels/attend';
import { rmsNorm, rope, siluTimes } from './kernels/elementwise';
import { formatOf, multiplyGroupTiles, pick, prepare } from './matrix';
import { field, scaleField } from './plan';
import { barrier, shareStart, takeItem } from './synchronise';

/**
 * A chunk of tokens through all layers. Weights are taken group by group by whichever thread is free (threads rarely run
 * equally fast), each against all tokens of the chunk; token-wise steps are shared out evenly.
 */
export function prefill(thread: i32): void {
  const layers = field(LAYERS);
  let layer: usize = field(LAYER_TABLE);
  for (let i = 0; i < layers; ++i) {
    const q = layer + LAYER_QUERY_MATRIX;
    const k = layer + LAYER_KEY_MATRIX;
    const v = layer + LAYER_VALUE_MATRIX;
    normaliseShare(layer + LAYER_ATTENTION_NORM, formatOf(q) | formatOf(k) | formatOf(v), thread);
    barrier();
    project(q, k, v);
    barrier();
    appendShare(layer, thread);
    barrier();
    attendItems(layer, thread);
    barrier();
    const output = layer + LAYER_OUTPUT_MATRIX;
    prepareShare(field(ATTENTION), field(HEADS) * field(HEAD_SIZE), formatOf(output), thread);
    barrier();
    addProjection(output, field(ATTENTION), field(HIDDEN));
    barrier();
    const gate = layer + LAYER_GATE_MATRIX;
    const up = layer + LAYER_UP_MATRIX;
    normaliseShare(layer + LAYER_FEED_FORWARD_NORM, formatOf(gate) | formatOf(up), thread);
    barrier();
    gateAndUp(gate, up, thread);
    barrier();
    const down = layer + LAYER_DOWN_MATRIX;
    prepareShare(field(GATED), field(FEED_FORWARD), formatOf(down), thread);
    barrier();
    addProjection(down, field(GATED), field(HIDDEN));
    barrier();
    layer += LAYER_BYTES;
  }
}

// @ts-expect-error: decorator
@inline
function scratch(thread: i32, offset: i32): usize {
  return <usize>field(SCRATCH) + <usize>thread * <usize>field(SCRATCH_STRIDE) + <usize>field(offset);
}

// @ts-expect-error: decorator
@inline
function tiles(): i32 {
  return (field(JOB_COUNT) + TILE_TOKENS - 1) / TILE_TOKENS;
}

/** Token t's records lie interleaved with those of its tile. */
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
  );
}

function normaliseShare(norm: usize, formats: i32, thread: i32): void {
  const count = field(JOB_COUNT);
  const hidden = field(HIDDEN);
  const end = <usize>shareStart(count, thread + 1);
  for (let t = <usize>shareStart(count, thread); t < end; ++t) {
    const row = t * <usize>hidden * 4;
    const normalised = <usize>field(NORMALISED) + row;
    rmsNorm(<usize>field(X) + row, load<usize>(norm), hidden, scaleField(EPSILON), 1, normalised);
    prepareToken(t, normalised, hidden >> 5, formats);
  }
}

function prepareShare(x: usize, width: i32, formats: i32, thread: i32): void {
  const count = field(JOB_COUNT);
  const end = <usize>shareStart(count, thread + 1);
  for (let t = <usize>shareStart(count, thread); t < end; ++t) {
    prepareToken(t, x + t * <usize>width * 4, width >> 5, formats);
  }
}

// @ts-expect-error: decorator
@inline
function shared(matrix: usize, float: usize): usize {
  return pick(matrix, float, field(EIGHT_BIT), field(SIXTEEN_BIT));
}

function project(q: usize, k: usize, v: usize): void {
  const headSize = field(HEAD_SIZE);
  const queryGroups = load<i32>(q + MATRIX_GROUPS);
  const keyGroups = load<i32>(k + MATRIX_GROUPS);
  const total = queryGroups + 2 * keyGroups;
  const stride = <usize>((field(HEADS) + 2 * field(KV_HEADS)) * headSize) * 4;
  const out: usize = field(QKV);
  const float: usize = field(NORMALISED);
  for (let item = takeItem(); item < total; item = takeItem()) {
    let matrix = q;
    let group = item;
    if (group >= queryGroups) {
      matrix = k;
      group -= queryGroups;
      if (group >= keyGroups) {
        matrix = v;
        group -= keyGroups;
      }
    }
    multiplyGroupTiles(matrix, group, shared(matrix, float), tiles(), out + <usize>item * 32, stride, false, 1);
  }
}

/** Rope, int16 queries and the new keys and values, token by token. */
function appendShare(layer: usize, thread: i32): void {
  const count = field(JOB_COUNT);
  const heads = field(HEADS);
  const kvHeads = field(KV_HEADS);
  const headSize = field(HEAD_SIZE);
  const headBytes = <usize>headSize * 4;
  const dimensions = field(ROPE_DIMENSIONS);
  const interleaved = field(ROPE_INTERLEAVED) != 0;
  const end = shareStart(count, thread + 1);
  for (let t = shareStart(count, thread); t < end; ++t) {
    const table = <usize>field(ROPE) + <usize>t * <usize>dimensions * 8;
    const queries = <usize>field(QKV) + <usize>t * <usize>(heads + 2 * kvHeads) * headBytes;
    const newKeys = queries + <usize>heads * headBytes;
    const newValues = newKeys + <usize>kvHeads * headBytes;
    rope(queries, heads + kvHeads, headSize, dimensions, table, interleaved);
    quantiseQuery(
      queries,
      heads,
      headSize,
      scaleField(ATTENTION_SCALE),
      <usize>field(QUERY) + <usize>(t * heads * headSize) * 2,
      <usize>field(QUERY_SCALE) + <usize>(t * heads) * 4,
    );
    for (let h = 0; h < kvHeads; ++h) {
      const row = <usize>h * headBytes;
      appendToCache(layer, h, newKeys + row, newValues + row, field(JOB_POSITION) + t);
    }
  }
}

/** An item is a token and a KV head; late tokens, which see most positions, come first so that the end is even. */
function attendItems(layer: usize, thread: i32): void {
  const count = field(JOB_COUNT);
  const heads = field(HEADS);
  const kvHeads = field(KV_HEADS);
  const headSize = field(HEAD_SIZE);
  const perKv = heads / kvHeads;
  const partial = scratch(thread, SCRATCH_PARTIAL);
  const stats = scratch(thread, SCRATCH_PARTIAL_STATS);
  for (let item = takeItem(); item < count * kvHeads; item = takeItem()) {
    const t = count - 1 - item / kvHeads;
    const kvHead = item % kvHeads;
    const first = <usize>(t * heads + kvHead * perKv);
    const length = field(JOB_POSITION) + t + 1;
    let segments = 0;
    for (let from = 0; from < length; from += ATTENTION_SEGMENT) {
      const place = <usize>(segments * perKv);
      attendSegment(
        layer,
        kvHead,
        <usize>field(QUERY) + first * <usize>headSize * 2,
        <usize>field(QUERY_SCALE) + first * 4,
        from,
        min(from + ATTENTION_SEGMENT, length),
        scratch(thread, SCRATCH_SCORES),
        scratch(thread, SCRATCH_WEIGHTS),
        partial + place * <usize>headSize * 4,
        stats + place * 8,
      );
      ++segments;
    }
    combine(partial, stats, segments, perKv, headSize, <usize>field(ATTENTION) + first * <usize>headSize * 4);
  }
}

/** x += scale * W a */
function addProjection(matrix: usize, float: usize, width: i32): void {
  const groups = load<i32>(matrix + MATRIX_GROUPS);
  const x: usize = field(X);
  for (let g = takeItem(); g < groups; g = takeItem()) {
    const scale = scaleField(RESIDUAL_SCALE);
    multiplyGroupTiles(matrix, g, shared(matrix, float), tiles(), x + <usize>g * 32, <usize>width * 4, true, scale);
  }
}

function gateAndUp(gate: usize, up: usize, thread: i32): void {
  const groups = load<i32>(gate + MATRIX_GROUPS);
  const tileCount = tiles();
  const rows = <usize>(tileCount * TILE_TOKENS) * 32;
  const gateRows = scratch(thread, SCRATCH_ROWS);
  const float: usize = field(NORMALISED);
  const stride = <usize>field(FEED_FORWARD) * 4;
  for (let g = takeItem(); g < groups; g = takeItem()) {
    multiplyGroupTiles(gate, g, shared(gate, float), tileCount, gateRows, 32, false, 1);
    multiplyGroupTiles(up, g, shared(up, float), tileCount, gateRows + rows, 32, false, 1);
    let out = <usize>field(GATED) + <usize>g * 32;
    for (let r: usize = 0; r < rows; r += 32) {
      siluTimes(gateRows + r, gateRows + rows + r, out);
      out += stride;
    }
  }
}
