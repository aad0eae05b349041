import type { LayerStreamsSpec, LowRankSpec, StreamsSpec } from './decoder-spec.ts';
import type { ModelReader } from './model-reader.ts';

const MOST_STREAMS = 8;

function countOf(reader: ModelReader): number {
  // 4 where files say nothing, as in llama.cpp.
  return reader.has('altup_proj.weight') ? reader.integer('altup.num_inputs', 2, MOST_STREAMS, 4) : 0;
}

/** The residual streams of a model, or undefined where it has one. */
export function streamsOf(reader: ModelReader, hiddenSize: number): StreamsSpec | undefined {
  const count = countOf(reader);
  if (count === 0) return undefined;
  if (reader.integer('altup.active_idx', 0, count, 0) !== 0)
    throw reader.refusal('computing another stream than the first');
  return {
    count,
    begin: reader.stackedWeights('altup_proj', count - 1, hiddenSize, hiddenSize),
    end: reader.stackedWeights('altup_unembd_proj', count - 1, hiddenSize, hiddenSize),
  };
}

interface Place {
  readonly reader: ModelReader;
  readonly name: (part: string) => string;
  readonly hiddenSize: number;
}

/** How a layer predicts and corrects them. */
export function layerStreamsOf({ reader, name, hiddenSize }: Place): LayerStreamsSpec | undefined {
  const count = countOf(reader);
  if (count === 0) return undefined;
  return {
    routerNorm: reader.norm(name('altup_router_norm'), hiddenSize),
    router: reader.vector(name('altup_router.weight'), count * hiddenSize),
    predict: reader.vector(name('altup_predict_coef.weight'), count ** 3),
    correct: reader.vector(name('altup_correct_coef.weight'), count ** 2),
    scale: reader.vector(name('altup_correct_scale.weight'), hiddenSize),
  };
}

/** The narrow branch beside attention, where the layer has one. */
export function lowRankOf({ reader, name, hiddenSize }: Place): LowRankSpec | undefined {
  const rank = reader.shapeOf(name('laurel_l.weight'))?.[1];
  if (rank === undefined) return undefined;
  return {
    down: reader.weight(name('laurel_l'), rank, hiddenSize),
    up: reader.weight(name('laurel_r'), hiddenSize, rank),
    norm: reader.norm(name('laurel_post_norm'), hiddenSize),
  };
}
