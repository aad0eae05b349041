import { withAdapters } from './adapters/adapter-requests.ts';
import { feedForwardPrefill } from './feed-forward-prefill.ts';
import { gemmRequest } from './gemm-request.ts';
import type { GpuBuffers, LayerBuffers, MixerBuffers, NormBuffer } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { KernelLibrary, KernelStep, StepRequest } from './kernel-library.ts';
import { ATTENTION_THREADS, type AttentionShape } from './mixer-shapes.ts';
import { type MixerContext, type MixerRequests, mixerRequests, rawRequests } from './mixer-steps.ts';
import { attentionConstants, modelConstants } from './model-constants.ts';
import type { Region } from './scratch-layout.ts';
import { embedRequests, inLayerOrder, normRequest, outputGateRequests, placeRequest } from './shared-steps.ts';

/** What a chunk of tokens takes: embedding, and five dispatches a layer in a plain model. */
export async function createPrefillSteps(
  library: KernelLibrary,
  plan: GpuPlan,
  buffers: GpuBuffers,
): Promise<readonly KernelStep[]> {
  const requests = [
    ...embedRequests(plan, buffers, buffers.chunk),
    ...buffers.layers.flatMap((layer) => layerRequests(plan, buffers, layer)),
  ];
  return Promise.all(withAdapters(requests, buffers.adapters, 'chunk').map((request) => library.step(request)));
}

/** Compiles what logits of every token need: who guesses tokens wants them in the middle of an answer. */
export async function compileHeadPrefill(library: KernelLibrary, plan: GpuPlan, buffers: GpuBuffers): Promise<void> {
  await Promise.all(headPrefillRequests(plan, buffers, []).map((request) => library.compile(request)));
}

/** Logits of a tile of the chunk's tokens into `logits` `[token][vocabulary]`; `tile` says which: the first, and how many. */
export async function createHeadPrefillSteps(
  library: KernelLibrary,
  plan: GpuPlan,
  buffers: GpuBuffers,
  tile: GPUBuffer,
  logits: GPUBuffer,
): Promise<readonly KernelStep[]> {
  return Promise.all(headPrefillRequests(plan, buffers, [logits, tile]).map((request) => library.step(request)));
}

function headPrefillRequests(plan: GpuPlan, buffers: GpuBuffers, results: readonly GPUBuffer[]): StepRequest[] {
  const { chunk, finalNorm } = buffers;
  const { regions } = chunk.layout;
  // Of all tokens, once a tile: few callers want logits of every token.
  const norm: StepRequest[] =
    finalNorm === undefined
      ? []
      : [{ ...normRequest(plan, chunk, finalNorm, 'hidden', 'normed'), workgroups: () => [plan.chunk, 1] }];
  const requests = buffers.head.map((part) =>
    gemmRequest('head', part, {
      kernel: 'head-prefill',
      constants: {
        ...modelConstants(plan, chunk.layout),
        INPUT_AT: regions[finalNorm === undefined ? 'hidden' : 'normed'],
      },
      bindings: [chunk.buffer, part.buffer, ...results],
    }),
  );
  return withAdapters([...norm, ...requests], buffers.adapters, 'chunk');
}

function layerRequests(plan: GpuPlan, buffers: GpuBuffers, layer: LayerBuffers): StepRequest[] {
  const { chunk } = buffers;
  const { residualScale, isParallel } = plan.spec;
  const { regions } = chunk.layout;
  const norm = (of: NormBuffer | undefined) =>
    of === undefined ? [] : [normRequest(plan, chunk, of, 'hidden', 'normed')];
  const inputOf = (of: NormBuffer | undefined): Region => (of === undefined ? 'hidden' : 'normed');
  const post = (of: NormBuffer | undefined) =>
    of === undefined ? [] : [normRequest(plan, chunk, of, 'added', 'hidden', residualScale)];
  const target = (of: NormBuffer | undefined) => ({
    OUTPUT_QUADS: plan.shape.hiddenStride / 4,
    ...(of === undefined
      ? { OUTPUT_AT: regions.hidden, IS_ADDED: true, OUTPUT_SCALE: { float: residualScale } }
      : { OUTPUT_AT: regions.added, IS_ADDED: false, OUTPUT_SCALE: { float: 1 } }),
  });
  const context: MixerContext = {
    plan,
    scratch: chunk,
    isChunk: true,
    adapters: buffers.adapters,
    input: inputOf(layer.attentionNorm),
    into: target(layer.attentionPostNorm),
    project: (role, upload, from, into) =>
      gemmRequest(role, upload, {
        kernel: 'project-prefill',
        constants: { ...modelConstants(plan, chunk.layout), INPUT_AT: regions[from], ...into },
        bindings: [chunk.buffer, upload.buffer],
      }),
  };
  const mixers = layer.mixers.map((mixer) => mixerRequests(context, mixer, attentionRequests));
  const fed = feedForwardPrefill(
    plan,
    buffers,
    layer,
    regions[inputOf(layer.feedForwardNorm)],
    target(layer.feedForwardPostNorm),
  );
  return inLayerOrder(isParallel, {
    attend: [...norm(layer.attentionNorm), ...mixers.flatMap(({ mix }) => mix)],
    addAttended: [...mixers.flatMap(({ add }) => add), ...post(layer.attentionPostNorm)],
    gate: [...norm(layer.feedForwardNorm), ...fed.gate],
    addFed: [...fed.addFed, ...post(layer.feedForwardPostNorm)],
  });
}

/** Queries, keys and values of a chunk, in their places. */
export function queryKeyValueRequests(context: MixerContext, mixer: MixerBuffers<AttentionShape>): StepRequest[] {
  const { plan, scratch, input } = context;
  if (mixer.shape.isPlaced) return [...rawRequests(context, mixer), placeRequest(plan, scratch, mixer)];
  const constants = attentionConstants(plan, scratch.layout, mixer.shape);
  return mixer.input.map((upload) =>
    gemmRequest('qkv', upload, {
      kernel: 'qkv-prefill',
      cache: plan.cacheFormat,
      constants: { ...constants, INPUT_AT: scratch.layout.regions[input], CACHE_BINDING: 2 },
      bindings: [scratch.buffer, upload.buffer, mixer.cache],
    }),
  );
}

/** A chunk's attention. */
function attentionRequests(context: MixerContext, mixer: MixerBuffers<AttentionShape>): MixerRequests {
  const { plan, scratch, into, project } = context;
  const { shape } = mixer;
  const constants = attentionConstants(plan, scratch.layout, shape);
  const { prefillTile } = shape;
  const common = { cache: plan.cacheFormat, bindings: [scratch.buffer, mixer.cache] };
  const attend: StepRequest =
    prefillTile === undefined
      ? {
          ...common,
          kernel: 'attention-decode',
          constants: { ...constants, CACHE_BINDING: 1, WORKGROUP: ATTENTION_THREADS, IS_EACH_TOKEN: true },
          workgroups: (count) => [count, shape.heads / shape.groupHeads],
        }
      : {
          ...common,
          kernel: 'attention-prefill',
          constants: { ...constants, CACHE_BINDING: 1 },
          workgroups: (count) => [Math.ceil(count / prefillTile.tileQueries), shape.heads],
        };
  return {
    mix: [...queryKeyValueRequests(context, mixer), attend],
    add: [...outputGateRequests(plan, scratch, shape), project('output', mixer.output, 'attended', into)],
  };
}
