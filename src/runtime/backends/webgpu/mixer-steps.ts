import type { MixerBuffers, ScratchBuffer } from './gpu-buffers.ts';
import type { ModelPlan } from './gpu-plan.ts';
import type { StepRequest } from './kernel-library.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import type { MatrixRole } from './matrix-tuning.ts';
import type { AttentionShape, ConvolutionShape, RecurrentShape } from './mixer-shapes.ts';
import { modelConstants } from './model-constants.ts';
import { wholeBlocks } from './model-shape.ts';
import type { Region } from './scratch-layout.ts';
import { stateKernels } from './state-kernels.ts';
import { CHECKPOINT_TOKENS, CONVOLUTION_RING } from './state-room.ts';
import type { WeightUpload } from './weights/index.ts';

const CHANNEL_THREADS = 64;

/** What the steps of a mixer are made with: for one token, or for a chunk of them. */
export interface MixerContext {
  readonly plan: ModelPlan;
  readonly scratch: ScratchBuffer;
  readonly isChunk: boolean;
  /** What it reads. */
  readonly input: Region;
  /** Where its output goes. */
  readonly into: ShaderConstants;
  readonly project: (role: MatrixRole, upload: WeightUpload, from: Region, into: ShaderConstants) => StepRequest;
}

/** What reads the residual stream, and what adds to it. */
export interface MixerRequests {
  readonly mix: readonly StepRequest[];
  readonly add: readonly StepRequest[];
}

/** The steps of a mixer; attention's differ for one token and for many, so the caller brings them. */
export function mixerRequests(
  context: MixerContext,
  mixer: MixerBuffers,
  attention: (context: MixerContext, mixer: MixerBuffers<AttentionShape>) => MixerRequests,
): MixerRequests {
  const { shape } = mixer;
  if (shape.kind === 'attention') return attention(context, { ...mixer, shape });
  if (shape.kind === 'convolution') return convolutionRequests(context, { ...mixer, shape });
  return recurrentRequests(context, { ...mixer, shape });
}

/** Projections as they are. */
export function rawRequests({ scratch, input, project }: MixerContext, mixer: MixerBuffers): StepRequest[] {
  return mixer.input.map((upload) =>
    project('qkv', upload, input, {
      OUTPUT_AT: scratch.layout.regions.raw + upload.before / 4,
      OUTPUT_QUADS: wholeBlocks(mixer.shape.rawWidth) / 4,
      IS_ADDED: false,
      OUTPUT_SCALE: { float: 1 },
    }),
  );
}

/**
 * A short convolution. A chunk is worked out before it is kept: it may be longer than the ring, whose oldest inputs its first
 * tokens still read.
 */
function convolutionRequests(context: MixerContext, mixer: MixerBuffers<ConvolutionShape>): MixerRequests {
  const { plan, scratch, isChunk, into, project } = context;
  const { spec, width, rawWidth } = mixer.shape;
  const convolve = (convolves: boolean, keeps: boolean): StepRequest => ({
    kernel: 'convolve',
    constants: {
      ...modelConstants(plan, scratch.layout),
      WORKGROUP: CHANNEL_THREADS,
      CONVOLVES: convolves,
      KEEPS: keeps,
      LENGTH: spec.length,
      WIDTH_QUADS: width / 4,
      RAW_QUADS: wholeBlocks(rawWidth) / 4,
      RING: CONVOLUTION_RING,
      CHECKPOINT_TOKENS,
    },
    bindings: [scratch.buffer, mixer.vectors!, mixer.cache, mixer.past!],
    workgroups: (count) => [Math.ceil(wholeBlocks(width) / 4 / CHANNEL_THREADS), count],
  });
  return {
    mix: [
      ...rawRequests(context, mixer),
      ...(isChunk ? [convolve(true, false), convolve(false, true)] : [convolve(true, true)]),
    ],
    add: [project('output', mixer.output, 'attended', into)],
  };
}

/** A state that goes from token to token. */
function recurrentRequests(context: MixerContext, mixer: MixerBuffers<RecurrentShape>): MixerRequests {
  const { plan, scratch, into, project } = context;
  const bindings = [scratch.buffer, mixer.vectors!, mixer.cache];
  return {
    mix: [
      ...rawRequests(context, mixer),
      ...stateKernels(mixer.shape, plan.shape.states.slots).map(({ kernel, constants, workgroups, binds }) => ({
        kernel,
        constants: { ...modelConstants(plan, scratch.layout), ...constants },
        bindings: bindings.slice(0, binds),
        workgroups,
      })),
    ],
    add: [project('output', mixer.output, 'mixed', into)],
  };
}
