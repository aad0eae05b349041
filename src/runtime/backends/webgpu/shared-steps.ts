import type { HeadNormSpec } from '../../architectures/index.ts';
import type { GpuBuffers, MixerBuffers, NormBuffer, ScratchBuffer } from './gpu-buffers.ts';
import type { GpuPlan, ModelPlan } from './gpu-plan.ts';
import type { StepRequest } from './kernel-library.ts';
import type { AttentionShape } from './mixer-shapes.ts';
import type { MixerContext } from './mixer-steps.ts';
import { attentionConstants, matrixConstants, modelConstants } from './model-constants.ts';
import type { Phase } from './phase.ts';
import type { Region } from './scratch-layout.ts';
import type { WeightUpload } from './weights/index.ts';

const EMBED_THREADS = 64;
const NORM_THREADS = 128;
const PLACE_THREADS = 32;
const GATE_THREADS = 64;

/** Tokens to the residual stream, and their rope angles. */
export function embedRequests(plan: GpuPlan, buffers: GpuBuffers, scratch: ScratchBuffer): StepRequest[] {
  const request = (part: WeightUpload, index: number, isByPosition: boolean): StepRequest => ({
    kernel: 'embed',
    format: part.matrix.format,
    constants: {
      ...modelConstants(plan, scratch.layout),
      ...matrixConstants(part),
      WORKGROUP: EMBED_THREADS,
      FETCHES_ANGLES: index === 0 && !isByPosition,
      IS_BY_POSITION: isByPosition,
      IS_ADDED: isByPosition,
      OUTPUT_SCALE: { float: isByPosition ? 1 : plan.spec.embeddingScale },
    },
    bindings: [scratch.buffer, part.buffer, buffers.rope],
    workgroups: (count) => [count, 1],
  });
  return [
    ...buffers.embedding.map((part, index) => request(part, index, false)),
    ...buffers.positionEmbedding.map((part, index) => request(part, index, true)),
  ];
}

/** A norm of its own, from one region to another; `scale` set: added to what is there. */
export function normRequest(
  plan: ModelPlan,
  scratch: ScratchBuffer,
  norm: NormBuffer,
  from: Region,
  to: Region,
  scale?: number,
): StepRequest {
  const { regions } = scratch.layout;
  return {
    kernel: 'norm',
    constants: {
      ...modelConstants(plan, scratch.layout),
      WORKGROUP: NORM_THREADS,
      WIDTH: plan.shape.hiddenSize,
      INPUT_AT: regions[from],
      OUTPUT_AT: regions[to],
      HAS_WEIGHTS: norm.plan.weight !== undefined,
      HAS_BIAS: norm.plan.bias !== undefined,
      BIAS_AT: plan.shape.hiddenStride / 4,
      IS_ADDED: scale !== undefined,
      OUTPUT_SCALE: { float: scale ?? 1 },
      SCALES_STREAM: norm.plan.streamScale !== undefined,
      STREAM_SCALE_AT: plan.shape.hiddenStride / 2,
    },
    bindings: [scratch.buffer, norm.buffer],
    workgroups: (count) => [count, 1],
  };
}

/** Raw projections to queries, keys and values. */
export function placeRequest(
  plan: ModelPlan,
  scratch: ScratchBuffer,
  { shape, vectors, cache }: MixerBuffers<AttentionShape>,
): StepRequest {
  const { queryNorm, keyNorm, isValueNormed, sharesCacheOf } = shape.spec;
  const quads = (norm: HeadNormSpec | undefined) => (norm === undefined ? 0 : norm.weight.size / 4);
  return {
    kernel: 'place',
    cache: plan.cacheFormat,
    constants: {
      ...attentionConstants(plan, scratch.layout, shape),
      WORKGROUP: PLACE_THREADS,
      QUERY_NORM_QUADS: quads(queryNorm),
      KEY_NORM_QUADS: quads(keyNorm),
      QUERY_NORM_BY_ROW: queryNorm?.over === 'row',
      KEY_NORM_BY_ROW: keyNorm?.over === 'row',
      NORM_AFTER_ROPE: (queryNorm ?? keyNorm)?.isAfterRope === true,
      VALUES_NORMED: isValueNormed,
      CACHE_BINDING: 2,
    },
    bindings: [scratch.buffer, vectors!, cache],
    workgroups: (count) => [shape.heads + (sharesCacheOf === undefined ? 2 * shape.keyValueHeads : 0), count],
  };
}

/** What a kernel of attention itself binds. */
export function attentionBindings(scratch: ScratchBuffer, { shape, cache, vectors }: MixerBuffers<AttentionShape>) {
  return [scratch.buffer, cache, ...(shape.spec.sinks === undefined ? [] : [vectors!])];
}

/** What an attention gathered, times the sigmoid of what gates it; nothing where nothing does. */
export function outputGateRequests(plan: ModelPlan, scratch: ScratchBuffer, shape: AttentionShape): StepRequest[] {
  if (shape.spec.outputGate === undefined) return [];
  return [
    {
      kernel: 'output-gate',
      constants: {
        ...attentionConstants(plan, scratch.layout, shape),
        WORKGROUP: GATE_THREADS,
        OUTPUT_GATE_QUADS: (shape.rawWidth - shape.queryWidth) / 4,
      },
      bindings: [scratch.buffer],
      workgroups: (count) => [Math.ceil(shape.queryWidth / 4 / GATE_THREADS), count],
    },
  ];
}

/** A plain product of a phase: from a region to where it is told. */
export function projection(plan: ModelPlan, { name, scratch, multiply }: Phase): MixerContext['project'] {
  return (role, upload, from, into) =>
    multiply(role, upload, {
      kernel: `project-${name}`,
      constants: { ...modelConstants(plan, scratch.layout), INPUT_AT: scratch.layout.regions[from], ...into },
      bindings: [scratch.buffer, upload.buffer],
    });
}
