import { JOB_COUNT, ROW_BYTES, ROW_CACHE, ROW_POSITION, ROWS } from '../plan-fields';
import { field } from './plan';

/** Where in its text token t of the job stands. Tokens of one job may belong to several texts. */
// @ts-expect-error: decorator
@inline
export function positionOf(t: i32): i32 {
  return load<i32>(<usize>field(ROWS) + <usize>(t * ROW_BYTES + ROW_POSITION));
}

/** Address of the KV cache of its text. */
// @ts-expect-error: decorator
@inline
export function cacheOf(t: i32): usize {
  return load<usize>(<usize>field(ROWS) + <usize>(t * ROW_BYTES + ROW_CACHE));
}

/** Whether the job has two tokens: a guess behind one, or two texts. Half of a tile is for nothing then. */
// @ts-expect-error: decorator
@inline
export function hasPair(): bool {
  return field(JOB_COUNT) == 2;
}
