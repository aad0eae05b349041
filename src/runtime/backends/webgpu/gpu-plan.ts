import { SottoError } from '../../../shared/index.ts';
import type {
  DecoderSpec,
  FeedForwardSpec,
  LayerSpec,
  NormSpec,
  VectorSpec,
  WeightSpec,
} from '../../architectures/index.ts';
import { type ExpertsPlan, planExperts } from './experts-plan.ts';
import type { CacheFormat } from './kernel-sources.ts';
import { type LayerInputPlan, type LayerInputsPlan, planLayerInput, planLayerInputs } from './layer-inputs-plan.ts';
import type { MixerShape } from './mixer-shapes.ts';
import { blockOf, type LayerShape, type ModelShape, modelShape } from './model-shape.ts';
import { ropeNeighbours } from './rope-neighbours.ts';
import { scratchLayout } from './scratch-layout.ts';
import { checkpointBytes, ringBytes, slotBytes } from './state-room.ts';
import { checkBytes, checkType, checkWorkgroups, inOrder, planRows, planTable, type TablePart } from './table-plan.ts';
import { fuseRows, type MatrixPart, matrixBytes, type WeightMatrix } from './weights/index.ts';

/** A norm that has a dispatch of its own, because no kernel does it on its way. */
export interface NormPlan {
  readonly weight: VectorSpec | undefined;
  readonly bias: VectorSpec | undefined;
  /** One value: the factor on the residual stream once the normed values were added to it. */
  readonly streamScale?: VectorSpec | undefined;
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
  readonly layerInput: LayerInputPlan | undefined;
  readonly norms: {
    readonly attention: NormPlan | undefined;
    readonly attentionPost: NormPlan | undefined;
    readonly feedForward: NormPlan | undefined;
    readonly feedForwardPost: NormPlan | undefined;
    readonly layerInput: NormPlan | undefined;
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
  readonly layerInputs: LayerInputsPlan | undefined;
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
  checkParts(spec);
  const shape = modelShape(spec, contextLength, limits.maxComputeWorkgroupStorageSize);
  const largest = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const layers = spec.layers.map((layer, index) => planLayer(spec, layer, shape.layers[index]!, largest));
  for (const layer of layers) {
    for (const mixer of layer.shape.mixers) {
      checkBytes('the KV cache of a layer', cacheBytes(mixer, shape, cacheFormat), largest);
      checkBytes('what lets a text be cut', pastBytes(mixer, shape), limits.maxBufferSize);
    }
    for (const matrix of matricesOf(layer)) {
      const name = [...new Set(matrix.parts.map((part) => part.weight.name))].join(' + ');
      checkBytes(name, matrixBytes(matrix, matrix.rows), largest);
      checkWorkgroups(matrix.rows, limits.maxComputeWorkgroupsPerDimension);
    }
    for (const { matrix } of [...(layer.experts?.gateUp ?? []), ...(layer.experts?.down ?? [])]) {
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
    layerInputs: planLayerInputs(spec, largest, limits.maxComputeWorkgroupsPerDimension),
    head,
    finalNorm: ownNorm(spec, spec.finalNorm),
    cacheFormat,
  };
}

/** Throws for parts that only the processor runs. */
function checkParts({ architecture, streams, layers }: DecoderSpec): void {
  const isSparse = layers.some(({ feedForward }) => feedForward?.kind === 'dense' && feedForward.cutoff !== undefined);
  if (streams === undefined && !isSparse && layers.every(({ lowRank }) => lowRank === undefined)) return;
  const part = 'its several residual streams and sparse gates';
  const message = `This model is not supported on the GPU: ${architecture}, because of ${part}; the processor runs it.`;
  throw new SottoError('model-unsupported', message, { details: { architecture, part } });
}

/** All matrices of a layer that have one buffer each; those of experts may have several. */
export function matricesOf({ mixers, block, experts, layerInput }: LayerPlan): readonly WeightMatrix[] {
  return [
    ...mixers.flatMap(({ input, output }) => [...input.map((part) => part.matrix), output]),
    ...(block === undefined ? [] : [block.gateUp, block.down]),
    ...(experts === undefined ? [] : [experts.router]),
    ...(layerInput === undefined ? [] : [layerInput.gate, layerInput.output]),
  ];
}

/** Experts leave several times a token's width between kernels: their chunks are shorter. */
function chunkTokens(shape: ModelShape, contextLength: number, largest: number): number {
  const most = shape.pairs === 0 ? largest : Math.min(largest, MOST_EXPERT_BYTES);
  let tokens = Math.min(MOST_CHUNK_TOKENS, Math.ceil(contextLength / TILE_TOKENS) * TILE_TOKENS);
  while (tokens > TILE_TOKENS && scratchLayout(shape, tokens, 0).byteLength > most) tokens -= TILE_TOKENS;
  return tokens;
}

/** Bytes of what a mixer remembers of the text: keys and values, unless it reads another's, or the latest of its inputs, or states. */
export function cacheBytes(mixer: MixerShape, { capacity, states }: ModelShape, format: CacheFormat): number {
  if (mixer.kind === 'convolution') return ringBytes(mixer);
  if (mixer.kind === 'recurrent') return states.slots * slotBytes(mixer);
  if (mixer.spec.sharesCacheOf !== undefined) return 0;
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

/** `largest`: bytes of a buffer that kernels can bind. */
export function planLayer(spec: DecoderSpec, layer: LayerSpec, shape: LayerShape, largest: number): LayerPlan {
  const { feedForward } = layer;
  if (layer.besideAttention !== undefined && layer.attentionPostNorm !== undefined) {
    const message = 'Norms after a state beside attention do not run on the GPU.';
    throw new SottoError('model-unsupported', message, { details: { architecture: spec.architecture } });
  }
  const { layerInput, outputScale } = layer;
  if (outputScale !== undefined && (layerInput?.norm ?? layer.feedForwardPostNorm) === undefined) {
    const message = `This model is not supported on the GPU: ${spec.architecture}, because of its scaled layers without a norm.`;
    throw new SottoError('model-unsupported', message, { details: { architecture: spec.architecture } });
  }
  // The last norm of the layer does it on its way.
  const last = (of: NormSpec | undefined): NormPlan | undefined => of && { ...of, streamScale: outputScale };
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
    experts: feedForward?.kind === 'experts' ? planExperts(feedForward, norm, largest, gateUpRows) : undefined,
    layerInput: planLayerInput(layerInput),
    norms: {
      attention: ownNorm(spec, layer.attentionNorm),
      attentionPost: layer.attentionPostNorm,
      feedForward: ownNorm(spec, layer.feedForwardNorm),
      feedForwardPost: layerInput === undefined ? last(layer.feedForwardPostNorm) : layer.feedForwardPostNorm,
      layerInput: last(layerInput?.norm),
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
    return [channels, gate, steps, strengths].filter((weight) => weight !== undefined).map(inOrder);
  }
  const { query, key, value, outputGate, rope, headSize, sharesCacheOf } = spec;
  const turn = ropeNeighbours(rope, headSize);
  return [
    { weight: query, placeOf: turn },
    ...(sharesCacheOf === undefined ? [{ weight: key, placeOf: turn }, inOrder(value)] : []),
    ...(outputGate === undefined ? [] : [inOrder(outputGate)]),
  ];
}
