import type { GpuBuffers, LayerBuffers, NormBuffer } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { KernelLibrary, KernelStep, StepRequest } from './kernel-library.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import { gemmTuning, type MatrixRole } from './matrix-tuning.ts';
import { layerConstants, matrixConstants, modelConstants } from './model-constants.ts';
import { wholeBlocks } from './model-shape.ts';
import type { Region } from './scratch-layout.ts';
import { embedRequests, inLayerOrder, normRequest, placeRequest } from './shared-steps.ts';
import type { WeightUpload } from './weights/index.ts';

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
  return Promise.all(requests.map((request) => library.step(request)));
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
  return [...norm, ...requests];
}

function layerRequests(plan: GpuPlan, buffers: GpuBuffers, layer: LayerBuffers): StepRequest[] {
  const { shape } = layer.plan;
  const { chunk } = buffers;
  const { residualScale, isParallel } = plan.spec;
  const { regions } = chunk.layout;
  const constants = layerConstants(plan, chunk.layout, layer);
  const norm = (of: NormBuffer | undefined) =>
    of === undefined ? [] : [normRequest(plan, chunk, of, 'hidden', 'normed')];
  const inputOf = (of: NormBuffer | undefined) => regions[of === undefined ? 'hidden' : 'normed'];
  const post = (of: NormBuffer | undefined) =>
    of === undefined ? [] : [normRequest(plan, chunk, of, 'added', 'hidden', residualScale)];
  const target = (of: NormBuffer | undefined) => ({
    OUTPUT_QUADS: plan.shape.hiddenStride / 4,
    ...(of === undefined
      ? { OUTPUT_AT: regions.hidden, IS_ADDED: true, OUTPUT_SCALE: { float: residualScale } }
      : { OUTPUT_AT: regions.added, IS_ADDED: false, OUTPUT_SCALE: { float: 1 } }),
  });
  const project = (role: MatrixRole, upload: WeightUpload, from: Region, into: ShaderConstants): StepRequest =>
    gemmRequest(role, upload, {
      kernel: 'project-prefill',
      constants: { ...constants, INPUT_AT: regions[from], ...into },
      bindings: [chunk.buffer, upload.buffer],
    });
  const qkv = layer.qkv.map((upload): StepRequest => {
    const input = { INPUT_AT: inputOf(layer.attentionNorm) };
    if (shape.isPlaced) {
      return project('qkv', upload, 'hidden', {
        ...input,
        OUTPUT_AT: regions.raw + upload.before / 4,
        OUTPUT_QUADS: wholeBlocks(shape.queryWidth + 2 * shape.keyWidth) / 4,
        IS_ADDED: false,
        OUTPUT_SCALE: { float: 1 },
      });
    }
    return gemmRequest('qkv', upload, {
      kernel: 'qkv-prefill',
      cache: plan.cacheFormat,
      constants: { ...constants, ...input, CACHE_BINDING: 2 },
      bindings: [chunk.buffer, upload.buffer, layer.cache],
    });
  });
  return inLayerOrder(isParallel, {
    attend: [
      ...norm(layer.attentionNorm),
      ...qkv,
      ...(shape.isPlaced ? [placeRequest(plan, chunk, layer)] : []),
      {
        kernel: 'attention-prefill',
        cache: plan.cacheFormat,
        constants: { ...constants, CACHE_BINDING: 1 },
        bindings: [chunk.buffer, layer.cache],
        workgroups: (count) => [Math.ceil(count / shape.tileQueries), shape.heads],
      },
    ],
    addAttended: [
      project('output', layer.output, 'attended', target(layer.attentionPostNorm)),
      ...post(layer.attentionPostNorm),
    ],
    gate: [
      ...norm(layer.feedForwardNorm),
      gemmRequest('gateUp', layer.gateUp, {
        kernel: 'gate-up-prefill',
        constants: { ...constants, INPUT_AT: inputOf(layer.feedForwardNorm) },
        bindings: [chunk.buffer, layer.gateUp.buffer],
      }),
    ],
    addFed: [
      project('down', layer.down, 'gated', target(layer.feedForwardPostNorm)),
      ...post(layer.feedForwardPostNorm),
    ],
  });
}

function gemmRequest(
  role: MatrixRole,
  upload: WeightUpload,
  request: Omit<StepRequest, 'workgroups' | 'format'>,
): StepRequest {
  const { tileTokens, tileRows, tokensAThread } = gemmTuning(role);
  return {
    ...request,
    format: upload.matrix.format,
    constants: {
      ...request.constants,
      ...matrixConstants(upload),
      TILE_TOKENS: tileTokens,
      TILE_ROWS: tileRows,
      TOKENS_A_THREAD: tokensAThread,
    },
    workgroups: (count) => [Math.ceil(upload.rows / tileRows), Math.ceil(count / tileTokens)],
  };
}
