import type { DecoderSpec, FeedForwardSpec, LayerSpec, RopeSpec, WeightSpec } from './decoder-spec.ts';

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

/** The different rotations of a model, each once: layers that turn alike share one object. */
export function ropesOf(spec: DecoderSpec): readonly RopeSpec[] {
  const ropes = spec.layers.map(({ attention }) => attention.rope);
  return [...new Set(ropes.filter((rope) => rope !== undefined))];
}
