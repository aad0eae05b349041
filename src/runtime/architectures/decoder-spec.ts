import type { GgmlTypeName } from '../../formats/gguf/types.ts';

/** A vector of the model: norm weights, a bias, rope factors. Stored as F32, F16 or BF16; backends widen it to f32. */
export interface VectorSpec {
  /** The tensor's name in the file. */
  readonly name: string;
  readonly type: GgmlTypeName;
  readonly size: number;
  /** Index of the first value in the tensor: not 0 where one tensor holds several vectors (a fused bias). */
  readonly first: number;
}

/** A weight of the model as the file holds it: `rows` of `columns` values each, and what is added to its products. */
export interface WeightSpec {
  /** The tensor's name in the file. */
  readonly name: string;
  readonly type: GgmlTypeName;
  /** Output width. */
  readonly rows: number;
  /** Input width. */
  readonly columns: number;
  /** First row in the tensor: not 0 where one tensor holds several weights (fused Q, K and V; experts). */
  readonly firstRow: number;
  /** Where the rows lie apart: runs of `rows` of them, each beginning `every` rows after the one before. */
  readonly stripes?: { readonly rows: number; readonly every: number } | undefined;
  readonly bias: VectorSpec | undefined;
}

/** A norm over a row of values. Of what kind the model's norms are stands in `DecoderSpec.norm`. */
export interface NormSpec {
  /** Absent where the norm only normalises. */
  readonly weight: VectorSpec | undefined;
  readonly bias: VectorSpec | undefined;
}

/** The norm of queries or keys: over each head, with one weight for all (`size` = head) or one a head, or over the whole row. */
export interface HeadNormSpec {
  readonly weight: VectorSpec;
  readonly over: 'head' | 'row';
  /** True where it comes after the rotation instead of before. */
  readonly isAfterRope: boolean;
}

/** YaRN: how far each pair is interpolated (Peng et al., 2023). `positionScale` is its factor. */
export interface YarnSpec {
  /** Positions the model was trained for before it was stretched. */
  readonly originalContext: number;
  readonly betaFast: number;
  readonly betaSlow: number;
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
  /** Positions are divided by this (linear scaling; YaRN where it interpolates); 1 for none. */
  readonly positionScale: number;
  /** One divisor a pair on top of it (Llama 3.1 and later; longrope), or undefined. */
  readonly factors: VectorSpec | undefined;
  /** Replaces `factors` where the KV cache is made for more than `above` positions (longrope). */
  readonly longFactors: { readonly above: number; readonly factors: VectorSpec } | undefined;
  readonly yarn: YarnSpec | undefined;
  /** Factor on all cosines and sines; 1 for none. */
  readonly magnitude: number;
}

/** Grouped-query attention: `heads` queries share `keyValueHeads` keys and values. */
export interface AttentionSpec {
  readonly kind: 'attention';
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Factor on query · key before the softmax. */
  readonly scale: number;
  /** Scores become softCap * tanh(score / softCap); undefined for none. */
  readonly softCap: number | undefined;
  /** Positions a query sees, its own included; undefined for all. */
  readonly window: number | undefined;
  /** One score a head that takes part in the softmax and has no value: weight that goes nowhere (gpt-oss). */
  readonly sinks: VectorSpec | undefined;
  /** Undefined where positions are not turned at all. */
  readonly rope: RopeSpec | undefined;
  readonly query: WeightSpec;
  readonly key: WeightSpec;
  readonly value: WeightSpec;
  readonly queryNorm: HeadNormSpec | undefined;
  readonly keyNorm: HeadNormSpec | undefined;
  /** True where each head's values are normalised, without weights (Gemma 4). */
  readonly isValueNormed: boolean;
  /**
   * Index of the layer whose keys and values this one reads instead of making its own (Gemma 4); `key`, `value` and
   * `keyNorm` are that layer's then.
   */
  readonly sharesCacheOf: number | undefined;
  /** Norm of what all heads gathered, before the output projection (BitNet). */
  readonly innerNorm: NormSpec | undefined;
  /** What all heads gathered is multiplied by sigmoid(gate x) before the output projection (Qwen 3.5). */
  readonly outputGate: WeightSpec | undefined;
  readonly output: WeightSpec;
}

/**
 * A short convolution over positions instead of attention (LFM2): the input projection gives b, c and x, one after the
 * other; y = c * Σ taps[i] * (b x) of the last `length` positions; then the output projection.
 */
export interface ConvolutionSpec {
  readonly kind: 'convolution';
  /** Positions it spans, the present one included. */
  readonly length: number;
  /** 3 × hidden rows. */
  readonly input: WeightSpec;
  /** `[hidden][length]`, oldest position first. */
  readonly taps: VectorSpec;
  readonly output: WeightSpec;
}

/**
 * A state of `headSize` × `stateSize` a head that goes from token to token instead of keys and values. Both rules first send
 * `channels` x through a short convolution over positions and silu; step = softplus(steps x + stepBias), decay = e^(step a).
 *
 * - `scan` (Mamba-2; Dao and Gu, 2024), channels u, B, C: state = decay state + step u Bᵀ; y = state C + skip u.
 *   Then norm(y silu(gate x)), over each group of heads.
 * - `delta` (gated delta rule; Yang et al., 2024), channels q, k, v, with q and k of length 1 a head:
 *   state = decay state; state += sigmoid(strengths x) (v - state k) kᵀ; y = state q / √stateSize.
 *   Then norm(y) silu(gate x), over each head.
 * - `selective` (Mamba; Gu and Dao, 2023), channels u, each a head of one value: what becomes steps, B and C is read from
 *   u itself (`selection`), and each channel has a decay of its own for every value of its state. Otherwise as `scan`.
 */
export interface RecurrentSpec {
  readonly kind: 'recurrent';
  readonly rule: 'scan' | 'delta' | 'selective';
  readonly heads: number;
  readonly headSize: number;
  readonly stateSize: number;
  /** B and C, or q and k, are shared by several heads: `scan` gives neighbours the same, `delta` every `groups`-th. */
  readonly groups: number;
  readonly channels: WeightSpec;
  readonly gate: WeightSpec;
  /** A row a head; undefined where `selection` gives the steps. */
  readonly steps: WeightSpec | undefined;
  readonly strengths: WeightSpec | undefined;
  readonly convolution: {
    /** Positions it spans, the present one included. */
    readonly length: number;
    /** `[channel][length]`, oldest position first. */
    readonly taps: VectorSpec;
    readonly bias: VectorSpec | undefined;
  };
  readonly selection: SelectionSpec | undefined;
  /** The negative a, one a head (`selective`: `[head][stateSize]`), and what is added to the steps, one a head. */
  readonly decay: VectorSpec;
  readonly stepBias: VectorSpec;
  readonly skip: VectorSpec | undefined;
  /** Of all heads, or one that each head shares; none: nothing is normed. */
  readonly norm: VectorSpec | undefined;
  readonly output: WeightSpec;
}

/** How `selective` layers read a token's steps, B and C from its convolved channels u: t, B, C = parameters u; steps t. */
export interface SelectionSpec {
  /** `rank` + 2 × state size rows. */
  readonly parameters: WeightSpec;
  /** Values of t. */
  readonly rank: number;
  /** `[head][rank]`: small, and kept as floats by every writer. */
  readonly steps: VectorSpec;
  /** Norms of t, B and C before they are used (Jamba; Falcon Mamba's have no weights). */
  readonly norms: { readonly t: NormSpec; readonly b: NormSpec; readonly c: NormSpec } | undefined;
}

/**
 * `gelu` is the tanh approximation, as everywhere in llama.cpp; `relu-squared` is max(0, x)². `clamped` (gpt-oss) is
 * x σ(1.702 x) of an x of 7 at most; it multiplies up + 1 then, with an up within ± 7.
 */
export type Activation = 'silu' | 'gelu' | 'relu' | 'relu-squared' | 'clamped';

/** down(activation(gate x) * up x), or down(activation(up x)) where there is no gate. */
export interface FeedForwardSpec {
  readonly kind: 'dense';
  readonly size: number;
  readonly activation: Activation;
  readonly gate: WeightSpec | undefined;
  readonly up: WeightSpec;
  /** Gates count by how far they lie above mean + cutoff * deviation of all gates of the token (Gemma 3n); undefined: as they are. */
  readonly cutoff: number | undefined;
  /** Norm of what goes into `down` (BitNet). */
  readonly innerNorm: NormSpec | undefined;
  readonly down: WeightSpec;
}

/** Of many feed-forward blocks a router chooses a few for each token, and their results are added, weighted. */
export interface ExpertsSpec {
  readonly kind: 'experts';
  /** A row an expert. */
  readonly router: WeightSpec;
  /** How many experts a token gets. */
  readonly used: number;
  /** How router values become probabilities. */
  readonly gating: 'softmax' | 'sigmoid';
  /** Added to the probabilities for the choice only, one an expert. */
  readonly selectionBias: VectorSpec | undefined;
  /** Neighbours form `count` groups: a token's experts come from the `used` ones whose two best are best together. */
  readonly groups: { readonly count: number; readonly used: number } | undefined;
  /** True where the weights of the chosen are made to add up to 1. */
  readonly isNormalised: boolean;
  /** Factor on those weights. */
  readonly scale: number;
  /** One more an expert. */
  readonly scales: VectorSpec | undefined;
  readonly experts: readonly FeedForwardSpec[];
  /** A block that every token gets besides, and what weighs it: sigmoid(gate · x), or 1. */
  readonly shared: FeedForwardSpec | undefined;
  readonly sharedGate: VectorSpec | undefined;
  readonly norms: ExpertNormsSpec | undefined;
}

/**
 * Where router, experts and shared block have norms of their own (Gemma 4): the router reads router(x) / √hidden and the
 * experts read before(x), of the residual stream x; what they give becomes after(experts) + afterShared(shared). The
 * layer's norm before its feed-forward is the shared block's.
 */
export interface ExpertNormsSpec {
  readonly router: NormSpec;
  readonly before: NormSpec;
  readonly after: NormSpec;
  readonly afterShared: NormSpec;
}

/**
 * What each layer gets of the token besides the residual stream (Gemma 4):
 * (table[token] * √size + norm(projection x / √hidden)) / √2, with x the embedding as the first layer reads it.
 */
export interface LayerInputsSpec {
  /** Values a layer. */
  readonly size: number;
  /** A row a token: `[layer][size]`. */
  readonly table: WeightSpec;
  /** `[layer][size]` rows. */
  readonly projection: WeightSpec;
  /** Over each layer's values. */
  readonly norm: NormSpec;
}

/** How a layer uses its input, after its blocks: x += norm(output(activation(gate x) * input)). */
export interface LayerInputSpec {
  readonly activation: Activation;
  /** `size` rows. */
  readonly gate: WeightSpec;
  readonly output: WeightSpec;
  readonly norm: NormSpec;
}

/**
 * Several residual streams, of which layers compute the first and predict the others (AltUp; Baykal et al., 2023). The others
 * begin as projections of the embedding, and end as projections back, each as long as the first; the sum's mean goes on.
 */
export interface StreamsSpec {
  readonly count: number;
  /** One a stream but the first. */
  readonly begin: readonly WeightSpec[];
  readonly end: readonly WeightSpec[];
}

/**
 * With m(x) = tanh(router norm(x) / hidden): before the layer s_b += Σ (predict m(s_0))_ba s_a, and the layer reads s_0. What it
 * makes of it, y, corrects them: s_b += (y - s_0) (1 + correct m(y))_b. What the layer lets in is then read from s_0 * scale and
 * added to the others.
 */
export interface LayerStreamsSpec {
  readonly routerNorm: NormSpec;
  /** `[stream][hidden]`: small, and kept as floats by every writer. So are those below. */
  readonly router: VectorSpec;
  /** `[stream][stream][stream]` */
  readonly predict: VectorSpec;
  /** `[stream][stream]` */
  readonly correct: VectorSpec;
  readonly scale: VectorSpec;
}

/** A narrow branch beside attention that reads the same norm n (Laurel): x = (x + norm(up down n) + n) / √2. */
export interface LowRankSpec {
  readonly down: WeightSpec;
  readonly up: WeightSpec;
  readonly norm: NormSpec;
}

/** One layer: x += attention(norm x) (or what stands in for attention), then x += feedForward(norm x), each with an optional norm of what is added. */
export interface LayerSpec {
  /** Undefined where attention reads the residual stream as it is. */
  readonly attentionNorm: NormSpec | undefined;
  readonly attention: AttentionSpec | ConvolutionSpec | RecurrentSpec;
  /** Reads the same norm as attention and is added beside it (Falcon-H1). */
  readonly besideAttention: RecurrentSpec | undefined;
  readonly attentionPostNorm: NormSpec | undefined;
  readonly lowRank: LowRankSpec | undefined;
  readonly feedForwardNorm: NormSpec | undefined;
  /** Undefined where the layer is attention, or what stands in for it, alone (Mamba-2, Nemotron-H). */
  readonly feedForward: FeedForwardSpec | ExpertsSpec | undefined;
  readonly feedForwardPostNorm: NormSpec | undefined;
  readonly layerInput: LayerInputSpec | undefined;
  readonly streams: LayerStreamsSpec | undefined;
  /** One value: the factor on the residual stream as the layer leaves it. */
  readonly outputScale: VectorSpec | undefined;
}

/**
 * A decoder as data. Backends read this and know no architecture's name; an architecture file only maps a GGUF file's
 * metadata and tensors to it, and refuses what has no field here.
 */
export interface DecoderSpec {
  /** `general.architecture`, for people. */
  readonly architecture: string;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  /** Positions the model was trained for. */
  readonly contextLength: number;
  /** `layer` subtracts the mean and divides by the standard deviation; `rms` divides by the root of the mean square. */
  readonly norm: { readonly kind: 'rms' | 'layer'; readonly epsilon: number };
  /** True where attention and feed-forward read the same residual stream and both are added to it. */
  readonly isParallel: boolean;
  /** Factors on the embedding, on what each block adds to the residual stream, and on the logits; 1 for none. */
  readonly embeddingScale: number;
  readonly residualScale: number;
  readonly logitScale: number;
  /** Logits become softCap * tanh(logit / softCap); undefined for none. */
  readonly logitSoftCap: number | undefined;
  readonly embedding: WeightSpec;
  /** A row a position, added to the embedding (GPT-2 and its kin); undefined where rope tells positions apart. */
  readonly positionEmbedding: WeightSpec | undefined;
  readonly layerInputs: LayerInputsSpec | undefined;
  readonly streams: StreamsSpec | undefined;
  readonly layers: readonly LayerSpec[];
  readonly finalNorm: NormSpec;
  /** The output projection; the embedding itself (same name) where the two are tied. */
  readonly output: WeightSpec;
  readonly isTied: boolean;
  /** Parts of the file that text does not need and that are not run, for people: "its part for images". */
  readonly leftOut: readonly string[];
}
