import type { LayerSpec, RopeSpec } from '../../architectures/index.ts';
import type { Allocator, MatrixPlace, NormPlace, WeightPlaces } from './places.ts';

/** Where everything of one layer lies. */
export interface LayerPlace {
  readonly spec: LayerSpec;
  readonly attentionNorm: NormPlace;
  readonly attentionPostNorm: NormPlace;
  readonly feedForwardNorm: NormPlace;
  readonly feedForwardPostNorm: NormPlace;
  readonly queryNorm: number;
  readonly keyNorm: number;
  /** Address of the table of its rotation; 0 where it turns nothing. */
  readonly rope: number;
  /** In the order of the layer record: query, key, value, output, gate, up, down. */
  readonly matrices: readonly (MatrixPlace | undefined)[];
  readonly keys: number;
  readonly values: number;
  readonly keyScales: number;
  readonly valueScales: number;
}

export interface LayerSurroundings {
  readonly memory: Allocator;
  readonly places: WeightPlaces;
  readonly hiddenSize: number;
  /** Positions of the KV cache. */
  readonly context: number;
  readonly ropes: readonly { readonly spec: RopeSpec; readonly address: number }[];
}

/** Lays out one layer: norms, weights, and its part of the KV cache. */
export function placeLayer(spec: LayerSpec, around: LayerSurroundings): LayerPlace {
  const { memory, places, hiddenSize, context, ropes } = around;
  const { attention, feedForward } = spec;
  const { gate, up, down } = feedForward;
  const cacheBytes = attention.keyValueHeads * context * attention.headSize;
  const scaleBytes = attention.keyValueHeads * context * 4;
  return {
    spec,
    attentionNorm: places.norm(spec.attentionNorm, hiddenSize),
    attentionPostNorm: places.norm(spec.attentionPostNorm, hiddenSize),
    feedForwardNorm: places.norm(spec.feedForwardNorm, hiddenSize),
    feedForwardPostNorm: places.norm(spec.feedForwardPostNorm, hiddenSize),
    queryNorm: places.vector(attention.queryNorm?.weight),
    keyNorm: places.vector(attention.keyNorm?.weight),
    rope: ropes.find((rope) => rope.spec === attention.rope)?.address ?? 0,
    matrices: [
      places.matrix(attention.query),
      places.matrix(attention.key),
      places.matrix(attention.value),
      places.matrix(attention.output),
      ...(gate === undefined ? [undefined, places.matrix(up)] : places.interleaved(gate, up)),
      places.matrix(down),
    ],
    keys: memory.take(cacheBytes),
    values: memory.take(cacheBytes),
    keyScales: memory.take(scaleBytes),
    valueScales: memory.take(scaleBytes),
  };
}
