import {
  EPSILON,
  JOB_COUNT,
  RECURRENT_B_NORM,
  RECURRENT_C_NORM,
  RECURRENT_DECAY,
  RECURRENT_HEADS,
  RECURRENT_IN,
  RECURRENT_OUT,
  RECURRENT_PARAMETERS_OFFSET,
  RECURRENT_RANK,
  RECURRENT_ROW_BYTES,
  RECURRENT_SKIP,
  RECURRENT_STATE,
  RECURRENT_STATE_SIZE,
  RECURRENT_STEP_BIAS,
  RECURRENT_STEP_WEIGHTS,
  RECURRENT_T_NORM,
  SCRATCH_NORMALISED,
} from '../plan-fields';
import { dot } from './kernels/elementwise';
import { exponential, multiplyAdd, softplus, sumLanes } from './math';
import { scratch } from './own-scratch';
import { field, scaleField } from './plan';
import { shareStart } from './synchronise';

/**
 * Thread's share of the channels where each has a state of its own and t, B and C were read from all channels, token after
 * token: step = softplus(steps t + bias); state = e^(step a) state + step u B; out = state C + skip u.
 */
export function scanSelectively(record: usize, thread: i32): void {
  const heads = load<i32>(record + RECURRENT_HEADS);
  const rank = load<i32>(record + RECURRENT_RANK);
  const stateBytes = <usize>load<i32>(record + RECURRENT_STATE_SIZE) * 4;
  const rowBytes = load<usize>(record + RECURRENT_ROW_BYTES);
  const isNormed = load<usize>(record + RECURRENT_T_NORM) != 0;
  const weights = load<usize>(record + RECURRENT_STEP_WEIGHTS);
  const biases = load<usize>(record + RECURRENT_STEP_BIAS);
  const decays = load<usize>(record + RECURRENT_DECAY);
  const skips = load<usize>(record + RECURRENT_SKIP);
  const states = load<usize>(record + RECURRENT_STATE);
  // Whole groups: threads share no cache line of what they write.
  const first = <usize>shareStart(heads >> 3, thread) * 8;
  const end = <usize>shareStart(heads >> 3, thread + 1) * 8;
  const count = <usize>field(JOB_COUNT);
  for (let token: usize = 0; token < count; ++token) {
    const row = <usize>field(RECURRENT_IN) + token * rowBytes;
    const out = <usize>field(RECURRENT_OUT) + token * <usize>heads * 4;
    let t = row + load<usize>(record + RECURRENT_PARAMETERS_OFFSET);
    let b = t + <usize>rank * 4;
    let c = b + stateBytes;
    if (isNormed) {
      // Each thread for itself: the others read the same.
      const own = scratch(thread, SCRATCH_NORMALISED);
      t = normed(t, load<usize>(record + RECURRENT_T_NORM), <usize>rank * 4, own);
      b = normed(b, load<usize>(record + RECURRENT_B_NORM), stateBytes, own + <usize>rank * 4);
      c = normed(c, load<usize>(record + RECURRENT_C_NORM), stateBytes, own + <usize>rank * 4 + stateBytes);
    }
    for (let channel = first; channel < end; ++channel) {
      const at = channel * 4;
      const u = load<f32>(row + at);
      const step = softplus(dot(weights + at * <usize>rank, t, <usize>rank * 4) + load<f32>(biases + at));
      const steps = f32x4.splat(step);
      const added = f32x4.splat(step * u);
      const decay = decays + channel * stateBytes;
      const state = states + channel * stateBytes;
      let sum = f32x4.splat(0);
      for (let n: usize = 0; n < stateBytes; n += 16) {
        const kept = exponential(f32x4.mul(steps, v128.load(decay + n)));
        const next = multiplyAdd(added, v128.load(b + n), f32x4.mul(kept, v128.load(state + n)));
        v128.store(state + n, next);
        sum = multiplyAdd(next, v128.load(c + n), sum);
      }
      store<f32>(out + at, sumLanes(sum) + load<f32>(skips + at) * u);
    }
  }
}

/** out = the norm of x, as long as it may be; returns its address. */
function normed(x: usize, weight: usize, bytes: usize, out: usize): usize {
  const factor: f32 = 1 / sqrt<f32>(dot(x, x, bytes) / <f32>(bytes >> 2) + scaleField(EPSILON));
  for (let i: usize = 0; i < bytes; i += 4) store<f32>(out + i, load<f32>(x + i) * factor * load<f32>(weight + i));
  return out;
}
