import type {
  AttentionSpec,
  DecoderSpec,
  FeedForwardSpec,
  LayerSpec,
  RecurrentSpec,
  RopeSpec,
  VectorSpec,
  WeightSpec,
} from './decoder-spec.ts';

/** All weights of a model in the order of its layers; the tied embedding once. */
export function weightsOf(spec: DecoderSpec): readonly WeightSpec[] {
  const { embedding, positionEmbedding, layerInputs, streams } = spec;
  const tables = [embedding, ...(positionEmbedding === undefined ? [] : [positionEmbedding])];
  if (layerInputs !== undefined) tables.push(layerInputs.table, layerInputs.projection);
  if (streams !== undefined) tables.push(...streams.begin, ...streams.end);
  return [...tables, ...spec.layers.flatMap(layerWeights), ...(spec.isTied ? [] : [spec.output])];
}

function layerWeights({
  attention,
  besideAttention,
  lowRank,
  feedForward,
  layerInput,
}: LayerSpec): readonly WeightSpec[] {
  const mixers = [attention, ...(besideAttention === undefined ? [] : [besideAttention])].flatMap(mixerWeights);
  if (lowRank !== undefined) mixers.push(lowRank.down, lowRank.up);
  if (layerInput !== undefined) mixers.push(layerInput.gate, layerInput.output);
  if (feedForward === undefined) return mixers;
  if (feedForward.kind === 'dense') return [...mixers, ...feedForwardWeights(feedForward)];
  const { router, experts, shared } = feedForward;
  const blocks = shared === undefined ? experts : [...experts, shared];
  return [...mixers, router, ...blocks.flatMap(feedForwardWeights)];
}

function mixerWeights(mixer: LayerSpec['attention']): readonly WeightSpec[] {
  if (mixer.kind === 'convolution') return [mixer.input, mixer.output];
  if (mixer.kind === 'recurrent') {
    const { channels, gate, steps, strengths, selection, output } = mixer;
    return [channels, gate, steps, strengths, selection?.parameters, output].filter((weight) => weight !== undefined);
  }
  const { query, key, value, outputGate, output, sharesCacheOf } = mixer;
  return [
    query,
    ...(sharesCacheOf === undefined ? [key, value] : []),
    ...(outputGate === undefined ? [] : [outputGate]),
    output,
  ];
}

function feedForwardWeights({ gate, up, down }: FeedForwardSpec): readonly WeightSpec[] {
  return gate === undefined ? [up, down] : [gate, up, down];
}

/** The attentions of the layers that have one. */
export function attentionsOf(spec: DecoderSpec): readonly AttentionSpec[] {
  return spec.layers.map(({ attention }) => attention).filter((attention) => attention.kind === 'attention');
}

/** The states that the layers carry, in their order. */
export function recurrencesOf(spec: DecoderSpec): readonly RecurrentSpec[] {
  const mixers = spec.layers.flatMap(({ attention, besideAttention }) => [attention, besideAttention]);
  return mixers.filter((mixer) => mixer?.kind === 'recurrent');
}

/**
 * The divisors of a rotation, which depend on how long the cache is (longrope): what was read into a short one means nothing in
 * a long one.
 */
export function ropeFactorsOf({ factors, longFactors }: RopeSpec, contextLength: number): VectorSpec | undefined {
  return longFactors !== undefined && contextLength > longFactors.above ? longFactors.factors : factors;
}

/** The different rotations of a model, each once: layers that turn alike share one object. */
export function ropesOf(spec: DecoderSpec): readonly RopeSpec[] {
  return [...new Set(attentionsOf(spec).flatMap(({ rope }) => (rope === undefined ? [] : [rope])))];
}
