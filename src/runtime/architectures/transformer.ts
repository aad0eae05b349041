import type { GgufFile } from '../../formats/gguf/types.ts';
import { SottoError } from '../../shared/index.ts';
import type {
  Activation,
  AttentionSpec,
  ConvolutionSpec,
  DecoderSpec,
  LayerSpec,
  RecurrentSpec,
  RopeSpec,
} from './decoder-spec.ts';
import { denseFeedForward, expertFeedForward } from './feed-forward.ts';
import { layerInputOf, layerInputsOf } from './layer-inputs.ts';
import { ModelReader } from './model-reader.ts';
import type { RecurrentPlace } from './recurrent.ts';
import { ropeFromMetadata } from './rope-from-metadata.ts';
import { layerStreamsOf, lowRankOf, streamsOf } from './streams.ts';
import { layerCountOf } from './windows.ts';

/** Far above any model a browser can hold; below what would overflow an address. */
const MOST_WIDTH = 65536;
const MOST_CONTEXT = 16_777_216;

/** What an architecture is beyond the tensors it has: everything that its file does not say by itself. */
export interface Traits {
  /** `none` for models that know positions in another way. */
  readonly rope: RopeSpec['kind'] | 'none';
  /** Default: rms. */
  readonly norm?: 'rms' | 'layer';
  /** Default: silu. */
  readonly activation?: Activation;
  readonly isParallel?: boolean;
  /** Default: before each block. `after` norms what a block adds, `both` does both; `plain` has no weights. */
  readonly norms?: 'before' | 'after' | 'both' | 'plain';
  /** Tensor names that differ from the usual ones, by role. */
  readonly names?: Partial<Record<'attentionNorm' | 'feedForwardNorm', string>>;
  /** How norms of queries and keys are applied where the file has them. Default: a head at a time, before the rotation. */
  readonly headNorm?: { readonly over: 'head' | 'row'; readonly isAfterRope: boolean };
  readonly embeddingScale?: number;
  readonly residualScale?: number;
  readonly logitScale?: number;
  readonly logitSoftCap?: number | undefined;
  readonly attentionSoftCap?: number | undefined;
  /** Default: 1 / √head. */
  readonly attentionScale?: number | undefined;
  readonly hasPositionEmbedding?: boolean;
  /** Positions that a layer's queries see. Default: all. */
  readonly windowOf?: (layer: number) => number | undefined;
  /** Values of a head. Default: the `attention.key_length` of the metadata. */
  readonly headSizeOf?: (layer: number) => number;
  /** Values are normalised, and are keys before their norm where the file has no projection for them. */
  readonly hasValueNorm?: boolean;
  /** Layer whose keys and values a layer reads. Default: its own. */
  readonly sharesCacheOf?: (layer: number) => number | undefined;
  /** A layer's rotation, given the one of the metadata. Default: that one. */
  readonly ropeOf?: (layer: number, rope: RopeSpec) => RopeSpec | undefined;
  /** Whether the weights of chosen experts are made to add up to 1. Default: the architecture has no experts. */
  readonly experts?: { readonly isNormalised: boolean };
  /** Which layers carry a state from token to token, instead of attention or beside it, and how it is read. */
  readonly recurrence?: {
    readonly place: (layer: number) => 'instead' | 'beside' | undefined;
    readonly read: (place: RecurrentPlace) => RecurrentSpec;
  };
  /** Queries come with as many values that gate what the heads gather, head by head. */
  readonly hasOutputGate?: boolean;
  /** Name of the last norm. Default: output_norm. */
  readonly finalNorm?: string;
  /** Which gates of a layer's dense block count; see FeedForwardSpec. Default: all. */
  readonly cutoffOf?: (layer: number) => number | undefined;
  /** Default: the `feed_forward_length` of the metadata. */
  readonly feedForwardSizes?: readonly number[];
  /** Which of the file's layers make up each layer. Default: each is whole by itself. */
  readonly layers?: readonly LayerParts[];
}

/** Indices of the file's layers that hold attention, or what stands in for it, and the feed-forward block of one layer. */
export interface LayerParts {
  readonly mixer: number;
  /** Undefined for none. */
  readonly feedForward: number | undefined;
}

/**
 * A decoder of attention and feed-forward layers. What a file can say for itself is read from its tensors: separate or
 * fused projections, biases, norms of queries and keys, a gate, an output projection of its own.
 * Names: gguf-py/gguf/constants.py of llama.cpp. Throws `model-unsupported` or `gguf-invalid`.
 */
export function transformerSpec(
  gguf: GgufFile,
  architecture: string,
  traitsOf: Traits | ((reader: ModelReader) => Traits),
): DecoderSpec {
  const reader = new ModelReader(gguf, architecture);
  const traits = typeof traitsOf === 'function' ? traitsOf(reader) : traitsOf;
  if (traits.experts === undefined && reader.integer('expert_count', 0, 4096, 0) > 1) {
    throw reader.refusal('its mixture of experts');
  }
  const layerCount = layerCountOf(reader);
  const hiddenSize = reader.integer('embedding_length', 32, MOST_WIDTH);
  const vocabularySize = reader.rowsOf('token_embd.weight');
  const contextLength = reader.integer('context_length', 1, MOST_CONTEXT);
  const embedding = reader.weight('token_embd', vocabularySize, hiddenSize);
  const isTied = !reader.has('output.weight');
  const readLayer = layerReader(reader, traits, layerCount, hiddenSize);
  // Layers past the count only draft tokens; running without them gives the same text.
  reader.leaveOut('its layers that draft tokens', (name) => {
    return Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? -1) >= layerCount && reader.says('nextn_predict_layers');
  });
  // Some writers put them beside the text model instead of into a file of their own (mmproj).
  reader.leaveOut('its part for images', (name) => /^(?:v|mm|model\.vision|vision_tower)\./.test(name));
  reader.leaveOut('its part for sound', (name) => /^a\./.test(name));
  const spec: DecoderSpec = {
    architecture,
    hiddenSize,
    vocabularySize,
    contextLength,
    norm: normOf(reader, traits),
    isParallel: traits.isParallel ?? false,
    embeddingScale: traits.embeddingScale ?? 1,
    residualScale: traits.residualScale ?? 1,
    logitScale: traits.logitScale ?? 1,
    logitSoftCap: traits.logitSoftCap,
    embedding,
    positionEmbedding: traits.hasPositionEmbedding
      ? reader.weight('position_embd', contextLength, hiddenSize)
      : undefined,
    layerInputs: layerInputsOf(reader, { layerCount, hiddenSize, vocabularySize }),
    streams: streamsOf(reader, hiddenSize),
    layers: (traits.layers ?? wholeLayers(layerCount)).map(readLayer),
    finalNorm: traits.norms === 'plain' ? PLAIN_NORM : reader.norm(traits.finalNorm ?? 'output_norm', hiddenSize),
    output: isTied ? embedding : reader.weight('output', vocabularySize, hiddenSize),
    isTied,
    leftOut: reader.leftOut,
  };
  // Some writers keep the projections that a layer has no use for.
  reader.ignore((name) => {
    const [, layer] = /^blk\.(\d+)\.attn_(?:k|v|k_norm)\.weight$/.exec(name) ?? [];
    return layer !== undefined && traits.sharesCacheOf?.(Number(layer)) !== undefined;
  });
  reader.refuseUnused();
  return spec;
}

function wholeLayers(count: number): readonly LayerParts[] {
  return Array.from({ length: count }, (_, index) => ({ mixer: index, feedForward: index }));
}

const PLAIN_NORM = { weight: undefined, bias: undefined };

function normOf(reader: ModelReader, { norm = 'rms' }: Traits): DecoderSpec['norm'] {
  const key = norm === 'rms' ? 'attention.layer_norm_rms_epsilon' : 'attention.layer_norm_epsilon';
  return { kind: norm, epsilon: reader.number(key, 0, 1) };
}

function layerReader(reader: ModelReader, traits: Traits, layerCount: number, hiddenSize: number) {
  // Where no layer attends, or makes keys and values, files say 0.
  const least = traits.recurrence === undefined ? 1 : 0;
  const heads = reader.integers('attention.head_count', layerCount, least, 1024);
  const keyValueHeads = reader.integers('attention.head_count_kv', layerCount, 0, 1024, heads[0]);
  const mostHeads = Math.max(...heads);
  const headSize = mostHeads === 0 ? 0 : headSizeOf(reader, hiddenSize / mostHeads);
  const sizes =
    traits.feedForwardSizes ??
    reader.integers('feed_forward_length', layerCount, traits.layers === undefined ? 8 : 0, 4 * MOST_WIDTH);
  const rope = traits.rope === 'none' ? undefined : ropeFromMetadata(reader, traits.rope, headSize);
  const { norms = 'before', names = {} } = traits;
  const hasBefore = norms === 'before' || norms === 'both';
  const hasAfter = norms === 'after' || norms === 'both';
  return ({ mixer: index, feedForward }: LayerParts): LayerSpec => {
    const nameIn = (layer: number) => (part: string) => `blk.${layer}.${part}`;
    const name = nameIn(index);
    const attentionNorm = hasBefore ? reader.norm(name(names.attentionNorm ?? 'attn_norm'), hiddenSize) : undefined;
    const feedForwardNorm = () => {
      if (feedForward === undefined) return undefined;
      const part = nameIn(feedForward)(names.feedForwardNorm ?? 'ffn_norm');
      // Parallel blocks often share one norm.
      if (traits.isParallel && !reader.has(`${part}.weight`)) return attentionNorm;
      return reader.norm(part, hiddenSize);
    };
    const plain = norms === 'plain' ? PLAIN_NORM : undefined;
    const place = { reader, name, hiddenSize, activation: traits.activation ?? 'silu' } as const;
    const block = () => {
      if (feedForward === undefined) return undefined;
      const own = { ...place, name: nameIn(feedForward) };
      return traits.experts && reader.has(own.name('ffn_gate_inp.weight'))
        ? expertFeedForward(own, traits.experts.isNormalised)
        : denseFeedForward({ ...own, cutoff: traits.cutoffOf?.(feedForward) }, sizes[feedForward]!);
    };
    const recurrence = traits.recurrence?.place(index);
    const recurrent = recurrence && traits.recurrence?.read(place);
    const mixer = () => {
      if (keyValueHeads[index] === 0) return convolutionOf(reader, name, hiddenSize);
      return attentionOf(reader, traits, index, {
        hiddenSize,
        heads: heads[index]!,
        keyValueHeads: keyValueHeads[index]!,
        headSize: traits.headSizeOf?.(index) ?? headSize,
        rope: rope && traits.ropeOf ? traits.ropeOf(index, rope) : rope,
      });
    };
    return {
      attentionNorm: attentionNorm ?? plain,
      attention: recurrent !== undefined && recurrence === 'instead' ? recurrent : mixer(),
      besideAttention: recurrence === 'beside' ? recurrent : undefined,
      lowRank: lowRankOf(place),
      attentionPostNorm: hasAfter ? reader.norm(name('post_attention_norm'), hiddenSize) : undefined,
      feedForwardNorm: hasBefore ? feedForwardNorm() : plain,
      feedForward: block(),
      feedForwardPostNorm: hasAfter ? reader.norm(name('post_ffw_norm'), hiddenSize) : undefined,
      layerInput: layerInputOf(place),
      streams: layerStreamsOf(place),
      outputScale: reader.optionalVector(name('layer_output_scale.weight'), 1),
    };
  };
}

function headSizeOf(reader: ModelReader, usual: number): number {
  const size = reader.integer('attention.key_length', 8, 512, usual);
  if (reader.integer('attention.value_length', 8, 512, size) === size) return size;
  throw reader.refusal('keys and values of different width');
}

interface AttentionShape {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly rope: RopeSpec | undefined;
}

function attentionOf(reader: ModelReader, traits: Traits, index: number, shape: AttentionShape): AttentionSpec {
  const { hiddenSize, heads, keyValueHeads, headSize, rope } = shape;
  if (heads === 0 || heads % keyValueHeads !== 0) {
    throw new SottoError('gguf-invalid', `${heads} heads cannot share ${keyValueHeads} keys and values evenly.`);
  }
  const name = (part: string) => `blk.${index}.${part}`;
  const sharesCacheOf = traits.sharesCacheOf?.(index);
  const ofCache = (part: string) => `blk.${sharesCacheOf ?? index}.${part}`;
  const [queryWidth, keyWidth] = [heads * headSize, keyValueHeads * headSize];
  const isFused = reader.has(name('attn_qkv.weight'));
  const [gatedQuery, outputGate] = traits.hasOutputGate
    ? reader.stripedWeights(name('attn_q'), heads, [headSize, headSize], hiddenSize)
    : [];
  const [query, key, value] = isFused
    ? reader.fusedWeights(name('attn_qkv'), [queryWidth, keyWidth, keyWidth], hiddenSize)
    : [
        gatedQuery ?? reader.weight(name('attn_q'), queryWidth, hiddenSize),
        reader.weight(ofCache('attn_k'), keyWidth, hiddenSize),
        reader.weight(
          ofCache(traits.hasValueNorm && !reader.has(`${ofCache('attn_v')}.weight`) ? 'attn_k' : 'attn_v'),
          keyWidth,
          hiddenSize,
        ),
      ];
  const headNorm = (part: string, width: number) => {
    const file = `${part}.weight`;
    if (!reader.has(file)) return undefined;
    const size = reader.shapeOf(file)!.reduce((product, dimension) => product * dimension, 1);
    const { over, isAfterRope } = traits.headNorm ?? { over: 'head', isAfterRope: false };
    return { weight: reader.vector(file, size === headSize && over === 'head' ? headSize : width), over, isAfterRope };
  };
  return {
    kind: 'attention',
    heads,
    keyValueHeads,
    headSize,
    scale: traits.attentionScale ?? 1 / Math.sqrt(headSize),
    softCap: traits.attentionSoftCap,
    window: traits.windowOf?.(index),
    sinks: reader.optionalVector(name('attn_sinks.weight'), heads),
    rope,
    query: query!,
    key: key!,
    value: value!,
    queryNorm: headNorm(name('attn_q_norm'), queryWidth),
    keyNorm: headNorm(ofCache('attn_k_norm'), keyWidth),
    isValueNormed: traits.hasValueNorm ?? false,
    sharesCacheOf,
    innerNorm: reader.has(name('attn_sub_norm.weight')) ? reader.norm(name('attn_sub_norm'), queryWidth) : undefined,
    outputGate,
    output: reader.weight(name('attn_output'), hiddenSize, queryWidth),
  };
}

/** Layers without keys and values convolve. */
function convolutionOf(reader: ModelReader, name: (part: string) => string, hiddenSize: number): ConvolutionSpec {
  if (!reader.has(name('shortconv.conv.weight'))) throw reader.refusal('layers without keys and values');
  const length = reader.integer('shortconv.l_cache', 2, 16);
  return {
    kind: 'convolution',
    length,
    input: reader.weight(name('shortconv.in_proj'), 3 * hiddenSize, hiddenSize),
    taps: reader.vector(name('shortconv.conv.weight'), hiddenSize * length),
    output: reader.weight(name('shortconv.out_proj'), hiddenSize, hiddenSize),
  };
}
