import {
  EIGHT_BIT_RECORD,
  LAYER_ACTIVATION,
  MATRIX_DATA,
  MATRIX_GROUPS,
  SCRATCH,
  SCRATCH_EIGHT_BIT,
  SCRATCH_ROWS,
  SCRATCH_SIXTEEN_BIT,
  SCRATCH_STRIDE,
  SCRATCH_TABLES,
  SIXTEEN_BIT_RECORD,
} from '../plan-fields';
import { lowerFor } from './adapters';
import { activateTimes } from './kernels/elementwise';
import { formatOf, multiplyGroups, pick, prepare } from './matrix';
import { field } from './plan';
import { shareStart } from './synchronise';

/** What a thread works in when it computes one token's activations for itself. */

// @ts-expect-error: decorator
@inline
export function scratch(thread: i32, offset: i32): usize {
  return <usize>field(SCRATCH) + <usize>thread * <usize>field(SCRATCH_STRIDE) + <usize>field(offset);
}

/** Puts x (f32) into this thread's scratch in the formats asked for. */
export function prepareOwn(thread: i32, formats: i32, x: usize, blocks: i32): void {
  prepare(
    formats,
    x,
    blocks,
    scratch(thread, SCRATCH_EIGHT_BIT),
    EIGHT_BIT_RECORD,
    scratch(thread, SCRATCH_SIXTEEN_BIT),
    SIXTEEN_BIT_RECORD,
    scratch(thread, SCRATCH_TABLES),
  );
}

export function prepareFor(matrix: usize, thread: i32, x: usize, blocks: i32): void {
  prepareOwn(thread, formatOf(matrix), x, blocks);
}

/** The prepared form that a matrix reads. */
// @ts-expect-error: decorator
@inline
export function own(thread: i32, matrix: usize, float: usize): usize {
  const tables = scratch(thread, SCRATCH_TABLES);
  return pick(matrix, float, scratch(thread, SCRATCH_EIGHT_BIT), scratch(thread, SCRATCH_SIXTEEN_BIT), tables);
}

/**
 * Thread's share of out = activation(gate x) * up x, of activations that it has prepared. All of the gate's rows come
 * before those of up: long streams of one weight are what memory brings fastest.
 */
export function activateShare(layer: usize, gate: usize, up: usize, x: usize, out: usize, thread: i32): void {
  const isGated = load<usize>(gate + MATRIX_DATA) != 0;
  const gateActivations = own(thread, gate, x);
  const upActivations = own(thread, up, x);
  if (isGated) lowerFor(gate, x, thread);
  lowerFor(up, x, thread);
  const groups = load<i32>(up + MATRIX_GROUPS);
  const first = shareStart(groups, thread);
  const end = shareStart(groups, thread + 1);
  const count = end - first;
  const bytes = <usize>count * 32;
  const upRows = scratch(thread, SCRATCH_ROWS);
  const gateRows = upRows + bytes;
  const activation = load<i32>(layer + LAYER_ACTIVATION);
  if (isGated) multiplyGroups(gate, first, count, gateActivations, thread, gateRows);
  multiplyGroups(up, first, count, upActivations, thread, upRows);
  const to = out + <usize>first * 32;
  for (let i: usize = 0; i < bytes; i += 32) {
    activateTimes(activation, isGated ? gateRows + i : 0, upRows + i, to + i);
  }
}
