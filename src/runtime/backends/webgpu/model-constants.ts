import type { GpuPlan } from './gpu-plan.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import { formatLayout, layoutOf, type WeightUpload } from './weights/index.ts';

/** What kernels know of the model. A shader ignores the constants it does not name. */
export function modelConstants({ spec, shape }: GpuPlan): ShaderConstants {
  return {
    HEADS: shape.heads,
    HEADS_A_KEY: shape.heads / shape.keyValueHeads,
    HEAD_SIZE: shape.headSize,
    QUERY_WIDTH: shape.queryWidth,
    QUERY_QUADS: shape.queryStride / 4,
    KEY_WIDTH: shape.keyWidth,
    CAPACITY: shape.capacity,
    ROPE_DIMENSIONS: spec.rope.dimensions,
    ATTENTION_SCALE: { float: spec.attention.scale },
    EPSILON: { float: spec.norm.epsilon },
    RESIDUAL_SCALE: { float: spec.residualScale },
    LOGIT_SCALE: { float: spec.logitScale },
    HIDDEN_STRIDE: shape.hiddenStride,
    GATED_STRIDE: shape.gatedStride,
    VOCABULARY: shape.vocabularySize,
  };
}

/** What kernels know of the run of rows they read. */
export function matrixConstants({ matrix, rows }: WeightUpload): ShaderConstants {
  const { blocks, scalesOffset } = layoutOf(matrix.format, rows, matrix.columns);
  return {
    ROWS: rows,
    WIDTH: matrix.columns,
    BLOCKS: blocks,
    SCALES_AT: scalesOffset / 4,
    HAS_OFFSETS: formatLayout(matrix.format).scales === 2,
  };
}
