import {
  ATTENTION_SEGMENT,
  CONTEXT,
  LAYER_HEAD_SIZE,
  LAYER_HEADS,
  LAYER_KEY_SCALES,
  LAYER_KEYS,
  LAYER_KV_HEADS,
  LAYER_SOFT_CAP,
  LAYER_VALUE_SCALES,
  LAYER_VALUES,
} from '../plan-fields';
import { appendKeyValue, attend } from './kernels/attend';
import { field } from './plan';

/** Where one KV head's part of a layer's keys (values, scales) begins. */
// @ts-expect-error: decorator
@inline
function part(layer: usize, offset: usize, kvHead: i32, bytesPerPosition: i32): usize {
  return load<usize>(layer + offset) + <usize>kvHead * <usize>field(CONTEXT) * <usize>bytesPerPosition;
}

/** Writes the key and value (f32, the key turned already) of one position and KV head into a layer's cache. */
export function appendToCache(layer: usize, kvHead: i32, key: usize, value: usize, position: i32): void {
  const headSize = load<i32>(layer + LAYER_HEAD_SIZE);
  appendKeyValue(
    key,
    value,
    headSize,
    position,
    part(layer, LAYER_KEYS, kvHead, headSize),
    part(layer, LAYER_KEY_SCALES, kvHead, 4),
    part(layer, LAYER_VALUES, kvHead, headSize),
    part(layer, LAYER_VALUE_SCALES, kvHead, 4),
  );
}

/** The queries of one KV head over positions [from, to) of one segment, of which they see those from `first`; see `attend`. */
export function attendSegment(
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
  attend(
    load<i32>(layer + LAYER_HEADS) / load<i32>(layer + LAYER_KV_HEADS),
    headSize,
    query,
    queryScales,
    part(layer, LAYER_KEYS, kvHead, headSize),
    part(layer, LAYER_KEY_SCALES, kvHead, 4),
    part(layer, LAYER_VALUES, kvHead, headSize),
    part(layer, LAYER_VALUE_SCALES, kvHead, 4),
    from,
    first,
    to,
    load<f32>(layer + LAYER_SOFT_CAP),
    scores,
    ATTENTION_SEGMENT * 4,
    weights,
    out,
    stats,
  );
}
