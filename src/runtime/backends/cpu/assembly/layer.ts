import { ATTENTION_SEGMENT, LAYER_OUTPUT_SCALE, LAYER_WINDOW } from '../plan-fields';

/** First position that a query at `position` sees. */
// @ts-expect-error: decorator
@inline
export function firstSeen(layer: usize, position: i32): i32 {
  return max(0, position - load<i32>(layer + LAYER_WINDOW) + 1);
}

/** Factor on the residual stream as the layer leaves it. */
export function outputScale(layer: usize): f32 {
  const address = load<usize>(layer + LAYER_OUTPUT_SCALE);
  return address == 0 ? 1 : load<f32>(address);
}

/** Segment that a position lies in. */
// @ts-expect-error: decorator
@inline
export function segmentOf(position: i32): i32 {
  return position / ATTENTION_SEGMENT;
}
