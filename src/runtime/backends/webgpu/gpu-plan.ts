import { SottoError } from '../../../shared/index.ts';
import type {
  DecoderSpec,
  FeedForwardSpec,
  LayerSpec,
  NormSpec,
  VectorSpec,
  WeightSpec,
} from '../../architectures/index.ts';
import { isReadable, readableTypes } from '../blocks/index.ts';
import { type ExpertsPlan, planExperts } from './experts-plan.ts';
import type { CacheFormat } from './kernel-sources.ts';
import { gemmTuning, type MatrixRole, matvecTuning } from './matrix-tuning.ts';
import { refuseMissingParts } from './missing-parts.ts';
import { type MixerShape, wholeQuads } from './mixer-shapes.ts';
import { blockOf, type LayerShape, type ModelShape, modelShape } from './model-shape.ts';
import { ropeNeighbours } from './rope-neighbours.ts';
import { scratchLayout } from './scratch-layout.ts';
import { checkpointBytes, ringBytes, slotBytes } from './state-room.ts';
import { formatOf, fuseRows, type MatrixPart, matrixBytes, type WeightMatrix } from './weights/index.ts';

/** Rows of a matrix that share a buffer. */
export interface TablePart {
  readonly matrix: WeightMatrix;
  readonly firstRow: number;
  readonly rows: number;
  /** Rows of other matrices whose results come before these ones': of queries before those of keys, say. */
  readonly before: number;
}

/** A norm that has a dispatch of its own, because no kernel does it on its way. */
export interface NormPlan {
  readonly weight: VectorSpec | undefined;
  readonly bias: VectorSpec | undefined;
}

/** The matrices of attention, or of what stands in for it or beside it. */
export interface MixerPlan<Shape extends MixerShape = MixerShape> {
  readonly shape: Shape;
  /** Queries, keys and values, say; more than one matrix where the file stores them in different block types. */
  readonly input: readonly TablePart[];
  readonly output: WeightMatrix;
}

/** A feed-forward block. */
export interface BlockPlan {
  readonly spec: FeedForwardSpec;
  readonly gateUp: WeightMatrix;
  readonly down: WeightMatrix;
}

/** The matrices of one layer, each one kernel's work, and what surrounds them. */
export interface LayerPlan {
  readonly spec: LayerSpec;
  readonly shape: LayerShape;
  readonly mixers: readonly MixerPlan[];
  /** The feed-forward block that every token gets, and the experts. */
  readonly block: BlockPlan | undefined;
  readonly experts: ExpertsPlan | undefined;
  readonly norms: {
    readonly attention: NormPlan | undefined;
    readonly attentionPost: NormPlan | undefined;
    readonly feedForward: NormPlan | undefined;
    readonly feedForwardPost: NormPlan | undefined;
  };
}

/** Everything that will lie in GPU memory, worked out before anything is allocated. */
export interface GpuPlan {
  readonly spec: DecoderSpec;
  readonly shape: ModelShape;
  /** Most tokens of one prefill chunk; a multiple of every tile. */
  readonly chunk: number;
  readonly layers: readonly LayerPlan[];
  readonly embedding: readonly TablePart[];
  readonly positionEmbedding: readonly TablePart[];
  /** The same array as `embedding` where the two are tied. */
  readonly head: readonly TablePart[];
  readonly finalNorm: NormPlan | undefined;
  readonly cacheFormat: CacheFormat;
}

/** What all kernels of a model are compiled with. */
export type ModelPlan = Pick<GpuPlan, 'spec' | 'shape' | 'cacheFormat'>;

/** What an adapter allows (the fields of `GPUSupportedLimits` that matter here). */
export type PlanLimits = Pick<
  GPUSupportedLimits,
  | 'maxBufferSize'
  | 'maxStorageBufferBindingSize'
  | 'maxComputeWorkgroupsPerDimension'
  | 'maxComputeWorkgroupStorageSize'
>;

/** The longest chunk: longer ones gain no speed and cost memory and patience after an abort. */
const MOST_CHUNK_TOKENS = 1024;
export const TILE_TOKENS = 64;
/** What a chunk of a model with experts may be on its way. */
const MOST_EXPERT_BYTES = 64 * 2 ** 20;
/** Parts of a table are whole tiles of every kernel that reads it. */
const PART_ROWS = 64;

/**
 * Plans the buffers. Throws `model-unsupported` for block types and shapes without kernels, `backend-unavailable` with the
 * numbers for what the adapter's limits cannot hold: before a byte has been read.
 */
export function planGpu(
  spec: DecoderSpec,
  contextLength: number,
  limits: PlanLimits,
  cacheFormat: CacheFormat = 'f16',
): GpuPlan {
  refuseMissingParts(spec);
  const shape = modelShape(spec, contextLength, limits.maxComputeWorkgroupStorageSize);
  const largest = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const layers = spec.layers.map((layer, index) => planLayer(spec, layer, shape.layers[index]!));
  for (const layer of layers) {
    for (const mixer of layer.shape.mixers) {
      checkBytes('the KV cache of a layer', cacheBytes(mixer, shape, cacheFormat), largest);
      checkBytes('what lets a text be cut', pastBytes(mixer, shape), limits.maxBufferSize);
    }
    for (const matrix of matricesOf(layer)) {
      const name = [...new Set(matrix.parts.map((part) => part.weight.name))].join(' + ');
      checkBytes(name, matrixBytes(matrix, matrix.rows), largest);
      checkWorkgroups(matrix.rows / matrix.stack, limits.maxComputeWorkgroupsPerDimension);
    }
  }
  const finalNorm = fusedNorm(spec, spec.finalNorm);
  // A tied table carries the final norm in front, for the head; the embedding reads past it.
  const embedding = planTable(spec.embedding, largest, spec.isTied ? finalNorm : undefined);
  const head = spec.isTied ? embedding : planTable(spec.output, largest, finalNorm);
  const tables = spec.positionEmbedding === undefined ? [] : planTable(spec.positionEmbedding, largest, undefined);
  checkWorkgroups(spec.vocabularySize, limits.maxComputeWorkgroupsPerDimension, 'head');
  checkBytes('the logits of a tile', TILE_TOKENS * spec.vocabularySize * 4, largest);
  const chunk = chunkTokens(shape, contextLength, largest);
  return {
    spec,
    shape,
    chunk,
    layers,
    embedding,
    positionEmbedding: tables,
    head,
    finalNorm: ownNorm(spec, spec.finalNorm),
    cacheFormat,
  };
}

/** All matrices of a layer, each of which has a buffer. */
export function matricesOf({ mixers, block, experts }: LayerPlan): readonly WeightMatrix[] {
  return [
    ...mixers.flatMap(({ input, output }) => [...input.map((part) => part.matrix), output]),
    ...(block === undefined ? [] : [block.gateUp, block.down]),
    ...(experts === undefined ? [] : [experts.router, experts.gateUp, experts.down]),
  ];
}

/** Experts leave several times a token's width between kernels: their chunks are shorter. */
function chunkTokens(shape: ModelShape, contextLength: number, largest: number): number {
  const most = shape.pairs === 0 ? largest : Math.min(largest, MOST_EXPERT_BYTES);
  let tokens = Math.min(MOST_CHUNK_TOKENS, Math.ceil(contextLength / TILE_TOKENS) * TILE_TOKENS);
  while (tokens > TILE_TOKENS && scratchLayout(shape, tokens, 0).byteLength > most) tokens -= TILE_TOKENS;
  return tokens;
}

/** Bytes of what a mixer remembers of the text: keys and values, or the latest of its inputs, or states. */
export function cacheBytes(mixer: MixerShape, { capacity, states }: ModelShape, format: CacheFormat): number {
  if (mixer.kind === 'convolution') return ringBytes(mixer);
  if (mixer.kind === 'recurrent') return states.slots * slotBytes(mixer);
  return 2 * mixer.keyWidth * capacity * (format === 'f16' ? 2 : 4);
}

/** Bytes of what lets a text be cut where its mixers do not remember enough. */
export function pastBytes(mixer: MixerShape, { capacity, states }: ModelShape): number {
  if (mixer.kind === 'convolution') return checkpointBytes(mixer, capacity);
  return mixer.kind === 'recurrent' ? states.copies * slotBytes(mixer) : 0;
}

/** What the kernel behind a norm does on its way: an RMS norm without a bias is linear. */
function fusedNorm({ norm }: DecoderSpec, of: NormSpec | undefined): WeightMatrix['norm'] {
  if (of === undefined || norm.kind !== 'rms' || of.bias !== undefined) return undefined;
  return of.weight ?? 'ones';
}

function ownNorm(spec: DecoderSpec, of: NormSpec | undefined): NormPlan | undefined {
  return of === undefined || fusedNorm(spec, of) !== undefined ? undefined : of;
}

/** Norms inside of a block have no dispatch of their own: the kernel behind them does them on its way, or nobody does. */
function innerNorm(spec: DecoderSpec, of: NormSpec | undefined): WeightMatrix['norm'] {
  const fused = fusedNorm(spec, of);
  if (of === undefined || fused !== undefined) return fused;
  const message = `This model is not supported on the GPU: ${spec.architecture}, because of its norms inside the blocks.`;
  throw new SottoError('model-unsupported', message, { details: { architecture: spec.architecture } });
}

export function planLayer(spec: DecoderSpec, layer: LayerSpec, shape: LayerShape): LayerPlan {
  const { feedForward } = layer;
  if (feedForward === undefined) {
    const part = 'its layers without feed-forward blocks';
    const message = `This model is not supported on the GPU: ${spec.architecture}, because of ${part}.`;
    throw new SottoError('model-unsupported', message, { details: { architecture: spec.architecture, part } });
  }
  if (layer.besideAttention !== undefined && layer.attentionPostNorm !== undefined) {
    const message = 'Norms after a state beside attention do not run on the GPU.';
    throw new SottoError('model-unsupported', message, { details: { architecture: spec.architecture } });
  }
  const shared = blockOf(feedForward);
  const norm = fusedNorm(spec, layer.feedForwardNorm);
  for (const block of feedForward?.kind === 'experts' ? feedForward.experts : []) checkBlock(block);
  if (shared !== undefined) checkBlock(shared);
  return {
    spec: layer,
    shape,
    mixers: shape.mixers.map((mixer) => planMixer(spec, layer, mixer)),
    block: shared && {
      spec: shared,
      gateUp: fuseRows(gateUpRows(shared.gate, shared.up), norm),
      down: fuseRows([inOrder(shared.down)], innerNorm(spec, shared.innerNorm)),
    },
    experts: feedForward?.kind === 'experts' ? planExperts(feedForward, norm, gateUpRows) : undefined,
    norms: {
      attention: ownNorm(spec, layer.attentionNorm),
      attentionPost: layer.attentionPostNorm,
      feedForward: ownNorm(spec, layer.feedForwardNorm),
      feedForwardPost: layer.feedForwardPostNorm,
    },
  };
}

function checkBlock({ gate, up, down, size }: FeedForwardSpec): void {
  for (const weight of [gate, up, down]) if (weight !== undefined) checkType(weight);
  if (gate === undefined || size % 4 === 0) return;
  const message = `Feed-forward blocks of ${size} values do not run on the GPU.`;
  throw new SottoError('model-unsupported', message, { details: { feedForwardSize: size } });
}

/** Fours of gates and ups alternate. */
function gateUpRows(gate: WeightSpec | undefined, up: WeightSpec): readonly MatrixPart[] {
  if (gate === undefined) return [inOrder(up)];
  return [
    { weight: gate, placeOf: (row) => row + 4 * Math.floor(row / 4) },
    { weight: up, placeOf: (row) => row + 4 * Math.floor(row / 4) + 4 },
  ];
}

function planMixer(spec: DecoderSpec, { attentionNorm }: LayerSpec, shape: MixerShape): MixerPlan {
  const { output } = shape.spec;
  checkType(output);
  const innerNormOf = shape.kind === 'attention' ? innerNorm(spec, shape.spec.innerNorm) : undefined;
  return {
    shape,
    input: planRows(inputOf(shape), fusedNorm(spec, attentionNorm)),
    output: fuseRows([inOrder(output)], innerNormOf),
  };
}

/** What reads the norm before a mixer, in the order in which the results lie. */
function inputOf({ kind, spec }: MixerShape): readonly MatrixPart[] {
  if (kind === 'convolution') return [inOrder(spec.input)];
  if (kind === 'recurrent') {
    const { channels, gate, steps, strengths } = spec;
    return [channels, gate, steps, ...(strengths === undefined ? [] : [strengths])].map(inOrder);
  }
  const { query, key, value, outputGate, rope, headSize } = spec;
  const turn = ropeNeighbours(rope, headSize);
  return [
    { weight: query, placeOf: turn },
    { weight: key, placeOf: turn },
    inOrder(value),
    ...(outputGate === undefined ? [] : [inOrder(outputGate)]),
  ];
}

/**
 * Neighbours of one block type become one matrix; mixed files keep V, for example, in a finer type than Q and K. Each begins
 * at a whole four.
 */
function planRows(weights: readonly MatrixPart[], norm: WeightMatrix['norm']): TablePart[] {
  const plans: TablePart[] = [];
  let parts: MatrixPart[] = [];
  let rows = 0;
  let before = 0;
  const finish = () => {
    plans.push({ matrix: { ...fuseRows(parts, norm), rows }, firstRow: 0, rows, before });
    before = wholeQuads(before + rows);
    rows = 0;
    parts = [];
  };
  for (const { weight, placeOf } of weights) {
    checkType(weight);
    const first = parts[0];
    if (first !== undefined && formatOf(first.weight.type) !== formatOf(weight.type)) finish();
    const start = wholeQuads(rows);
    parts.push({ weight, placeOf: (row) => start + placeOf(row) });
    rows = start + weight.rows;
  }
  finish();
  return plans;
}

export const inOrder = (weight: WeightSpec): MatrixPart => ({ weight, placeOf: (row) => row });

export function planTable(weight: WeightSpec, largest: number, norm: WeightMatrix['norm']): readonly TablePart[] {
  checkType(weight);
  const matrix = fuseRows([inOrder(weight)], norm);
  const unit = matrixBytes({ ...matrix, norm: undefined }, PART_ROWS);
  const front = matrixBytes(matrix, PART_ROWS) - unit;
  checkBytes(`${PART_ROWS} rows of ${weight.name}`, unit + front, largest);
  const most = Math.floor((largest - front) / unit) * PART_ROWS;
  const parts: TablePart[] = [];
  for (let firstRow = 0; firstRow < weight.rows; firstRow += most) {
    parts.push({ matrix, firstRow, rows: Math.min(most, weight.rows - firstRow), before: 0 });
  }
  return parts;
}

export function checkType({ name, type }: WeightSpec): void {
  if (isReadable(type)) return;
  const message = `${name} is stored as ${type}; the GPU engine reads ${readableTypes()}.`;
  throw new SottoError('model-unsupported', message, { details: { tensor: name, type } });
}

export function checkBytes(what: string, bytes: number, most: number): void {
  if (bytes <= most) return;
  const message = `The graphics adapter allows buffers of ${most} bytes; ${what} would need ${bytes}.`;
  throw new SottoError('backend-unavailable', message, { details: { bytes, most } });
}

export function checkWorkgroups(rows: number, most: number, role: MatrixRole = 'qkv'): void {
  const { rowGroups, rowsAThread } = matvecTuning(role, 32);
  const workgroups = Math.ceil(rows / Math.min(rowGroups * rowsAThread, gemmTuning(role).tileRows));
  if (workgroups <= most) return;
  const message = `The graphics adapter allows ${most} workgroups; this model needs ${workgroups}.`;
  throw new SottoError('backend-unavailable', message, { details: { workgroups, most } });
}
