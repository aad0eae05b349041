import {
  ACTIVATION_SILU,
  EPSILON,
  JOB_COUNT,
  MATRIX_GROUPS,
  RECURRENT_CHANNELS_MATRIX,
  RECURRENT_CONVOLUTION_BIAS,
  RECURRENT_CONVOLUTION_LENGTH,
  RECURRENT_DECAY,
  RECURRENT_GATE_OFFSET,
  RECURRENT_GROUPS,
  RECURRENT_HEAD_SIZE,
  RECURRENT_HEADS,
  RECURRENT_IN,
  RECURRENT_NORM,
  RECURRENT_NORM_STEP,
  RECURRENT_NORM_WIDTH,
  RECURRENT_OUT,
  RECURRENT_PAST,
  RECURRENT_ROW_BYTES,
  RECURRENT_RULE,
  RECURRENT_SKIP,
  RECURRENT_STATE,
  RECURRENT_STATE_SIZE,
  RECURRENT_STEP_BIAS,
  RECURRENT_STEPS_OFFSET,
  RECURRENT_STRENGTHS_OFFSET,
  RECURRENT_TAPS,
  RULE_DELTA,
  RULE_SELECTIVE,
} from '../plan-fields';
import { activateTimes, rmsNorm } from './kernels/elementwise';
import { multiplyAdd, softplus, sumLanes } from './math';
import { field, scaleField } from './plan';
import { scanSelectively } from './selective';
import { shareStart } from './synchronise';

/**
 * A state that goes from token to token; the formulas stand at `RecurrentSpec`. The steps of a chunk, with barriers between
 * them: projections (decode.ts, prefill.ts), `convolveChannels`, parameters of `selective` layers, `recur`, `gateAndNorm`
 * of what goes into the output.
 */

/**
 * Thread's share of the channels, in place: silu of the convolution over the last positions. Later tokens come first, so
 * that what earlier ones read is still there.
 */
export function convolveChannels(record: usize, thread: i32): void {
  const count = field(JOB_COUNT);
  const rowBytes = load<usize>(record + RECURRENT_ROW_BYTES);
  const length = load<i32>(record + RECURRENT_CONVOLUTION_LENGTH);
  const groups = load<i32>(record + RECURRENT_CHANNELS_MATRIX + MATRIX_GROUPS);
  const bias = load<usize>(record + RECURRENT_CONVOLUTION_BIAS);
  const pastRow = <usize>groups * 32;
  const past = load<usize>(record + RECURRENT_PAST);
  const renewed = past + <usize>(length - 1) * pastRow;
  const first = <usize>shareStart(groups, thread) * 32;
  const end = <usize>shareStart(groups, thread + 1) * 32;
  for (let at = first; at < end; at += 16) {
    const input = <usize>field(RECURRENT_IN) + at;
    for (let i = 0; i < length - 1; ++i) {
      v128.store(renewed + <usize>i * pastRow + at, v128.load(channelAt(input, rowBytes, past + at, pastRow, length, count + i)));
    }
    const taps = load<usize>(record + RECURRENT_TAPS) + (at >> 2) * <usize>length * 4;
    const start = bias == 0 ? f32x4.splat(0) : v128.load(bias + at);
    for (let t = count - 1; t >= 0; --t) {
      let sum = start;
      for (let i = 0; i < length; ++i) {
        const value = v128.load(channelAt(input, rowBytes, past + at, pastRow, length, t + i));
        sum = multiplyAdd(value, fourTaps(taps + <usize>i * 4, <usize>length * 4), sum);
      }
      v128.store(input + <usize>t * rowBytes, sum);
    }
    for (let i = 0; i < length - 1; ++i) {
      v128.store(past + <usize>i * pastRow + at, v128.load(renewed + <usize>i * pastRow + at));
    }
  }
  for (let t: usize = 0; t < <usize>count; ++t) {
    const row = <usize>field(RECURRENT_IN) + t * rowBytes;
    for (let at = first; at < end; at += 32) activateTimes(ACTIVATION_SILU, 0, row + at, row + at);
  }
}

/** Address of the i-th of what the convolution reads: what came before the chunk, then the chunk. */
// @ts-expect-error: decorator
@inline
function channelAt(input: usize, rowBytes: usize, past: usize, pastRow: usize, length: i32, i: i32): usize {
  return i < length - 1 ? past + <usize>i * pastRow : input + <usize>(i - length + 1) * rowBytes;
}

// @ts-expect-error: decorator
@inline
function fourTaps(tap: usize, step: usize): v128 {
  let taps = f32x4.splat(load<f32>(tap));
  taps = f32x4.replace_lane(taps, 1, load<f32>(tap + step));
  taps = f32x4.replace_lane(taps, 2, load<f32>(tap + 2 * step));
  return f32x4.replace_lane(taps, 3, load<f32>(tap + 3 * step));
}

/** Thread's share of the heads, token after token. */
export function recur(record: usize, thread: i32): void {
  if (load<i32>(record + RECURRENT_RULE) == RULE_SELECTIVE) {
    scanSelectively(record, thread);
    return;
  }
  const heads = load<i32>(record + RECURRENT_HEADS);
  const count = field(JOB_COUNT);
  const headSize = load<i32>(record + RECURRENT_HEAD_SIZE);
  const stateSize = load<i32>(record + RECURRENT_STATE_SIZE);
  const rowBytes = load<usize>(record + RECURRENT_ROW_BYTES);
  const isDelta = load<i32>(record + RECURRENT_RULE) == RULE_DELTA;
  const end = shareStart(heads, thread + 1);
  for (let head = shareStart(heads, thread); head < end; ++head) {
    const at = <usize>head * 4;
    const state = load<usize>(record + RECURRENT_STATE) + <usize>(head * headSize * stateSize) * 4;
    const decay = load<f32>(load<usize>(record + RECURRENT_DECAY) + at);
    const bias = load<f32>(load<usize>(record + RECURRENT_STEP_BIAS) + at);
    for (let t: usize = 0; t < <usize>count; ++t) {
      const row = <usize>field(RECURRENT_IN) + t * rowBytes;
      const out = <usize>field(RECURRENT_OUT) + (t * <usize>heads + <usize>head) * <usize>headSize * 4;
      const step = softplus(load<f32>(row + load<usize>(record + RECURRENT_STEPS_OFFSET) + at) + bias);
      const kept = exponentialOf(step * decay);
      if (isDelta) {
        const strength = load<f32>(row + load<usize>(record + RECURRENT_STRENGTHS_OFFSET) + at);
        correct(record, row, head, state, kept, 1 / (1 + exponentialOf(-strength)), out);
      } else {
        scan(record, row, head, state, kept, step, out);
      }
    }
  }
}

/** state = kept state + step u Bᵀ; out = state C + skip u. */
function scan(record: usize, row: usize, head: i32, state: usize, kept: f32, step: f32, out: usize): void {
  const heads = load<i32>(record + RECURRENT_HEADS);
  const groups = load<i32>(record + RECURRENT_GROUPS);
  const headBytes = <usize>load<i32>(record + RECURRENT_HEAD_SIZE) * 4;
  const stateBytes = <usize>load<i32>(record + RECURRENT_STATE_SIZE) * 4;
  const group = <usize>(head / (heads / groups));
  const u = row + <usize>head * headBytes;
  const b = row + <usize>heads * headBytes + group * stateBytes;
  const c = b + <usize>groups * stateBytes;
  const skip = load<f32>(load<usize>(record + RECURRENT_SKIP) + <usize>head * 4);
  const keeps = f32x4.splat(kept);
  for (let p: usize = 0; p < headBytes; p += 4) {
    const value = load<f32>(u + p);
    const added = f32x4.splat(step * value);
    let sum = f32x4.splat(0);
    for (let n: usize = 0; n < stateBytes; n += 16) {
      const next = multiplyAdd(added, v128.load(b + n), f32x4.mul(keeps, v128.load(state + n)));
      v128.store(state + n, next);
      sum = multiplyAdd(next, v128.load(c + n), sum);
    }
    store<f32>(out + p, sumLanes(sum) + skip * value);
    state += stateBytes;
  }
}

/** state = kept state; state += strength (v - state k) kᵀ; out = state q / √size, with q and k of length 1. */
function correct(record: usize, row: usize, head: i32, state: usize, kept: f32, strength: f32, out: usize): void {
  const groups = load<i32>(record + RECURRENT_GROUPS);
  const headBytes = <usize>load<i32>(record + RECURRENT_HEAD_SIZE) * 4;
  const stateSize = load<i32>(record + RECURRENT_STATE_SIZE);
  const stateBytes = <usize>stateSize * 4;
  const q = row + <usize>(head % groups) * stateBytes;
  const k = q + <usize>groups * stateBytes;
  const v = row + 2 * <usize>groups * stateBytes + <usize>head * headBytes;
  const ofQuery: f32 = 1 / sqrt<f32>((squares(q, stateBytes) + scaleField(EPSILON)) * <f32>stateSize);
  const ofKey: f32 = 1 / sqrt<f32>(squares(k, stateBytes) + scaleField(EPSILON));
  const keeps = f32x4.splat(kept);
  for (let p: usize = 0; p < headBytes; p += 4) {
    let remembered = f32x4.splat(0);
    for (let n: usize = 0; n < stateBytes; n += 16) {
      remembered = multiplyAdd(v128.load(state + n), v128.load(k + n), remembered);
    }
    const change = strength * (load<f32>(v + p) - kept * ofKey * sumLanes(remembered));
    const added = f32x4.splat(change * ofKey);
    let sum = f32x4.splat(0);
    for (let n: usize = 0; n < stateBytes; n += 16) {
      const next = multiplyAdd(added, v128.load(k + n), f32x4.mul(keeps, v128.load(state + n)));
      v128.store(state + n, next);
      sum = multiplyAdd(next, v128.load(q + n), sum);
    }
    store<f32>(out + p, sumLanes(sum) * ofQuery);
    state += stateBytes;
  }
}

/** What goes into the output projection, for one token: gated by silu and normed, in the order of the rule. */
export function gateAndNorm(record: usize, token: i32, x: usize): void {
  const width = load<i32>(record + RECURRENT_HEADS) * load<i32>(record + RECURRENT_HEAD_SIZE);
  memory.copy(x, <usize>field(RECURRENT_OUT) + <usize>(token * width) * 4, <usize>width * 4);
  const row = <usize>field(RECURRENT_IN) + <usize>token * load<usize>(record + RECURRENT_ROW_BYTES);
  const gate = row + load<usize>(record + RECURRENT_GATE_OFFSET);
  if (load<i32>(record + RECURRENT_RULE) == RULE_DELTA) {
    normSpans(record, x, width);
    gateRow(gate, x, width);
  } else {
    gateRow(gate, x, width);
    normSpans(record, x, width);
  }
}

// @ts-expect-error: decorator
@inline
function gateRow(gate: usize, x: usize, width: i32): void {
  for (let i: usize = 0; i < <usize>width * 4; i += 32) activateTimes(ACTIVATION_SILU, gate + i, x + i, x + i);
}

function normSpans(record: usize, x: usize, width: i32): void {
  let weight = load<usize>(record + RECURRENT_NORM);
  if (weight == 0) return;
  const span = load<i32>(record + RECURRENT_NORM_WIDTH);
  for (let first = 0; first < width; first += span) {
    const at = x + <usize>first * 4;
    rmsNorm(at, weight, span, scaleField(EPSILON), 1, at);
    weight += load<usize>(record + RECURRENT_NORM_STEP);
  }
}

function squares(x: usize, bytes: usize): f32 {
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) sum = multiplyAdd(v128.load(x + i), v128.load(x + i), sum);
  return sumLanes(sum);
}

// @ts-expect-error: decorator
@inline
function exponentialOf(x: f32): f32 {
  return <f32>NativeMathf.exp(x);
}

/** x *= sigmoid(gate), over `size` values. */
export function gateBySigmoid(x: usize, gate: usize, size: i32): void {
  for (let i: usize = 0; i < <usize>size * 4; i += 4) {
    store<f32>(x + i, load<f32>(x + i) / (1 + exponentialOf(-load<f32>(gate + i))));
  }
}
