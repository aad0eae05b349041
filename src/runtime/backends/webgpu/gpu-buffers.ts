import type { AdapterBuffers } from './adapters/adapter-requests.ts';
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
  type TablePart,
} from './gpu-plan.ts';
import type { MixerShape } from './mixer-shapes.ts';
import { vectorBytes } from './mixer-vectors.ts';
import { wholeBlocks } from './model-shape.ts';
import { type ScratchLayout, scratchLayout } from './scratch-layout.ts';
import { matrixBytes, type WeightMatrix, type WeightUpload } from './weights/index.ts';

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
  readonly gateUp: WeightUpload;
  readonly down: WeightUpload;
}

/** The buffers of one layer. */
export interface LayerBuffers {
  readonly plan: LayerPlan;
  readonly mixers: readonly MixerBuffers[];
  readonly block: BlockBuffers | undefined;
  readonly experts: ExpertsBuffers | undefined;
  readonly attentionNorm: NormBuffer | undefined;
  readonly attentionPostNorm: NormBuffer | undefined;
  readonly feedForwardNorm: NormBuffer | undefined;
  readonly feedForwardPostNorm: NormBuffer | undefined;
}

/** What tokens are on their way through the model. */
export interface ScratchBuffer {
  readonly buffer: GPUBuffer;
  readonly layout: ScratchLayout;
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
  readonly head: readonly WeightUpload[];
  readonly layers: readonly LayerBuffers[];
  readonly logits: GPUBuffer;
  /** Absent until an adapter is loaded. */
  readonly adapters?: AdapterBuffers;
  readonly memoryBytes: number;
}

const { copySource, copyTarget, storage } = BUFFER_USAGE;

/** Creates all buffers of a plan; the caller guards against out-of-memory. Buffers begin as zeros. */
export function createBuffers({ device }: GpuDevice, plan: GpuPlan, headCandidates: number): GpuBuffers {
  const { shape } = plan;
  let memoryBytes = 0;
  const create = (label: string, bytes: number, more = 0): GPUBuffer => {
    const size = Math.max(16, Math.ceil(bytes / 16) * 16);
    memoryBytes += size;
    return device.createBuffer({ label, size, usage: storage | copyTarget | more });
  };
  const table = (label: string, parts: readonly TablePart[]): readonly WeightUpload[] =>
    parts.map((part) => ({ ...part, buffer: create(label, matrixBytes(part.matrix, part.rows)) }));
  const matrix = (label: string, of: WeightMatrix): WeightUpload =>
    table(label, [{ matrix: of, firstRow: 0, rows: of.rows, before: 0 }])[0]!;
  const norm = (label: string, of: NormPlan | undefined): NormBuffer | undefined =>
    of === undefined ? undefined : { plan: of, buffer: create(label, 8 * shape.hiddenStride) };
  const scratch = (label: string, tokens: number): ScratchBuffer => {
    const layout = scratchLayout(shape, tokens, headCandidates);
    return { layout, buffer: create(label, layout.byteLength, copySource) };
  };
  const mixer = ({ shape: of, input, output }: MixerPlan): MixerBuffers => {
    const vectors = vectorBytes(of);
    const past = pastBytes(of, shape);
    return {
      shape: of,
      input: table(`${of.kind} input`, input),
      output: matrix(`${of.kind} output`, output),
      vectors: vectors === 0 ? undefined : create(`${of.kind} vectors`, vectors),
      cache: create(`${of.kind} cache`, cacheBytes(of, shape, plan.cacheFormat), copySource),
      past: past === 0 ? undefined : create(`${of.kind} past`, past, copySource),
    };
  };
  const layer = (of: LayerPlan): LayerBuffers => ({
    plan: of,
    mixers: of.mixers.map(mixer),
    block: of.block && {
      plan: of.block,
      gateUp: matrix('gate and up', of.block.gateUp),
      down: matrix('down', of.block.down),
    },
    experts: of.experts && {
      plan: of.experts,
      router: matrix('router', of.experts.router),
      selectionBias: create('selection bias', 4 * of.experts.spec.experts.length),
      gateUp: matrix('gates and ups of experts', of.experts.gateUp),
      down: matrix('downs of experts', of.experts.down),
    },
    attentionNorm: norm('attention norm', of.norms.attention),
    attentionPostNorm: norm('attention post-norm', of.norms.attentionPost),
    feedForwardNorm: norm('feed-forward norm', of.norms.feedForward),
    feedForwardPostNorm: norm('feed-forward post-norm', of.norms.feedForwardPost),
  });
  const embedding = table('embedding', plan.embedding);
  const token = scratch('token', 1);
  const buffers = {
    token,
    chunk: scratch('chunk', plan.chunk),
    rope: create('rope', shape.capacity * Number(token.layout.constants['ANGLE_QUADS']) * 16),
    finalNorm: norm('final norm', plan.finalNorm),
    embedding,
    positionEmbedding: table('position embedding', plan.positionEmbedding),
    head: plan.spec.isTied ? embedding : table('head', plan.head),
    layers: plan.layers.map(layer),
    logits: create('logits', wholeBlocks(shape.vocabularySize) * 4, copySource),
  };
  return { ...buffers, memoryBytes };
}

/** All matrices of a layer. */
export function layerUploads({ mixers, block, experts }: LayerBuffers): readonly WeightUpload[] {
  return [
    ...mixers.flatMap(({ input, output }) => [...input, output]),
    ...(block === undefined ? [] : [block.gateUp, block.down]),
    ...(experts === undefined ? [] : [experts.router, experts.gateUp, experts.down]),
  ];
}

/** All matrices of a model, each once. */
export function uploadsOf(buffers: GpuBuffers): readonly WeightUpload[] {
  const tables = buffers.head === buffers.embedding ? buffers.embedding : [...buffers.embedding, ...buffers.head];
  return [...tables, ...buffers.positionEmbedding, ...buffers.layers.flatMap(layerUploads)];
}
