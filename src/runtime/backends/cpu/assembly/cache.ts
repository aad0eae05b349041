import {
  ATTENTION_SEGMENT,
  CACHE_FLOAT16,
  CACHE_INT8,
  CACHE_KIND,
  CONTEXT,
  LAYER_ATTENTION_SCALE,
  LAYER_HEAD_SIZE,
  LAYER_HEADS,
  LAYER_KEY_SCALES,
  LAYER_KEYS,
  LAYER_KV_HEADS,
  LAYER_SOFT_CAP,
  LAYER_VALUE_SCALES,
  LAYER_VALUES,
} from '../plan-fields';
import { appendKeyValue, attend, combine, quantiseQuery } from './kernels/attend';
import { appendFloat, attendFloat, scaleQuery } from './kernels/attend-float';
import { hadamard } from './kernels/hadamard';
import { field } from './plan';

/** Where one KV head's part of a layer's keys (values, scales) begins in the cache of a text. */
// @ts-expect-error: decorator
@inline
function part(cache: usize, layer: usize, offset: usize, kvHead: i32, bytesPerPosition: i32): usize {
  return cache + load<usize>(layer + offset) + <usize>kvHead * <usize>field(CONTEXT) * <usize>bytesPerPosition;
}

/** Bytes of one value of a prepared query. */
// @ts-expect-error: decorator
@inline
export function queryBytes(): usize {
  return field(CACHE_KIND) == CACHE_INT8 ? 2 : 4;
}

/** All queries of a token (f32, turned already) as they meet the cache. */
export function prepareQueries(layer: usize, x: usize, out: usize, scales: usize): void {
  const heads = load<i32>(layer + LAYER_HEADS);
  const headSize = load<i32>(layer + LAYER_HEAD_SIZE);
  const factor = load<f32>(layer + LAYER_ATTENTION_SCALE);
  const kind = field(CACHE_KIND);
  if (kind == CACHE_INT8) quantiseQuery(x, heads, headSize, factor, out, scales);
  else scaleQuery(kind == CACHE_FLOAT16, x, heads * headSize, factor, out);
}

/** Writes the key and value (f32, the key turned already) of one position and KV head into a layer's part of a cache. */
export function appendToCache(
  cache: usize,
  layer: usize,
  kvHead: i32,
  key: usize,
  value: usize,
  position: i32,
): void {
  const headSize = load<i32>(layer + LAYER_HEAD_SIZE);
  const kind = field(CACHE_KIND);
  if (kind != CACHE_INT8) {
    const bytes = kind == CACHE_FLOAT16 ? headSize * 2 : headSize * 4;
    const keys = part(cache, layer, LAYER_KEYS, kvHead, bytes);
    const values = part(cache, layer, LAYER_VALUES, kvHead, bytes);
    appendFloat(kind == CACHE_FLOAT16, key, value, headSize, position, keys, values);
    return;
  }
  appendKeyValue(
    key,
    value,
    headSize,
    position,
    part(cache, layer, LAYER_KEYS, kvHead, headSize),
    part(cache, layer, LAYER_KEY_SCALES, kvHead, 4),
    part(cache, layer, LAYER_VALUES, kvHead, headSize),
    part(cache, layer, LAYER_VALUE_SCALES, kvHead, 4),
  );
}

/** The queries of one KV head over positions [from, to) of one segment, of which they see those from `first`; see `attend`. */
export function attendSegment(
  cache: usize,
  layer: usize,
  kvHead: i32,
  query: usize,
  queryScales: usize,
  from: i32,
  first: i32,
  to: i32,
  scores: usize,
  weights: usize,
  out: usize,
  stats: usize,
): void {
  const headSize = load<i32>(layer + LAYER_HEAD_SIZE);
  const queries = load<i32>(layer + LAYER_HEADS) / load<i32>(layer + LAYER_KV_HEADS);
  const cap = load<f32>(layer + LAYER_SOFT_CAP);
  const stride: usize = ATTENTION_SEGMENT * 4;
  const kind = field(CACHE_KIND);
  if (kind != CACHE_INT8) {
    const bytes = kind == CACHE_FLOAT16 ? headSize * 2 : headSize * 4;
    const keys = part(cache, layer, LAYER_KEYS, kvHead, bytes);
    const values = part(cache, layer, LAYER_VALUES, kvHead, bytes);
    const isHalf = kind == CACHE_FLOAT16;
    attendFloat(isHalf, queries, headSize, query, keys, values, from, first, to, cap, scores, stride, out, stats);
    return;
  }
  attend(
    queries,
    headSize,
    query,
    queryScales,
    part(cache, layer, LAYER_KEYS, kvHead, headSize),
    part(cache, layer, LAYER_KEY_SCALES, kvHead, 4),
    part(cache, layer, LAYER_VALUES, kvHead, headSize),
    part(cache, layer, LAYER_VALUE_SCALES, kvHead, 4),
    from,
    first,
    to,
    cap,
    scores,
    stride,
    weights,
    out,
    stats,
  );
}

/** Joins what segments left for some heads; see `combine`. */
export function combineSegments(
  partial: usize,
  stats: usize,
  segments: i32,
  heads: i32,
  headSize: i32,
  sinks: usize,
  out: usize,
): void {
  combine(partial, stats, segments, heads, headSize, sinks, out);
  if (field(CACHE_KIND) != CACHE_INT8) return;
  for (let h = 0; h < heads; ++h) hadamard(out + <usize>(h * headSize) * 4, headSize);
}
