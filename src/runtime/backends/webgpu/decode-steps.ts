import type { GpuBuffers, LayerBuffers } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { KernelLibrary, KernelStep, StepRequest } from './kernel-library.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import { type MatrixRole, matvecTuning } from './matrix-tuning.ts';
import { matrixConstants, modelConstants } from './model-constants.ts';
import type { WeightUpload } from './weights/index.ts';

const ATTENTION_THREADS = 128;
const CHOOSE_THREADS = 256;
const EMBED_THREADS = 64;

/** What one token takes: five dispatches a layer, and the head, the choice and the embedding around them. */
export interface DecodeSteps {
  /** token → hidden */
  readonly embed: readonly KernelStep[];
  /** hidden → hidden, keys, values */
  readonly layers: readonly KernelStep[];
  /** hidden → logits and candidates */
  readonly head: readonly KernelStep[];
  /** candidates → token; the position moves on */
  readonly choose: readonly KernelStep[];
}

/** Workgroups of the head, each of which leaves one candidate. */
export function candidateCount(plan: GpuPlan): number {
  const tile = tileRows(matvec(plan, 'head'));
  return plan.head.reduce((sum, { rows }) => sum + Math.ceil(rows / tile), 0);
}

/** Compiles and binds the decode kernels of a model. */
export async function createDecodeSteps(
  library: KernelLibrary,
  plan: GpuPlan,
  buffers: GpuBuffers,
): Promise<DecodeSteps> {
  const build = (requests: readonly StepRequest[]) => Promise.all(requests.map((request) => library.step(request)));
  const [embed, layers, head, choose] = await Promise.all([
    build(embedRequests(plan, buffers.embedding, buffers.token, buffers.hidden)),
    build(buffers.layers.flatMap((layer) => layerRequests(plan, buffers, layer))),
    build(headRequests(plan, buffers)),
    build([
      {
        kernel: 'choose',
        constants: { WORKGROUP: CHOOSE_THREADS, CANDIDATES: candidateCount(plan) },
        bindings: [buffers.state, buffers.candidates, buffers.token],
        workgroups: () => [1, 1],
      },
    ]),
  ]);
  return { embed, layers, head, choose };
}

/** Embedding rows of `tokens` into `hidden`; for a single token and for chunks. */
export function embedRequests(
  plan: GpuPlan,
  parts: readonly WeightUpload[],
  tokens: GPUBuffer,
  hidden: GPUBuffer,
): StepRequest[] {
  return parts.map((part) => ({
    kernel: 'embed',
    format: part.matrix.format,
    constants: {
      ...matrixConstants(part),
      WORKGROUP: EMBED_THREADS,
      FIRST_TOKEN: part.firstRow,
      EMBEDDING_SCALE: { float: plan.spec.embeddingScale },
    },
    bindings: [tokens, part.buffer, hidden],
    workgroups: (count) => [count, 1],
  }));
}

function layerRequests(plan: GpuPlan, buffers: GpuBuffers, layer: LayerBuffers): StepRequest[] {
  const { shape } = plan;
  const { state, hidden, queries, splitValues, splitStats, gated, rope } = buffers;
  const model = modelConstants(plan);
  const splits = { SPLITS: shape.splits, SPLIT_TILE: shape.splitTile };
  return [
    matvecRequest(plan, 'qkv', layer.qkv, {
      kernel: 'qkv-decode',
      constants: model,
      bindings: [state, hidden, layer.attentionNorm, layer.qkv.buffer, rope, queries, layer.keys, layer.values],
    }),
    {
      kernel: 'attention-decode',
      constants: { ...model, ...splits, GROUP_HEADS: shape.groupHeads, WORKGROUP: ATTENTION_THREADS },
      bindings: [state, queries, layer.keys, layer.values, splitValues, splitStats],
      workgroups: () => [shape.splits, shape.heads / shape.groupHeads],
    },
    matvecRequest(plan, 'output', layer.output, {
      kernel: 'attention-output-decode',
      constants: { ...model, ...splits },
      bindings: [state, splitValues, splitStats, layer.output.buffer, hidden],
    }),
    matvecRequest(plan, 'gateUp', layer.gateUp, {
      kernel: 'gate-up-decode',
      constants: model,
      bindings: [hidden, layer.feedForwardNorm, layer.gateUp.buffer, gated],
    }),
    matvecRequest(plan, 'down', layer.down, {
      kernel: 'down-decode',
      constants: model,
      bindings: [gated, layer.down.buffer, hidden],
    }),
  ];
}

function headRequests(plan: GpuPlan, buffers: GpuBuffers): StepRequest[] {
  const tile = tileRows(matvec(plan, 'head'));
  let firstCandidate = 0;
  return buffers.head.map((part) => {
    const first = firstCandidate;
    firstCandidate += Math.ceil(part.rows / tile);
    return matvecRequest(plan, 'head', part, {
      kernel: 'head-decode',
      constants: { ...modelConstants(plan), FIRST_TOKEN: part.firstRow, FIRST_CANDIDATE: first },
      bindings: [buffers.hidden, buffers.finalNorm, part.buffer, buffers.logits, buffers.candidates],
    });
  });
}

function matvecRequest(
  plan: GpuPlan,
  role: MatrixRole,
  upload: WeightUpload,
  request: Omit<StepRequest, 'workgroups' | 'format'>,
): StepRequest {
  const constants = matvec(plan, role);
  const workgroups = Math.ceil(upload.rows / tileRows(constants));
  return {
    ...request,
    format: upload.matrix.format,
    constants: { ...request.constants, ...matrixConstants(upload), ...constants },
    workgroups: () => [workgroups, 1],
  };
}

function matvec(plan: GpuPlan, role: MatrixRole) {
  const { unitsALoad, threadsARow, rowGroups, rowsAThread } = matvecTuning(role, plan.shape.hiddenSize);
  return {
    UNITS_A_LOAD: unitsALoad,
    THREADS_A_ROW: threadsARow,
    ROW_GROUPS: rowGroups,
    ROWS_A_THREAD: rowsAThread,
    TILE_ROWS: rowGroups * rowsAThread,
  } satisfies ShaderConstants;
}

function tileRows(constants: { readonly TILE_ROWS: number }): number {
  return constants.TILE_ROWS;
}
