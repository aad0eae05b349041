import type { Family } from './family.ts';
import { flag, uint } from './fields.ts';
import { unsupported } from './model-config.ts';

/** BERT and those that are BERT with other sizes (MiniLM, TinyBERT, BGE, GTE, E5 in English). */
export const BERT: Family = {
  architecture: 'bert',
  activations: ['gelu'],
  layerParts: {
    'attention.self.query': 'attn_q',
    'attention.self.key': 'attn_k',
    'attention.self.value': 'attn_v',
    'attention.output.dense': 'attn_output',
    'attention.output.LayerNorm': 'attn_output_norm',
    'intermediate.dense': 'ffn_up',
    'output.dense': 'ffn_down',
    'output.LayerNorm': 'layer_output_norm',
  },
  parts: {
    'embeddings.word_embeddings': 'token_embd',
    'embeddings.position_embeddings': 'position_embd',
    'embeddings.token_type_embeddings': 'token_types',
    'embeddings.LayerNorm': 'token_embd_norm',
  },
  write: (metadata, config, pooling) => {
    const positions = config.text('position_embedding_type') ?? 'absolute';
    if (positions !== 'absolute') throw unsupported('bert', `its positions (${positions})`);
    metadata.set('bert.attention.causal', flag(false));
    const wanted = ['pooling_mode_mean_tokens', 'pooling_mode_cls_token', 'pooling_mode_lasttoken'];
    const found = wanted.findIndex((name) => pooling?.flag(name, false));
    if (pooling !== undefined && found < 0) throw unsupported('bert', 'the way it pools');
    // The numbers of llama_pooling_type: mean, first, last.
    metadata.set('bert.pooling_type', uint(Math.max(found, 0) + 1));
  },
};
