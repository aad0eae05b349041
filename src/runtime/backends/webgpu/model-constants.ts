import type { Activation, FeedForwardSpec } from '../../architectures/index.ts';
import type { ModelPlan } from './gpu-plan.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import type { AttentionShape } from './mixer-shapes.ts';
import { sinksAt } from './mixer-vectors.ts';
import { wholeBlocks } from './model-shape.ts';
import type { ScratchLayout } from './scratch-layout.ts';
import { formatLayout, frontOf, layoutOf, rowsOfOne, type WeightUpload } from './weights/index.ts';

/** The numbers of the activations in `shaders/activation.wgsl`. */
export const ACTIVATIONS: Readonly<Record<Activation, number>> = {
  silu: 0,
  gelu: 1,
  relu: 2,
  'relu-squared': 3,
  clamped: 4,
};

/** What all kernels of a model know of it. A shader ignores the constants it does not name. */
export function modelConstants({ spec, shape }: ModelPlan, scratch: ScratchLayout): ShaderConstants {
  return {
    ...scratch.constants,
    CAPACITY: shape.capacity,
    EPSILON: { float: spec.norm.epsilon },
    IS_LAYER_NORM: spec.norm.kind === 'layer',
    LOGIT_SCALE: { float: spec.logitScale },
    LOGIT_CAP: { float: spec.logitSoftCap ?? 0 },
    VOCABULARY: shape.vocabularySize,
    SPLITS: shape.splits,
  };
}

/** What the kernels of an attention know on top of it. */
export function attentionConstants(plan: ModelPlan, scratch: ScratchLayout, shape: AttentionShape): ShaderConstants {
  const { rope, softCap, window, scale } = shape.spec;
  const ropes = shape.rope === undefined ? [] : plan.shape.ropes.slice(0, shape.rope);
  return {
    ...modelConstants(plan, scratch),
    HEADS: shape.heads,
    HEADS_A_KEY: shape.heads / shape.keyValueHeads,
    HEAD_SIZE: shape.headSize,
    QUERY_WIDTH: shape.queryWidth,
    KEY_WIDTH: shape.keyWidth,
    QUERY_QUADS: wholeBlocks(shape.queryWidth) / 4,
    RAW_QUADS: wholeBlocks(shape.rawWidth) / 4,
    ROPE_DIMENSIONS: rope?.dimensions ?? 0,
    ROPE_AT: ropes.reduce((sum, { dimensions }) => sum + Math.ceil(dimensions / 4), 0),
    ATTENTION_SCALE: { float: scale },
    SINKS_AT: sinksAt(shape),
    SCORE_CAP: { float: softCap ?? 0 },
    WINDOW: window ?? 0,
    SPLIT_TILE: shape.splitTile,
    GROUP_HEADS: shape.groupHeads,
    TILE_QUERIES: shape.prefillTile?.tileQueries ?? 0,
    TILE_KEYS: shape.prefillTile?.tileKeys ?? 0,
  };
}

/** What the kernels of a feed-forward block know of it. */
export function blockConstants({ size, gate, activation }: FeedForwardSpec): ShaderConstants {
  return {
    GATED_QUADS: wholeBlocks(size) / 4,
    HAS_GATE: gate !== undefined,
    ACTIVATION: ACTIVATIONS[activation],
  };
}

/** What kernels know of the run of rows they read. */
export function matrixConstants(upload: WeightUpload): ShaderConstants {
  const { matrix, rows, firstRow, before } = upload;
  const { blocks, scalesOffset, highsOffset } = layoutOf(matrix.format, rows, matrix.columns);
  const { highBits, scaleKind } = formatLayout(matrix.format);
  const front = frontOf(matrix, rows);
  return {
    ROWS: rowsOfOne(upload),
    FIRST_ROW: before + firstRow,
    WIDTH: matrix.columns,
    BLOCKS: blocks,
    BIAS_AT: front.biasOffset / 16,
    VALUES_AT: front.byteLength / 16,
    SCALES_AT: (front.byteLength + scalesOffset) / 4,
    HIGHS_AT: (front.byteLength + highsOffset) / 4,
    HIGH_BITS: highBits,
    SCALE_KIND: scaleKind,
    IS_NORMED: matrix.norm !== undefined,
    HAS_BIAS: front.hasBias,
    ...(matrix.stack === 1 ? {} : stackConstants(upload)),
  };
}

function stackConstants(upload: WeightUpload): ShaderConstants {
  const rows = rowsOfOne(upload);
  return {
    IS_CUT: upload.rows < upload.matrix.rows,
    FIRST_EXPERT: upload.firstRow / rows,
    EXPERTS_HERE: upload.rows / rows,
  };
}
