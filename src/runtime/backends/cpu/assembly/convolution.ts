import {
  ATTENTION,
  CHECKPOINT_TOKENS,
  CONVOLUTION_RING,
  HIDDEN,
  JOB_POSITION,
  LAYER_CHECKPOINTS,
  LAYER_CONVOLUTION_LENGTH,
  LAYER_RING,
  LAYER_TAPS,
  QKV,
} from '../plan-fields';
import { field } from './plan';
import { shareStart } from './synchronise';

/**
 * Thread's share of the channels of a short convolution, for `count` tokens one after the other: b, c and x lie in QKV,
 * the result goes where attention's would. Positions before the text are zeros.
 */
export function convolveShare(layer: usize, count: i32, thread: i32): void {
  const hidden = field(HIDDEN);
  const row = <usize>hidden * 4;
  const length = load<i32>(layer + LAYER_CONVOLUTION_LENGTH);
  const ring = load<usize>(layer + LAYER_RING);
  const taps = load<usize>(layer + LAYER_TAPS);
  const first = shareStart(hidden >> 3, thread) * 8;
  const end = shareStart(hidden >> 3, thread + 1) * 8;
  for (let t = 0; t < count; ++t) {
    const position = field(JOB_POSITION) + t;
    const b = <usize>field(QKV) + <usize>t * 3 * row;
    const out = <usize>field(ATTENTION) + <usize>t * row;
    for (let channel = first; channel < end; ++channel) {
      const at = <usize>channel * 4;
      const newest = load<f32>(b + at) * load<f32>(b + 2 * row + at);
      keep(layer, ring, position, length, at, newest);
      const tap = taps + <usize>(channel * length) * 4;
      let sum = newest * load<f32>(tap + <usize>(length - 1) * 4);
      for (let back = 1; back < length && back <= position; ++back) {
        const past = ring + <usize>((position - back) % CONVOLUTION_RING) * row + at;
        sum += load<f32>(past) * load<f32>(tap + <usize>(length - 1 - back) * 4);
      }
      store<f32>(out + at, load<f32>(b + row + at) * sum);
    }
  }
}

/** In the ring, and in the next checkpoint where it is among the last that one needs. */
// @ts-expect-error: decorator
@inline
function keep(layer: usize, ring: usize, position: i32, length: i32, at: usize, value: f32): void {
  const row = <usize>field(HIDDEN) * 4;
  store<f32>(ring + <usize>(position % CONVOLUTION_RING) * row + at, value);
  const place = (position % CHECKPOINT_TOKENS) - (CHECKPOINT_TOKENS - (length - 1));
  if (place < 0) return;
  const checkpoint = <usize>((position / CHECKPOINT_TOKENS + 1) * (length - 1) + place);
  store<f32>(load<usize>(layer + LAYER_CHECKPOINTS) + checkpoint * row + at, value);
}
