import {
  EPSILON,
  GATED,
  HIDDEN,
  JOB_COUNT,
  LAYER_ATTENTION_NORM,
  LAYER_INPUT_OUTPUT_MATRIX,
  LAYER_INPUT_POST_NORM,
  LAYER_LOW_RANK_DOWN_MATRIX,
  LAYER_LOW_RANK_NORM,
  LAYER_LOW_RANK_UP_MATRIX,
  LAYER_STREAM_CORRECT,
  LAYER_STREAM_PREDICT,
  LAYER_STREAM_ROUTER,
  LAYER_STREAM_ROUTER_NORM,
  LAYER_STREAM_SCALE,
  MATRIX_BLOCKS,
  MATRIX_BYTES,
  NORM,
  NORMALISED,
  SCRATCH_EIGHT_BIT,
  SCRATCH_NORMALISED,
  SCRATCH_SCORES,
  STREAM_BEGIN,
  STREAM_COUNT,
  STREAM_END,
  STREAMS,
  X,
} from '../plan-fields';
import { dot, norm } from './kernels/elementwise';
import { gateLayerInput } from './layer-inputs';
import { hyperbolicTangent, multiplyAdd } from './math';
import { multiplyShare } from './matrix';
import { own, prepareFor, scratch } from './own-scratch';
import { field, scaleField } from './plan';
import { barrier, shareStart } from './synchronise';

/**
 * Several residual streams; see StreamsSpec and LayerStreamsSpec for the formulas. Tokens are computed one after the other, each by
 * all threads: columns are shared out, and what takes whole rows every thread computes for itself. Where each function begins,
 * what it reads is complete; all end with a barrier.
 */

// @ts-expect-error: decorator
@inline
function tokenOf(t: i32): usize {
  return <usize>field(X) + <usize>t * <usize>field(HIDDEN) * 4;
}

/** The first stream of token t. */
// @ts-expect-error: decorator
@inline
function streamsOf(t: i32): usize {
  return <usize>field(STREAMS) + <usize>(t * field(STREAM_COUNT)) * <usize>field(HIDDEN) * 4;
}

/** Bytes at which the thread's share of columns begins. */
// @ts-expect-error: decorator
@inline
function columnsOf(thread: i32): usize {
  return <usize>shareStart(field(HIDDEN) >> 3, thread) * 32;
}

/** How long `other` is as a multiple of x. */
function ratio(x: usize, other: usize): f32 {
  const bytes = <usize>field(HIDDEN) * 4;
  return sqrt<f32>(dot(other, other, bytes) / dot(x, x, bytes));
}

/** Thread's share of out = W x, x being prepared for it. */
function multiply(matrix: usize, x: usize, out: usize, thread: i32): void {
  prepareFor(matrix, thread, x, load<i32>(matrix + MATRIX_BLOCKS));
  multiplyShare(matrix, thread, own(thread, matrix, x), x, out, false, 1);
}

/** Streams of all tokens, of their embeddings. */
export function beginStreams(thread: i32): void {
  const count = field(STREAM_COUNT);
  const rowBytes = <usize>field(HIDDEN) * 4;
  const first = columnsOf(thread);
  const end = columnsOf(thread + 1);
  const factors = scratch(thread, SCRATCH_SCORES);
  for (let t = 0; t < field(JOB_COUNT); ++t) {
    const x = tokenOf(t);
    const streams = streamsOf(t);
    memory.copy(streams + first, x + first, end - first);
    for (let b = 1; b < count; ++b) {
      multiply(<usize>field(STREAM_BEGIN) + <usize>(b - 1) * MATRIX_BYTES, x, streams + <usize>b * rowBytes, thread);
    }
    barrier();
    for (let b: usize = 1; b < <usize>count; ++b) store<f32>(factors + b * 4, ratio(streams + b * rowBytes, x));
    barrier();
    for (let b: usize = 1; b < <usize>count; ++b) {
      const factor = v128.load32_splat(factors + b * 4);
      for (let i = first; i < end; i += 16) {
        const at = streams + b * rowBytes + i;
        v128.store(at, f32x4.mul(v128.load(at), factor));
      }
    }
  }
  barrier();
}

/** What each stream comes to is added up, and the mean goes on. */
export function endStreams(thread: i32): void {
  const count = field(STREAM_COUNT);
  const rowBytes = <usize>field(HIDDEN) * 4;
  const first = columnsOf(thread);
  const end = columnsOf(thread + 1);
  const back: usize = field(NORMALISED);
  for (let t = 0; t < field(JOB_COUNT); ++t) {
    const x = tokenOf(t);
    const streams = streamsOf(t);
    memory.copy(x + first, streams + first, end - first);
    for (let b = 1; b < count; ++b) {
      multiply(<usize>field(STREAM_END) + <usize>(b - 1) * MATRIX_BYTES, streams + <usize>b * rowBytes, back, thread);
      barrier();
      const factor = f32x4.splat(ratio(back, streams));
      for (let i = first; i < end; i += 16) {
        v128.store(x + i, multiplyAdd(v128.load(back + i), factor, v128.load(x + i)));
      }
      barrier();
    }
    const share = f32x4.splat(1 / <f32>count);
    for (let i = first; i < end; i += 16) v128.store(x + i, f32x4.mul(v128.load(x + i), share));
  }
  barrier();
}

/** tanh(router norm(x) / hidden), into `out`. */
function weigh(layer: usize, x: usize, thread: i32, out: usize): void {
  const hidden = field(HIDDEN);
  const normed = scratch(thread, SCRATCH_NORMALISED);
  norm(field(NORM), x, load<usize>(layer + LAYER_STREAM_ROUTER_NORM), 0, hidden, scaleField(EPSILON), normed);
  const router = load<usize>(layer + LAYER_STREAM_ROUTER);
  const bytes = <usize>hidden * 4;
  for (let b: usize = 0; b < <usize>field(STREAM_COUNT); ++b) {
    const value = dot(router + b * bytes, normed, bytes) / <f32>hidden;
    store<f32>(out + b * 4, f32x4.extract_lane(hyperbolicTangent(f32x4.splat(value)), 0));
  }
}

/** out[row] = bias + Σ matrix[row][k] * m[k] */
function coefficients(matrix: usize, m: usize, rows: i32, bias: f32, out: usize): void {
  const count = <usize>field(STREAM_COUNT);
  for (let row: usize = 0; row < <usize>rows; ++row) {
    let sum = bias;
    for (let k: usize = 0; k < count; ++k) sum += load<f32>(matrix + (row * count + k) * 4) * load<f32>(m + k * 4);
    store<f32>(out + row * 4, sum);
  }
}

/** Streams as the layer before predicts them; the residual stream is the first. */
export function predictStreams(layer: usize, thread: i32): void {
  const count = <usize>field(STREAM_COUNT);
  const rowBytes = <usize>field(HIDDEN) * 4;
  const first = columnsOf(thread);
  const end = columnsOf(thread + 1);
  const m = scratch(thread, SCRATCH_SCORES);
  const factors = m + 64;
  // Four columns of all streams, as they were.
  const old = factors + count * count * 4;
  for (let t = 0; t < field(JOB_COUNT); ++t) {
    const streams = streamsOf(t);
    weigh(layer, streams, thread, m);
    coefficients(load<usize>(layer + LAYER_STREAM_PREDICT), m, <i32>(count * count), 0, factors);
    barrier();
    for (let i = first; i < end; i += 16) {
      for (let a: usize = 0; a < count; ++a) v128.store(old + a * 16, v128.load(streams + a * rowBytes + i));
      for (let b: usize = 0; b < count; ++b) {
        let sum = v128.load(old + b * 16);
        for (let a: usize = 0; a < count; ++a) {
          sum = multiplyAdd(v128.load(old + a * 16), v128.load32_splat(factors + (b * count + a) * 4), sum);
        }
        v128.store(streams + b * rowBytes + i, sum);
      }
      v128.store(tokenOf(t) + i, v128.load(streams + i));
    }
  }
  barrier();
}

/** The narrow branch beside attention, which has been added to the residual stream by now. */
export function addLowRank(layer: usize, thread: i32): void {
  const hidden = field(HIDDEN);
  const first = columnsOf(thread);
  const end = columnsOf(thread + 1);
  const normed = scratch(thread, SCRATCH_NORMALISED);
  const branch = scratch(thread, SCRATCH_EIGHT_BIT);
  for (let t = 0; t < field(JOB_COUNT); ++t) {
    const x = tokenOf(t);
    norm(field(NORM), streamsOf(t), load<usize>(layer + LAYER_ATTENTION_NORM), 0, hidden, scaleField(EPSILON), normed);
    multiply(layer + LAYER_LOW_RANK_DOWN_MATRIX, normed, field(GATED), thread);
    barrier();
    multiply(layer + LAYER_LOW_RANK_UP_MATRIX, field(GATED), field(NORMALISED), thread);
    barrier();
    // Nothing that was prepared is needed any more.
    norm(field(NORM), field(NORMALISED), load<usize>(layer + LAYER_LOW_RANK_NORM), 0, hidden, scaleField(EPSILON), branch);
    for (let i = first; i < end; i += 16) {
      const sum = f32x4.add(v128.load(x + i), f32x4.add(v128.load(branch + i), v128.load(normed + i)));
      v128.store(x + i, f32x4.mul(sum, f32x4.splat(0.70710677)));
    }
    barrier();
  }
}

/** Streams corrected by what the layer made; then what it lets in of the token, its `index`-th, is added to all but the first. */
export function correctStreams(layer: usize, index: i32, thread: i32): void {
  const count = <usize>field(STREAM_COUNT);
  const hidden = field(HIDDEN);
  const rowBytes = <usize>hidden * 4;
  const first = columnsOf(thread);
  const end = columnsOf(thread + 1);
  const m = scratch(thread, SCRATCH_SCORES);
  const factors = m + 64;
  const scaled = scratch(thread, SCRATCH_NORMALISED);
  const scale = load<usize>(layer + LAYER_STREAM_SCALE);
  for (let t = 0; t < field(JOB_COUNT); ++t) {
    const x = tokenOf(t);
    const streams = streamsOf(t);
    weigh(layer, x, thread, m);
    coefficients(load<usize>(layer + LAYER_STREAM_CORRECT), m, <i32>count, 1, factors);
    for (let i = first; i < end; i += 16) {
      const innovation = f32x4.sub(v128.load(x + i), v128.load(streams + i));
      for (let b: usize = 0; b < count; ++b) {
        const at = streams + b * rowBytes + i;
        v128.store(at, multiplyAdd(innovation, v128.load32_splat(factors + b * 4), v128.load(at)));
      }
    }
    barrier();
    for (let i: usize = 0; i < rowBytes; i += 16) {
      v128.store(scaled + i, f32x4.mul(v128.load(streams + i), v128.load(scale + i)));
    }
    gateLayerInput(layer, index, t, scaled, thread);
    barrier();
    multiply(layer + LAYER_INPUT_OUTPUT_MATRIX, field(GATED), field(NORMALISED), thread);
    barrier();
    norm(field(NORM), field(NORMALISED), load<usize>(layer + LAYER_INPUT_POST_NORM), 0, hidden, scaleField(EPSILON), scaled);
    for (let b: usize = 1; b < count; ++b) {
      for (let i = first; i < end; i += 16) {
        const at = streams + b * rowBytes + i;
        v128.store(at, f32x4.add(v128.load(at), v128.load(scaled + i)));
      }
    }
    barrier();
  }
}
