import type { DecoderSpec, FeedForwardSpec, LayerSpec, WeightSpec } from './decoder-spec.ts';

/** All weights of a model in the order of its layers; the tied embedding once. */
export function weightsOf(spec: DecoderSpec): readonly WeightSpec[] {
  const tables = [spec.embedding, ...(spec.positionEmbedding === undefined ? [] : [spec.positionEmbedding])];
  return [...tables, ...spec.layers.flatMap(layerWeights), ...(spec.isTied ? [] : [spec.output])];
}

function layerWeights({ attention, feedForward }: LayerSpec): readonly WeightSpec[] {
  const { query, key, value, output } = attention;
  return [query, key, value, output, ...feedForwardWeights(feedForward)];
}

function feedForwardWeights({ gate, up, down }: FeedForwardSpec): readonly WeightSpec[] {
  return gate === undefined ? [up, down] : [gate, up, down];
}
