import {
  EPSILON,
  HEAD_NORM_EACH,
  HEAD_NORM_NONE,
  HEAD_NORM_ROW,
  LAYER_HEAD_NORM,
  LAYER_HEAD_SIZE,
  LAYER_HEADS,
  LAYER_KEY_NORM,
  LAYER_KV_HEADS,
  LAYER_NORM_AFTER_ROPE,
  LAYER_QUERY_NORM,
  LAYER_ROPE,
  LAYER_ROPE_DIMENSIONS,
  LAYER_ROPE_INTERLEAVED,
  LAYER_VALUE_NORM,
  NORM,
} from '../plan-fields';
import { norm, rope } from './kernels/elementwise';
import { field, scaleField } from './plan';

/** Norm and rotation of a token's queries, in place. `token` is its index in the chunk. */
export function placeQueries(layer: usize, x: usize, token: i32): void {
  place(layer, load<usize>(layer + LAYER_QUERY_NORM), x, load<i32>(layer + LAYER_HEADS), token);
}

/** The same for its keys, all of them: some models norm them as one row. */
export function placeKeys(layer: usize, x: usize, token: i32): void {
  place(layer, load<usize>(layer + LAYER_KEY_NORM), x, load<i32>(layer + LAYER_KV_HEADS), token);
}

/** Normalises `heads` heads of values in place, where the layer does that. */
export function normValues(layer: usize, x: usize, heads: i32): void {
  const ones = load<usize>(layer + LAYER_VALUE_NORM);
  if (ones == 0) return;
  const headSize = load<i32>(layer + LAYER_HEAD_SIZE);
  for (let h = 0; h < heads; ++h) {
    norm(field(NORM), x, ones, 0, headSize, scaleField(EPSILON), x);
    x += <usize>headSize * 4;
  }
}

function place(layer: usize, weight: usize, x: usize, heads: i32, token: i32): void {
  const isAfter = load<i32>(layer + LAYER_NORM_AFTER_ROPE) != 0;
  if (!isAfter) normHeads(layer, weight, x, heads);
  turn(layer, x, heads, token);
  if (isAfter) normHeads(layer, weight, x, heads);
}

function turn(layer: usize, x: usize, heads: i32, token: i32): void {
  const tables = load<usize>(layer + LAYER_ROPE);
  if (tables == 0) return;
  const dimensions = load<i32>(layer + LAYER_ROPE_DIMENSIONS);
  const table = tables + <usize>token * <usize>dimensions * 8;
  const isInterleaved = load<i32>(layer + LAYER_ROPE_INTERLEAVED) != 0;
  rope(x, heads, load<i32>(layer + LAYER_HEAD_SIZE), dimensions, table, isInterleaved);
}

function normHeads(layer: usize, weight: usize, x: usize, heads: i32): void {
  const kind = load<i32>(layer + LAYER_HEAD_NORM);
  if (kind == HEAD_NORM_NONE || weight == 0) return;
  const headSize = load<i32>(layer + LAYER_HEAD_SIZE);
  if (kind == HEAD_NORM_ROW) {
    norm(field(NORM), x, weight, 0, heads * headSize, scaleField(EPSILON), x);
    return;
  }
  const headBytes = <usize>headSize * 4;
  for (let h: usize = 0; h < <usize>heads; ++h) {
    const own = kind == HEAD_NORM_EACH ? weight + h * headBytes : weight;
    norm(field(NORM), x + h * headBytes, own, 0, headSize, scaleField(EPSILON), x + h * headBytes);
  }
}
