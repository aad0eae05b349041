import type { AdapterBuffers } from './adapters/adapter-requests.ts';
import { BufferMaker } from './buffer-maker.ts';
import { BUFFER_USAGE } from './buffer-usage.ts';
import type { ExpertsPlan } from './experts-plan.ts';
import type { GpuDevice } from './gpu-device.ts';
import {
  type BlockPlan,
  cacheBytes,
  type GpuPlan,
  type LayerPlan,
  type MixerPlan,
  type NormPlan,
  pastBytes,
} from './gpu-plan.ts';
import { type LayerInputPlan, type LayerInputsPlan, layerInputBytes } from './layer-inputs-plan.ts';
import type { MixerShape } from './mixer-shapes.ts';
import { vectorBytes } from './mixer-vectors.ts';
import { wholeBlocks } from './model-shape.ts';
import { type ScratchLayout, scratchLayout } from './scratch-layout.ts';
import type { WeightUpload } from './weights/index.ts';

/** The vectors of a norm that has a dispatch of its own. */
export interface NormBuffer {
  readonly plan: NormPlan;
  readonly buffer: GPUBuffer;
}

/** The buffers of attention, or of what stands in for it or beside it. */
export interface MixerBuffers<Shape extends MixerShape = MixerShape> {
  readonly shape: Shape;
  readonly input: readonly WeightUpload[];
  readonly output: WeightUpload;
  /** All that is no matrix: weights of the norms of queries and keys, taps; undefined where there is none. */
  readonly vectors: GPUBuffer | undefined;
  /** What it remembers of the text (`cacheBytes`). */
  readonly cache: GPUBuffer;
  /** What lets the text be cut (`pastBytes`); undefined where the cache does. */
  readonly past: GPUBuffer | undefined;
}

/** The buffers of a feed-forward block. */
export interface BlockBuffers {
  readonly plan: BlockPlan;
  readonly gateUp: WeightUpload;
  readonly down: WeightUpload;
}

/** The buffers of a layer's experts. */
export interface ExpertsBuffers {
  readonly plan: ExpertsPlan;
  readonly router: WeightUpload;
  /** What is added to the probabilities for the choice; zeros where the file has none. */
  readonly selectionBias: GPUBuffer;
  readonly gateUp: readonly WeightUpload[];
  readonly down: readonly WeightUpload[];
}

/** The buffers of what all layers get of a token. */
export interface LayerInputsBuffers {
  readonly plan: LayerInputsPlan;
  readonly table: readonly WeightUpload[];
  readonly projection: readonly WeightUpload[];
  readonly norm: NormBuffer;
}

/** The buffers with which a layer lets its own in. */
export interface LayerInputBuffers {
  readonly plan: LayerInputPlan;
  /** Of the layer. */
  readonly index: number;
  readonly gate: WeightUpload;
  readonly output: WeightUpload;
  readonly norm: NormBuffer;
}

/** The buffers of one layer. */
export interface LayerBuffers {
  readonly plan: LayerPlan;
  readonly mixers: readonly MixerBuffers[];
  readonly block: BlockBuffers | undefined;
  readonly experts: ExpertsBuffers | undefined;
  readonly layerInput: LayerInputBuffers | undefined;
  readonly attentionNorm: NormBuffer | undefined;
  readonly attentionPostNorm: NormBuffer | undefined;
  readonly feedForwardNorm: NormBuffer | undefined;
  readonly feedForwardPostNorm: NormBuffer | undefined;
}

/** What tokens are on their way through the model. */
export interface ScratchBuffer {
  readonly buffer: GPUBuffer;
  readonly layout: ScratchLayout;
  /** What each layer gets of the tokens, `[layer][token][size]`, where layers get something; bytes a layer. */
  readonly layerInputs?: { readonly buffer: GPUBuffer; readonly layerBytes: number } | undefined;
}

/** Every buffer of a loaded model. */
export interface GpuBuffers {
  /** For one token, and for a chunk of them. */
  readonly token: ScratchBuffer;
  readonly chunk: ScratchBuffer;
  readonly rope: GPUBuffer;
  readonly finalNorm: NormBuffer | undefined;
  readonly embedding: readonly WeightUpload[];
  readonly positionEmbedding: readonly WeightUpload[];
  readonly layerInputs: LayerInputsBuffers | undefined;
  readonly head: readonly WeightUpload[];
  readonly layers: readonly LayerBuffers[];
  readonly logits: GPUBuffer;
  /** Absent until an adapter is loaded. */
  readonly adapters?: AdapterBuffers;
  readonly memoryBytes: number;
}

const { copySource } = BUFFER_USAGE;

/** Creates all buffers of a plan. */
export function createBuffers(gpu: GpuDevice, plan: GpuPlan, headCandidates: number): GpuBuffers {
  const { shape } = plan;
  const maker = new BufferMaker(gpu);
  const norm = (label: string, of: NormPlan | undefined): NormBuffer | undefined =>
    of === undefined ? undefined : { plan: of, buffer: maker.create(label, normBytes(of, shape.hiddenStride)) };
  const scratch = (label: string, tokens: number): ScratchBuffer => {
    const layout = scratchLayout(shape, tokens, headCandidates);
    const buffer = maker.create(label, layout.byteLength, copySource);
    if (plan.layerInputs === undefined) return { layout, buffer };
    const layerBytes = layerInputBytes(plan.layerInputs.spec, tokens);
    const inputs = maker.create(`layer inputs of ${label}`, plan.layers.length * layerBytes);
    return { layout, buffer, layerInputs: { buffer: inputs, layerBytes } };
  };
  const caches = new Map<number, GPUBuffer>();
  const cacheOf = (of: MixerShape, index: number): GPUBuffer => {
    const shared = of.kind === 'attention' ? of.spec.sharesCacheOf : undefined;
    if (shared !== undefined) return caches.get(shared)!;
    const cache = maker.create(`${of.kind} cache`, cacheBytes(of, shape, plan.cacheFormat), copySource);
    if (of.kind === 'attention') caches.set(index, cache);
    return cache;
  };
  const mixer = ({ shape: of, input, output }: MixerPlan, index: number): MixerBuffers => {
    const vectors = vectorBytes(of);
    const past = pastBytes(of, shape);
    return {
      shape: of,
      input: maker.table(`${of.kind} input`, input),
      output: maker.matrix(`${of.kind} output`, output),
      vectors: vectors === 0 ? undefined : maker.create(`${of.kind} vectors`, vectors),
      cache: cacheOf(of, index),
      past: past === 0 ? undefined : maker.create(`${of.kind} past`, past, copySource),
    };
  };
  const layer = (of: LayerPlan, index: number): LayerBuffers => ({
    plan: of,
    mixers: of.mixers.map((own) => mixer(own, index)),
    block: of.block && {
      plan: of.block,
      gateUp: maker.matrix('gate and up', of.block.gateUp),
      down: maker.matrix('down', of.block.down),
    },
    experts: of.experts && {
      plan: of.experts,
      router: maker.matrix('router', of.experts.router),
      selectionBias: maker.create('selection bias', 4 * of.experts.spec.experts.length),
      gateUp: maker.table('gates and ups of experts', of.experts.gateUp),
      down: maker.table('downs of experts', of.experts.down),
    },
    layerInput: of.layerInput && {
      plan: of.layerInput,
      index,
      gate: maker.matrix('gate of a layer input', of.layerInput.gate),
      output: maker.matrix('output of a layer input', of.layerInput.output),
      norm: norm('norm of a layer input', of.norms.layerInput)!,
    },
    attentionNorm: norm('attention norm', of.norms.attention),
    attentionPostNorm: norm('attention post-norm', of.norms.attentionPost),
    feedForwardNorm: norm('feed-forward norm', of.norms.feedForward),
    feedForwardPostNorm: norm('feed-forward post-norm', of.norms.feedForwardPost),
  });
  const embedding = maker.table('embedding', plan.embedding);
  const token = scratch('token', 1);
  const buffers = {
    token,
    chunk: scratch('chunk', plan.chunk),
    rope: maker.create('rope', shape.capacity * Number(token.layout.constants['ANGLE_QUADS']) * 16),
    finalNorm: norm('final norm', plan.finalNorm),
    embedding,
    positionEmbedding: maker.table('position embedding', plan.positionEmbedding),
    layerInputs: plan.layerInputs && {
      plan: plan.layerInputs,
      table: maker.table('layer inputs', plan.layerInputs.table),
      projection: maker.table('projection to layer inputs', plan.layerInputs.projection),
      norm: {
        plan: plan.layerInputs.spec.norm,
        buffer: maker.create('norm of layer inputs', normBytes(plan.layerInputs.spec.norm, plan.layerInputs.spec.size)),
      },
    },
    head: plan.spec.isTied ? embedding : maker.table('head', plan.head),
    layers: plan.layers.map(layer),
    logits: maker.create('logits', wholeBlocks(shape.vocabularySize) * 4, copySource),
  };
  return { ...buffers, memoryBytes: maker.bytes };
}

/** Bytes of a norm's weights and bias, `stride` values each, and of the factor behind them. */
function normBytes({ streamScale }: NormPlan, stride: number): number {
  return 8 * stride + (streamScale === undefined ? 0 : 16);
}

/** All matrices of a layer. */
export function layerUploads({ mixers, block, experts, layerInput }: LayerBuffers): readonly WeightUpload[] {
  return [
    ...mixers.flatMap(({ input, output }) => [...input, output]),
    ...(block === undefined ? [] : [block.gateUp, block.down]),
    ...(experts === undefined ? [] : [experts.router, ...experts.gateUp, ...experts.down]),
    ...(layerInput === undefined ? [] : [layerInput.gate, layerInput.output]),
  ];
}

/** All matrices of a model, each once. */
export function uploadsOf(buffers: GpuBuffers): readonly WeightUpload[] {
  const { layerInputs } = buffers;
  const inputs = layerInputs === undefined ? [] : [...layerInputs.table, ...layerInputs.projection];
  const tables = buffers.head === buffers.embedding ? buffers.embedding : [...buffers.embedding, ...buffers.head];
  return [...tables, ...buffers.positionEmbedding, ...inputs, ...buffers.layers.flatMap(layerUploads)];
}
