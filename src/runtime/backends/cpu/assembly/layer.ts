import { ATTENTION_SEGMENT, LAYER_WINDOW } from '../plan-fields';

/** First position that a query at `position` sees. */
// @ts-expect-error: decorator
@inline
export function firstSeen(layer: usize, position: i32): i32 {
  return max(0, position - load<i32>(layer + LAYER_WINDOW) + 1);
}

/** Segment that a position lies in. */
// @ts-expect-error: decorator
@inline
export function segmentOf(position: i32): i32 {
  return position / ATTENTION_SEGMENT;
}
