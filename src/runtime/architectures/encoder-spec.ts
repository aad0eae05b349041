import type { NormSpec, VectorSpec, WeightSpec } from './decoder-spec.ts';

export interface EncoderLayer {
  /** Absent: the layer reads what comes in as it is. */
  readonly attentionNorm: NormSpec | undefined;
  readonly query: WeightSpec;
  readonly key: WeightSpec;
  readonly value: WeightSpec;
  /** Norms of each head of queries and keys, before the rotation. */
  readonly queryNorm: VectorSpec | undefined;
  readonly keyNorm: VectorSpec | undefined;
  readonly attentionOutput: WeightSpec;
  /** After the attention, before or after it is added to the stream: see `placement`. */
  readonly attentionOutputNorm: NormSpec | undefined;
  readonly feedForwardNorm: NormSpec | undefined;
  /** Absent: the activation stands alone. */
  readonly gate: WeightSpec | undefined;
  readonly up: WeightSpec;
  readonly down: WeightSpec;
  readonly feedForwardOutputNorm: NormSpec | undefined;
  /** Positions to either side that a token sees; undefined: all. */
  readonly reach: number | undefined;
  /** Base of the rotation of this layer's queries and keys; undefined: none. */
  readonly ropeBase: number | undefined;
}

/** What an encoder is, as data: tokens in, one vector a token out, and how they become one vector of the text. */
export interface EncoderSpec {
  readonly architecture: string;
  readonly vocabularySize: number;
  /** Most tokens of one text. */
  readonly contextLength: number;
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** The model's own, where an engine has filled its heads up to `headSize` with zeros. */
  readonly trueHeadSize?: number | undefined;
  readonly embedding: WeightSpec;
  readonly embeddingScale: number;
  /** Learnt positions, added to the embedding. */
  readonly positions: WeightSpec | undefined;
  /** Rows for kinds of segment, the first of which is added to every token. */
  readonly segments: WeightSpec | undefined;
  readonly embeddingNorm: NormSpec | undefined;
  readonly norm: { readonly kind: 'layer' | 'rms'; readonly epsilon: number };
  /**
   * Where the output norms of a layer stand: on the stream, after the addition (BERT), or on what is added (Gemma).
   */
  readonly placement: 'on-stream' | 'on-addend';
  readonly activation: 'gelu' | 'silu';
  readonly layers: readonly EncoderLayer[];
  readonly finalNorm: NormSpec | undefined;
  readonly pooling: 'mean' | 'first' | 'last';
  /** Applied to the pooled vector, one after the other. */
  readonly projections: readonly WeightSpec[];
}
