import { gemmRequest } from '../gemm-request.ts';
import type { LayerBuffers, MixerBuffers, NormBuffer } from '../gpu-buffers.ts';
import type { KernelLibrary, KernelStep, StepRequest } from '../kernel-library.ts';
import type { AttentionShape } from '../mixer-shapes.ts';
import { type MixerContext, type MixerRequests, mixerRequests } from '../mixer-steps.ts';
import { attentionConstants, blockConstants, matrixConstants, modelConstants } from '../model-constants.ts';
import { queryKeyValueRequests } from '../prefill-steps.ts';
import type { Region } from '../scratch-layout.ts';
import { normRequest } from '../shared-steps.ts';
import type { WeightUpload } from '../weights/index.ts';
import type { EncoderBuffers } from './encoder-buffers.ts';
import type { GpuEncoderPlan } from './encoder-plan.ts';

const EMBED_THREADS = 64;
const POOL_THREADS = 32;

/** What a job takes, ready to be encoded. */
export interface EncoderSteps {
  /** Tokens to their vectors. */
  readonly layers: readonly KernelStep[];
  /** Runs of tokens to their means, and those through the projections behind the pooling. */
  readonly pool: readonly KernelStep[];
  readonly projections: readonly KernelStep[];
}

/** Compiles and binds everything. Rejects with `backend-unavailable` where the driver does not compile a kernel. */
export async function createEncoderSteps(
  library: KernelLibrary,
  plan: GpuEncoderPlan,
  buffers: EncoderBuffers,
): Promise<EncoderSteps> {
  const ready = (requests: readonly StepRequest[]) => Promise.all(requests.map((request) => library.step(request)));
  const norm = (of: NormBuffer | undefined) =>
    of === undefined ? [] : [normRequest(plan, buffers.scratch, of, 'hidden', 'hidden')];
  const [layers, pool, projections] = await Promise.all([
    ready([
      ...embedRequests(plan, buffers),
      ...norm(buffers.embeddingNorm),
      ...buffers.layers.flatMap((layer, index) =>
        layerRequests(plan, buffers, layer, plan.encoder.layers[index]?.reach),
      ),
      ...norm(buffers.finalNorm),
    ]),
    ready([poolRequest(plan, buffers)]),
    ready(buffers.projections.map((upload, index) => projectionRequest(plan, buffers, upload, index))),
  ]);
  return { layers, pool, projections };
}

function embedRequests(plan: GpuEncoderPlan, { scratch, embedding, rope, added }: EncoderBuffers): StepRequest[] {
  const { positions, segments } = plan.encoder;
  return embedding.map((part, index) => ({
    kernel: 'embed-texts',
    format: part.matrix.format,
    constants: {
      ...modelConstants(plan, scratch.layout),
      ...matrixConstants(part),
      WORKGROUP: EMBED_THREADS,
      FETCHES_ANGLES: index === 0,
      HAS_ADDED: (positions ?? segments) !== undefined,
      ADDS_BY_POSITION: positions !== undefined,
      OUTPUT_SCALE: { float: plan.encoder.embeddingScale },
    },
    bindings: [scratch.buffer, part.buffer, rope, added],
    workgroups: (count) => [count, 1],
  }));
}

function layerRequests(
  plan: GpuEncoderPlan,
  { scratch }: EncoderBuffers,
  layer: LayerBuffers,
  reach: number | undefined,
): StepRequest[] {
  const { regions } = scratch.layout;
  const isOnStream = plan.encoder.placement === 'on-stream';
  const norm = (of: NormBuffer | undefined) =>
    of === undefined ? [] : [normRequest(plan, scratch, of, 'hidden', 'normed')];
  const inputOf = (of: NormBuffer | undefined): Region => (of === undefined ? 'hidden' : 'normed');
  const project: MixerContext['project'] = (role, upload, from, into) =>
    gemmRequest(role, upload, {
      kernel: 'project-prefill',
      constants: { ...modelConstants(plan, scratch.layout), INPUT_AT: regions[from], ...into },
      bindings: [scratch.buffer, upload.buffer],
    });
  /** Where a block's output goes, and its norm: on what is added to the stream, or on the sum. */
  const target = (of: NormBuffer | undefined) => {
    const region: Region = of === undefined || isOnStream ? 'hidden' : 'added';
    return {
      into: {
        OUTPUT_AT: regions[region],
        OUTPUT_QUADS: plan.shape.hiddenStride / 4,
        IS_ADDED: region === 'hidden',
        OUTPUT_SCALE: { float: 1 },
      },
      norm: of === undefined ? [] : [normRequest(plan, scratch, of, region, 'hidden', isOnStream ? undefined : 1)],
    };
  };
  const block = layer.block!;
  const attended = target(layer.attentionPostNorm);
  const fed = target(layer.feedForwardPostNorm);
  const context = { plan, scratch, isChunk: true, input: inputOf(layer.attentionNorm), into: attended.into, project };
  return [
    ...norm(layer.attentionNorm),
    ...layer.mixers.flatMap((mixer) => {
      const { mix, add } = mixerRequests(context, mixer, (_, attention) =>
        attentionRequests(context, attention, reach),
      );
      return [...mix, ...add];
    }),
    ...attended.norm,
    ...norm(layer.feedForwardNorm),
    gemmRequest('gateUp', block.gateUp, {
      kernel: 'gate-up-prefill',
      constants: {
        ...modelConstants(plan, scratch.layout),
        ...blockConstants(block.plan.spec),
        INPUT_AT: regions[inputOf(layer.feedForwardNorm)],
      },
      bindings: [scratch.buffer, block.gateUp.buffer],
    }),
    project('down', block.down, 'gated', fed.into),
    ...fed.norm,
  ];
}

/** The attention of all texts of a job. */
function attentionRequests(
  context: MixerContext,
  mixer: MixerBuffers<AttentionShape>,
  reach: number | undefined,
): MixerRequests {
  const { plan, scratch, into, project } = context;
  const { shape } = mixer;
  const { tileQueries } = shape.prefillTile!;
  return {
    mix: [
      ...queryKeyValueRequests(context, mixer),
      {
        kernel: 'attention-texts',
        cache: plan.cacheFormat,
        constants: { ...attentionConstants(plan, scratch.layout, shape), CACHE_BINDING: 1, REACH: reach ?? 0 },
        bindings: [scratch.buffer, mixer.cache],
        workgroups: (count) => [Math.ceil(count / tileQueries), shape.heads],
      },
    ],
    add: [project('output', mixer.output, 'attended', into)],
  };
}

function poolRequest(plan: GpuEncoderPlan, { scratch }: EncoderBuffers): StepRequest {
  return {
    kernel: 'pool',
    constants: { ...modelConstants(plan, scratch.layout), WORKGROUP: POOL_THREADS },
    bindings: [scratch.buffer],
    workgroups: (vectors) => [vectors, Math.ceil(plan.shape.hiddenStride / 4 / POOL_THREADS)],
  };
}

function projectionRequest(
  plan: GpuEncoderPlan,
  { scratch }: EncoderBuffers,
  upload: WeightUpload,
  index: number,
): StepRequest {
  const [from, to] = [plan.scratch.pooled[index]!, plan.scratch.pooled[index + 1]!];
  return gemmRequest('output', upload, {
    kernel: 'project-prefill',
    constants: {
      ...modelConstants(plan, scratch.layout),
      INPUT_AT: from.at,
      OUTPUT_AT: to.at,
      OUTPUT_QUADS: to.stride / 4,
      IS_ADDED: false,
      OUTPUT_SCALE: { float: 1 },
    },
    bindings: [scratch.buffer, upload.buffer],
  });
}
