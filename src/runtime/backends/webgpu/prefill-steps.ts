import { embedRequests } from './decode-steps.ts';
import type { GpuBuffers, LayerBuffers } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { Binding, KernelLibrary, KernelStep, StepRequest } from './kernel-library.ts';
import { gemmTuning, type MatrixRole } from './matrix-tuning.ts';
import { matrixConstants, modelConstants } from './model-constants.ts';
import type { WeightUpload } from './weights/index.ts';

/** What a chunk of tokens takes: embedding, and five dispatches a layer. */
export async function createPrefillSteps(
  library: KernelLibrary,
  plan: GpuPlan,
  buffers: GpuBuffers,
): Promise<readonly KernelStep[]> {
  const requests = [
    ...embedRequests(plan, buffers.embedding, buffers.chunk.tokens, buffers.chunk.hidden),
    ...buffers.layers.flatMap((layer) => layerRequests(plan, buffers, layer)),
  ];
  return Promise.all(requests.map((request) => library.step(request)));
}

/** Logits of every token of `hidden` (a tile of them) into `logits` `[token][vocabulary]`. */
export async function createHeadPrefillSteps(
  library: KernelLibrary,
  plan: GpuPlan,
  buffers: GpuBuffers,
  state: GPUBuffer,
  hidden: Binding,
  logits: GPUBuffer,
): Promise<readonly KernelStep[]> {
  const requests = buffers.head.map((part) =>
    gemmRequest('head', part, {
      kernel: 'head-prefill',
      constants: { ...modelConstants(plan), IS_NORMED: true, FIRST_TOKEN: part.firstRow },
      bindings: [state, hidden, buffers.finalNorm, part.buffer, logits],
    }),
  );
  return Promise.all(requests.map((request) => library.step(request)));
}

function layerRequests(plan: GpuPlan, buffers: GpuBuffers, layer: LayerBuffers): StepRequest[] {
  const { shape } = plan;
  const { state, rope } = buffers;
  const { hidden, queries, attended, gated } = buffers.chunk;
  const normed = { ...modelConstants(plan), IS_NORMED: true };
  const plain = { ...modelConstants(plan), IS_NORMED: false };
  return [
    gemmRequest('qkv', layer.qkv, {
      kernel: 'qkv-prefill',
      constants: normed,
      bindings: [state, hidden, layer.attentionNorm, layer.qkv.buffer, rope, queries, layer.keys, layer.values],
    }),
    {
      kernel: 'attention-prefill',
      constants: { ...plain, TILE_QUERIES: shape.tileQueries, TILE_KEYS: shape.tileKeys },
      bindings: [state, queries, layer.keys, layer.values, attended],
      workgroups: (count) => [Math.ceil(count / shape.tileQueries), shape.heads],
    },
    gemmRequest('output', layer.output, {
      kernel: 'residual-prefill',
      constants: plain,
      bindings: [state, attended, layer.output.buffer, hidden],
    }),
    gemmRequest('gateUp', layer.gateUp, {
      kernel: 'gate-up-prefill',
      constants: normed,
      bindings: [state, hidden, layer.feedForwardNorm, layer.gateUp.buffer, gated],
    }),
    gemmRequest('down', layer.down, {
      kernel: 'residual-prefill',
      constants: plain,
      bindings: [state, gated, layer.down.buffer, hidden],
    }),
  ];
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
