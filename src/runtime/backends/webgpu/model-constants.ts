import type { Activation } from '../../architectures/index.ts';
import type { LayerBuffers } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import { wholeBlocks } from './model-shape.ts';
import type { ScratchLayout } from './scratch-layout.ts';
import { formatLayout, frontOf, layoutOf, type WeightUpload } from './weights/index.ts';

/** The numbers of the activations in `shaders/activation.wgsl`. */
const ACTIVATIONS: Readonly<Record<Activation, number>> = { silu: 0, gelu: 1, relu: 2, 'relu-squared': 3 };

/** What all kernels of a model know of it. A shader ignores the constants it does not name. */
export function modelConstants({ spec, shape }: GpuPlan, scratch: ScratchLayout): ShaderConstants {
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

/** What the kernels of a layer know on top of it. */
export function layerConstants(plan: GpuPlan, scratch: ScratchLayout, { plan: layer }: LayerBuffers): ShaderConstants {
  const { shape, spec } = layer;
  const { attention, feedForward } = spec;
  const ropes = shape.rope === undefined ? [] : plan.shape.ropes.slice(0, shape.rope);
  return {
    ...modelConstants(plan, scratch),
    HEADS: shape.heads,
    HEADS_A_KEY: shape.heads / shape.keyValueHeads,
    HEAD_SIZE: shape.headSize,
    QUERY_WIDTH: shape.queryWidth,
    KEY_WIDTH: shape.keyWidth,
    QUERY_QUADS: wholeBlocks(shape.queryWidth) / 4,
    RAW_QUADS: wholeBlocks(shape.queryWidth + 2 * shape.keyWidth) / 4,
    GATED_QUADS: wholeBlocks(shape.gatedSize) / 4,
    ROPE_DIMENSIONS: attention.rope?.dimensions ?? 0,
    ROPE_AT: ropes.reduce((sum, { dimensions }) => sum + Math.ceil(dimensions / 4), 0),
    ATTENTION_SCALE: { float: attention.scale },
    SCORE_CAP: { float: attention.softCap ?? 0 },
    WINDOW: attention.window ?? 0,
    SPLIT_TILE: shape.splitTile,
    GROUP_HEADS: shape.groupHeads,
    TILE_QUERIES: shape.tileQueries,
    TILE_KEYS: shape.tileKeys,
    HAS_GATE: feedForward.gate !== undefined,
    ACTIVATION: ACTIVATIONS[feedForward.activation],
  };
}

/** What kernels know of the run of rows they read. */
export function matrixConstants({ matrix, rows, firstRow, before }: WeightUpload): ShaderConstants {
  const { blocks, scalesOffset, highsOffset } = layoutOf(matrix.format, rows, matrix.columns);
  const { highBits, scaleKind } = formatLayout(matrix.format);
  const front = frontOf(matrix, rows);
  return {
    ROWS: rows,
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
  };
}
