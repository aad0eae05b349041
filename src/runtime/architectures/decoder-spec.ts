import type { GgmlTypeName } from '../../formats/gguf/types.ts';

/** A weight of the model as the file holds it: `rows` of `columns` values each. */
export interface WeightSpec {
  /** The tensor's name in the file. */
  readonly name: string;
  readonly type: GgmlTypeName;
  /** Output width. */
  readonly rows: number;
  /** Input width. */
  readonly columns: number;
}

/** A vector (norm weights, rope factors), always F32. */
export interface VectorSpec {
  readonly name: string;
  readonly size: number;
}

/** Rotary position embedding. */
export interface RopeSpec {
  /**
   * Which values turn together: `interleaved` pairs (2i, 2i + 1), `halves` pairs (i, i + dimensions / 2).
   * llama-family GGUF files have Q and K rows permuted for `interleaved` (source: convert_hf_to_gguf.py of llama.cpp).
   */
  readonly kind: 'interleaved' | 'halves';
  /** Dimensions of a head that turn, from the first on. */
  readonly dimensions: number;
  readonly base: number;
  /** Positions are divided by this (linear scaling); 1 for none. */
  readonly positionScale: number;
  /** One divisor a pair on top of it (Llama 3.1 and later), or undefined. */
  readonly factors: VectorSpec | undefined;
}

/** Grouped-query attention: `heads` queries share `keyValueHeads` keys and values. */
export interface AttentionSpec {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Factor on query · key before the softmax. */
  readonly scale: number;
}

/** The weights of one layer, by role. */
export interface LayerSpec {
  readonly attentionNorm: VectorSpec;
  readonly query: WeightSpec;
  readonly key: WeightSpec;
  readonly value: WeightSpec;
  readonly attentionOutput: WeightSpec;
  readonly feedForwardNorm: VectorSpec;
  readonly gate: WeightSpec;
  readonly up: WeightSpec;
  readonly down: WeightSpec;
}

/**
 * A decoder as data. Backends read this and know no architecture's name; an architecture file only maps a GGUF file's
 * metadata and tensors to it, and refuses what has no field here.
 */
export interface DecoderSpec {
  /** `general.architecture`, for people. */
  readonly architecture: string;
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly vocabularySize: number;
  /** Positions the model was trained for. */
  readonly contextLength: number;
  readonly norm: { readonly kind: 'rms'; readonly epsilon: number };
  readonly activation: 'silu';
  readonly attention: AttentionSpec;
  readonly rope: RopeSpec;
  /** Factors on the embedding, on what each block adds to the residual stream, and on the logits; 1 for none. */
  readonly embeddingScale: number;
  readonly residualScale: number;
  readonly logitScale: number;
  readonly embedding: WeightSpec;
  readonly layers: readonly LayerSpec[];
  readonly finalNorm: VectorSpec;
  /** The output projection; the embedding itself (same name) where the two are tied. */
  readonly output: WeightSpec;
  readonly isTied: boolean;
}
