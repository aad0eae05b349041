import type { LayerStreamsSpec, LowRankSpec, StreamsSpec } from '../../architectures/index.ts';
import type { Allocator, MatrixPlace, WeightPlaces } from './places.ts';
import { MATRIX_BYTES } from './plan-fields.ts';

/** Where what several residual streams begin and end with lies, and the records of it. */
export interface StreamsPlace {
  readonly begin: readonly MatrixPlace[];
  readonly end: readonly MatrixPlace[];
  /** Addresses of the first record of each. */
  readonly beginTable: number;
  readonly endTable: number;
}

/** Addresses of what a layer predicts and corrects them by; 0 where it does not. */
export type LayerStreamsPlace = Readonly<Record<keyof LayerStreamsSpec, number>>;

export interface LowRankPlace {
  readonly down: MatrixPlace;
  readonly up: MatrixPlace;
  readonly norm: number;
}

export function placeStreams({ begin, end }: StreamsSpec, memory: Allocator, places: WeightPlaces): StreamsPlace {
  return {
    begin: begin.map((weight) => places.matrix(weight)),
    end: end.map((weight) => places.matrix(weight)),
    beginTable: memory.take(begin.length * MATRIX_BYTES),
    endTable: memory.take(end.length * MATRIX_BYTES),
  };
}

export function placeLayerStreams(spec: LayerStreamsSpec | undefined, hiddenSize: number, places: WeightPlaces) {
  return {
    routerNorm: places.norm(spec?.routerNorm, hiddenSize).weight,
    router: places.vector(spec?.router),
    predict: places.vector(spec?.predict),
    correct: places.vector(spec?.correct),
    scale: places.vector(spec?.scale),
  } satisfies LayerStreamsPlace;
}

export function placeLowRank(spec: LowRankSpec, hiddenSize: number, places: WeightPlaces): LowRankPlace {
  return {
    down: places.matrix(spec.down),
    up: places.matrix(spec.up),
    norm: places.norm(spec.norm, hiddenSize).weight,
  };
}
