import type {
  AttentionSpec,
  ConvolutionSpec,
  ExpertNormsSpec,
  ExpertsSpec,
  FeedForwardSpec,
  LayerInputSpec,
  LayerSpec,
  NormSpec,
  RopeSpec,
} from '../../architectures/index.ts';
import { type CacheKind, cacheWidths } from './cache-kind.ts';
import type { Allocator, MatrixPlace, NormPlace, WeightPlaces } from './places.ts';
import { CHECKPOINT_TOKENS, CONVOLUTION_RING, EXPERT_BYTES } from './plan-fields.ts';
import { placeRecurrence, type RecurrencePlace } from './recurrence-place.ts';
import { type LayerStreamsPlace, type LowRankPlace, placeLayerStreams, placeLowRank } from './streams-place.ts';

/** Where everything of one layer lies. */
export interface LayerPlace {
  readonly spec: LayerSpec;
  readonly attentionNorm: NormPlace;
  readonly attentionPostNorm: NormPlace;
  readonly feedForwardNorm: NormPlace;
  readonly feedForwardPostNorm: NormPlace;
  /** Undefined where a state stands alone. */
  readonly mixer: AttentionPlace | ConvolutionPlace | undefined;
  /** Instead of attention or beside it. */
  readonly recurrence: RecurrencePlace | undefined;
  /** Of the one feed-forward block, or of the block that all tokens share beside their experts. */
  readonly feedForward: FeedForwardPlace | undefined;
  readonly experts: ExpertsPlace | undefined;
  readonly input: LayerInputPlace | undefined;
  readonly lowRank: LowRankPlace | undefined;
  readonly streams: LayerStreamsPlace;
  /** Address; 0 for none. */
  readonly outputScale: number;
}

/** Addresses; 0 where there is no such thing. */
export interface AttentionPlace {
  readonly spec: AttentionSpec;
  readonly query: MatrixPlace;
  /** Undefined where it reads another layer's keys and values. */
  readonly key: MatrixPlace | undefined;
  readonly value: MatrixPlace | undefined;
  readonly output: MatrixPlace;
  readonly queryNorm: number;
  readonly keyNorm: number;
  readonly valueNorm: number;
  readonly innerNorm: number;
  readonly sinks: number;
  readonly outputGate: MatrixPlace | undefined;
  /** The table of its rotation. */
  readonly rope: number;
  /** Offsets in the cache of a text. */
  readonly keys: number;
  readonly values: number;
  readonly keyScales: number;
  readonly valueScales: number;
}

export interface ConvolutionPlace {
  readonly spec: ConvolutionSpec;
  readonly input: MatrixPlace;
  readonly output: MatrixPlace;
  readonly taps: number;
  readonly ring: number;
  readonly checkpoints: number;
}

export interface FeedForwardPlace {
  readonly spec: FeedForwardSpec;
  readonly gate: MatrixPlace | undefined;
  readonly up: MatrixPlace;
  readonly down: MatrixPlace;
  readonly innerNorm: number;
}

export interface LayerInputPlace {
  readonly spec: LayerInputSpec;
  readonly gate: MatrixPlace;
  readonly output: MatrixPlace;
  readonly norm: number;
}

export interface ExpertsPlace {
  readonly spec: ExpertsSpec;
  readonly router: MatrixPlace;
  readonly experts: readonly FeedForwardPlace[];
  /** The records of their matrices. */
  readonly table: number;
  readonly selectionBias: number;
  readonly sharedGate: number;
  readonly scales: number;
  readonly norms: Readonly<Record<keyof ExpertNormsSpec, number>>;
}

export interface LayerSurroundings {
  readonly memory: Allocator;
  /** What every text has for itself: keys and values. Addresses in it are offsets. */
  readonly cache: Allocator;
  readonly places: WeightPlaces;
  readonly hiddenSize: number;
  /** Positions of the KV cache. */
  readonly context: number;
  readonly cacheKind: CacheKind;
  readonly ropes: readonly { readonly spec: RopeSpec; readonly address: number }[];
  /** The layers before this one. */
  readonly before: readonly LayerPlace[];
}

/** Lays out one layer: norms, weights, and what it remembers of the text. */
export function placeLayer(spec: LayerSpec, around: LayerSurroundings): LayerPlace {
  const { places, hiddenSize } = around;
  const { attention, besideAttention, feedForward } = spec;
  const recurrent = attention.kind === 'recurrent' ? attention : besideAttention;
  const block = feedForward?.kind === 'experts' ? feedForward.shared : feedForward;
  return {
    spec,
    attentionNorm: places.norm(spec.attentionNorm, hiddenSize),
    attentionPostNorm: places.norm(spec.attentionPostNorm, hiddenSize),
    feedForwardNorm: places.norm(spec.feedForwardNorm, hiddenSize),
    feedForwardPostNorm: places.norm(spec.feedForwardPostNorm, hiddenSize),
    mixer: placeMixer(attention, around),
    recurrence: recurrent && placeRecurrence(recurrent, around),
    feedForward: block && placeFeedForward(block, places),
    experts: feedForward?.kind === 'experts' ? placeExperts(feedForward, around) : undefined,
    input: spec.layerInput && placeLayerInput(spec.layerInput, around),
    lowRank: spec.lowRank && placeLowRank(spec.lowRank, hiddenSize, places),
    streams: placeLayerStreams(spec.streams, hiddenSize, places),
    outputScale: places.vector(spec.outputScale),
  };
}

function placeMixer(mixer: LayerSpec['attention'], around: LayerSurroundings) {
  if (mixer.kind === 'recurrent') return undefined;
  return mixer.kind === 'attention' ? placeAttention(mixer, around) : placeConvolution(mixer, around);
}

function placeAttention(spec: AttentionSpec, around: LayerSurroundings): AttentionPlace {
  const { places, ropes } = around;
  const isOwn = spec.sharesCacheOf === undefined;
  return {
    spec,
    query: places.matrix(spec.query),
    key: isOwn ? places.matrix(spec.key) : undefined,
    value: isOwn ? places.matrix(spec.value) : undefined,
    output: places.matrix(spec.output),
    queryNorm: places.vector(spec.queryNorm?.weight),
    keyNorm: places.vector(spec.keyNorm?.weight),
    valueNorm: spec.isValueNormed ? places.norm({ weight: undefined, bias: undefined }, spec.headSize).weight : 0,
    innerNorm: places.norm(spec.innerNorm, spec.heads * spec.headSize).weight,
    sinks: places.vector(spec.sinks),
    outputGate: spec.outputGate && places.matrix(spec.outputGate),
    rope: ropes.find((rope) => rope.spec === spec.rope)?.address ?? 0,
    ...placeCache(spec, around),
  };
}

type CachePlace = Pick<AttentionPlace, 'keys' | 'values' | 'keyScales' | 'valueScales'>;

function placeCache(spec: AttentionSpec, { cache, context, cacheKind, before }: LayerSurroundings): CachePlace {
  if (spec.sharesCacheOf !== undefined) {
    const { keys, values, keyScales, valueScales } = before[spec.sharesCacheOf]!.mixer as AttentionPlace;
    return { keys, values, keyScales, valueScales };
  }
  const { value, scale } = cacheWidths(cacheKind);
  const cacheBytes = spec.keyValueHeads * context * spec.headSize * value;
  const scaleBytes = spec.keyValueHeads * context * scale;
  return {
    keys: cache.take(cacheBytes),
    values: cache.take(cacheBytes),
    keyScales: cache.take(scaleBytes),
    valueScales: cache.take(scaleBytes),
  };
}

function placeLayerInput(spec: LayerInputSpec, { places, hiddenSize }: LayerSurroundings): LayerInputPlace {
  return {
    spec,
    gate: places.matrix(spec.gate),
    output: places.matrix(spec.output),
    norm: places.norm(spec.norm, hiddenSize).weight,
  };
}

function placeConvolution(spec: ConvolutionSpec, around: LayerSurroundings): ConvolutionPlace {
  const { memory, places, context, hiddenSize } = around;
  const checkpoints = Math.ceil(context / CHECKPOINT_TOKENS) + 1;
  return {
    spec,
    input: places.matrix(spec.input),
    output: places.matrix(spec.output),
    taps: places.vector(spec.taps),
    ring: memory.take(CONVOLUTION_RING * hiddenSize * 4),
    checkpoints: memory.take(checkpoints * (spec.length - 1) * hiddenSize * 4),
  };
}

function placeFeedForward(spec: FeedForwardSpec, places: WeightPlaces): FeedForwardPlace {
  return {
    spec,
    gate: spec.gate && places.matrix(spec.gate),
    up: places.matrix(spec.up),
    down: places.matrix(spec.down),
    innerNorm: places.norm(spec.innerNorm, spec.size).weight,
  };
}

function placeExperts(spec: ExpertsSpec, { memory, places, hiddenSize }: LayerSurroundings): ExpertsPlace {
  const { norms } = spec;
  const weightOf = (norm: NormSpec | undefined) => places.norm(norm, hiddenSize).weight;
  return {
    spec,
    router: places.matrix(spec.router),
    experts: spec.experts.map((expert) => placeFeedForward(expert, places)),
    table: memory.take(spec.experts.length * EXPERT_BYTES),
    selectionBias: places.vector(spec.selectionBias),
    sharedGate: places.vector(spec.sharedGate),
    scales: places.vector(spec.scales),
    norms: {
      router: weightOf(norms?.router),
      before: weightOf(norms?.before),
      after: weightOf(norms?.after),
      afterShared: weightOf(norms?.afterShared),
    },
  };
}
