import { withAdapters } from './adapters/adapter-requests.ts';
import { expertsPrefill } from './experts-prefill.ts';
import { gemmRequest } from './gemm-request.ts';
import type { GpuBuffers, MixerBuffers } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { KernelLibrary, KernelStep, StepRequest } from './kernel-library.ts';
import { layerInputsRequests } from './layer-inputs-steps.ts';
import { layerRequests } from './layer-steps.ts';
import { ATTENTION_THREADS, type AttentionShape } from './mixer-shapes.ts';
import { type MixerContext, type MixerRequests, rawRequests } from './mixer-steps.ts';
import { attentionConstants, modelConstants } from './model-constants.ts';
import type { Phase } from './phase.ts';
import { attentionBindings, embedRequests, normRequest, outputGateRequests, placeRequest } from './shared-steps.ts';

/** What a chunk of tokens takes: embedding, and five dispatches a layer in a plain model. */
export async function createPrefillSteps(
  library: KernelLibrary,
  plan: GpuPlan,
  buffers: GpuBuffers,
): Promise<readonly KernelStep[]> {
  const phase: Phase = {
    name: 'prefill',
    scratch: buffers.chunk,
    multiply: gemmRequest,
    attention: attentionRequests,
    experts: (experts, layer, target) => expertsPrefill(plan, buffers, experts, layer, target),
  };
  const requests = [
    ...embedRequests(plan, buffers, buffers.chunk),
    ...layerInputsRequests(plan, buffers, phase),
    ...buffers.layers.flatMap((layer) => layerRequests(plan, layer, phase)),
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
  const common = { cache: plan.cacheFormat, bindings: attentionBindings(scratch, mixer) };
  const hasSinks = shape.spec.sinks !== undefined;
  const attend: StepRequest =
    prefillTile === undefined
      ? {
          ...common,
          kernel: hasSinks ? 'attention-sinks-decode' : 'attention-decode',
          constants: { ...constants, CACHE_BINDING: 1, WORKGROUP: ATTENTION_THREADS, IS_EACH_TOKEN: true },
          workgroups: (count) => [count, shape.heads / shape.groupHeads],
        }
      : {
          ...common,
          kernel: hasSinks ? 'attention-sinks-prefill' : 'attention-prefill',
          constants: { ...constants, CACHE_BINDING: 1 },
          workgroups: (count) => [Math.ceil(count / prefillTile.tileQueries), shape.heads],
        };
  return {
    mix: [...queryKeyValueRequests(context, mixer), attend],
    add: [...outputGateRequests(plan, scratch, shape), project('output', mixer.output, 'attended', into)],
  };
}
