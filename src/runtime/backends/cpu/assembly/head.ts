import { JOB_LIKELIEST, OUTLINE, OUTLINE_READ, OUTLINE_SPREAD } from '../outline-fields';
import {
  EIGHT_BIT,
  EIGHT_BIT_RECORD,
  EMBEDDING,
  EMBEDDING_SCALE,
  EPSILON,
  FAULT,
  FAULT_NOT_FINITE,
  FINAL_NORM,
  FINAL_NORM_BIAS,
  HEAD,
  HIDDEN,
  JOB_COUNT,
  JOB_HEAD_COUNT,
  JOB_HEAD_FIRST,
  LOGIT_CAP,
  LOGIT_SCALE,
  LOGITS,
  MATRIX_DATA,
  MATRIX_GROUPS,
  NORM,
  NORMALISED,
  PLAN,
  POSITION_EMBEDDING,
  SIXTEEN_BIT,
  SIXTEEN_BIT_RECORD,
  TABLES,
  TOKENS,
  VOCABULARY,
  X,
} from '../plan-fields';
import { lowerFor, raiseRow } from './adapters';
import { addRow, allFinite, meanSquare, norm, scaleRow, softCap } from './kernels/elementwise';
import { formatOf, multiplyShare, multiplyTiles, pick, prepare, rowOf } from './matrix';
import { likelyShare, nameLikely } from './outline';
import { field, scaleField } from './plan';
import { prepareToken } from './prefill';
import { positionOf } from './rows';
import { barrier, shareStart } from './synchronise';

/** Embedding rows of the chunk's tokens into the residual stream. The driver does this alone, before threads start. */
export function embed(): void {
  const count = <usize>field(JOB_COUNT);
  const hidden = field(HIDDEN);
  const scale = scaleField(EMBEDDING_SCALE);
  const positions: usize = PLAN + POSITION_EMBEDDING;
  for (let t: usize = 0; t < count; ++t) {
    const x = <usize>field(X) + t * <usize>hidden * 4;
    const token = load<i32>(<usize>field(TOKENS) + t * 4);
    rowOf(PLAN + EMBEDDING, token, x);
    raiseRow(PLAN + EMBEDDING, token, x);
    if (scale != 1) scaleRow(x, hidden, scale);
    if (load<usize>(positions + MATRIX_DATA) == 0) continue;
    rowOf(positions, positionOf(<i32>t), field(NORMALISED));
    addRow(x, field(NORMALISED), hidden, 1);
  }
}

/** One token's records without the interleaving of a tile, as the one-token kernels read them. */
function prepareRow(x: usize, blocks: i32, formats: i32): void {
  prepare(formats, x, blocks, field(EIGHT_BIT), EIGHT_BIT_RECORD, field(SIXTEEN_BIT), SIXTEEN_BIT_RECORD, field(TABLES));
}

/** What was prepared of the tokens for a matrix. */
function preparedFor(matrix: usize): usize {
  return pick(matrix, field(NORMALISED), field(EIGHT_BIT), field(SIXTEEN_BIT), field(TABLES));
}

/** Logits of 1 to 4 tokens of the chunk. Ends with all shares written, but not with a barrier. */
export function logits(thread: i32): void {
  const count = field(JOB_HEAD_COUNT);
  const hidden = field(HIDDEN);
  const matrix: usize = PLAN + HEAD;
  const groups = load<i32>(matrix + MATRIX_GROUPS);
  const out: usize = field(LOGITS);
  const stride = <usize>field(VOCABULARY) * 4;
  const isOutlined = count == 1 && field(JOB_LIKELIEST) > 0;
  // Few tokens: one thread normalises and quantises them, in the tile that the kernels read.
  if (thread == 0) {
    for (let t: usize = 0; t < <usize>count; ++t) {
      const row = <usize>hidden * 4;
      const x = <usize>field(X) + (<usize>field(JOB_HEAD_FIRST) + t) * row;
      const normalised = <usize>field(NORMALISED) + t * row;
      norm(field(NORM), x, field(FINAL_NORM), field(FINAL_NORM_BIAS), hidden, scaleField(EPSILON), normalised);
      if (count > 1) {
        prepareToken(t, normalised, hidden >> 5, formatOf(matrix));
        lowerFor(matrix, normalised, <i32>t);
      } else {
        prepareRow(normalised, hidden >> 5, formatOf(matrix) | (isOutlined ? formatOf(PLAN + OUTLINE) : 0));
        if (isOutlined) {
          store<f32>(PLAN + OUTLINE_SPREAD, sqrt<f32>(meanSquare(normalised, hidden)));
          store<i32>(PLAN + OUTLINE_READ, 0);
        }
      }
    }
  }
  barrier();
  const activations = preparedFor(matrix);
  const first = shareStart(groups, thread);
  const end = shareStart(groups, thread + 1);
  if (isOutlined) {
    likelyShare(thread, activations, preparedFor(PLAN + OUTLINE), field(NORMALISED));
  } else if (count == 1) {
    multiplyShare(matrix, thread, activations, field(NORMALISED), out, false, 1);
  } else {
    multiplyTiles(matrix, first, end - first, activations, 1, out + <usize>first * 32, stride, false, 1);
    if (field(JOB_LIKELIEST) > 0) nameLikely(thread, count);
  }
  const scale = scaleField(LOGIT_SCALE);
  const cap = scaleField(LOGIT_CAP);
  for (let t: usize = 0; t < <usize>count; ++t) {
    const own = out + t * stride + <usize>first * 32;
    if (scale != 1) scaleRow(own, (end - first) * 8, scale);
    if (cap != 0) softCap(own, (end - first) * 8, cap);
    if (!allFinite(own, (end - first) * 8)) {
      if (ASC_FEATURE_THREADS) atomic.cmpxchg<i32>(PLAN + FAULT, 0, FAULT_NOT_FINITE);
      else store<i32>(PLAN + FAULT, FAULT_NOT_FINITE);
    }
  }
}
