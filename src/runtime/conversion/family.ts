import type { Metadata } from './fields.ts';
import type { ModelConfig } from './model-config.ts';

/** What a kind of model is beyond the layout that most share. */
export interface Family {
  /** Its name in a GGUF file. */
  readonly architecture: string;
  /** Parts of a layer whose names differ from the usual ones, by their name in the folder. */
  readonly layerParts?: Readonly<Record<string, string>>;
  /** The same outside of layers. */
  readonly parts?: Readonly<Record<string, string>>;
  /** Queries and keys are kept with the halves of each head one behind the other; the file wants pairs side by side. */
  readonly hasHalvesToInterleave?: boolean;
  /** What it may pass its gate through, by the names of `hidden_act`. Default: SiLU. */
  readonly activations?: readonly string[];
  /** Norm weights are kept less 1. */
  readonly normsLackOne?: boolean;
  /** Writes what its fields say beyond the common ones; throws where a setting cannot be carried over. */
  readonly write?: (metadata: Metadata, config: ModelConfig, pooling: ModelConfig | undefined) => void;
}

/** Names of a layer's parts in most models, by their name in the folder. */
export const USUAL_LAYER_PARTS: Readonly<Record<string, string>> = {
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

export const USUAL_PARTS: Readonly<Record<string, string>> = {
  embed_tokens: 'token_embd',
  norm: 'output_norm',
  lm_head: 'output',
};
