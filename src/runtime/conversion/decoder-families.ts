import type { Family } from './family.ts';
import { flag, float, type Metadata, uint } from './fields.ts';
import { type ModelConfig, unsupported } from './model-config.ts';
import { ropeSettings } from './rope.ts';

const NORMS_AFTER = {
  post_attention_layernorm: 'post_attention_norm',
  post_feedforward_layernorm: 'post_ffw_norm',
};

const NORMS_AROUND = { ...NORMS_AFTER, pre_feedforward_layernorm: 'ffn_norm' };

const LLAMA: Family = { architecture: 'llama', hasHalvesToInterleave: true };

function writeWindow(architecture: string) {
  return (metadata: Metadata, config: ModelConfig) => {
    if (config.has('sliding_window') && config.flag('use_sliding_window', true)) {
      metadata.set(`${architecture}.attention.sliding_window`, uint(config.integer('sliding_window', 1, 2 ** 31)));
    }
  };
}

/** Which layers slide, where the folder lists them. */
function writeSlidingLayers(metadata: Metadata, architecture: string, config: ModelConfig): void {
  const kinds = config.raw('layer_types');
  if (!Array.isArray(kinds)) return;
  const value = kinds.map((kind) => kind === 'sliding_attention');
  metadata.set(`${architecture}.attention.sliding_window_pattern`, { type: 'array', of: 'bool', value });
}

function writeSoftCaps(metadata: Metadata, architecture: string, config: ModelConfig): void {
  for (const part of ['attn', 'final']) {
    const name = `${part}_logit_softcapping`;
    if (config.has(name)) metadata.set(`${architecture}.${name}`, float(config.number(name, 0, 1e6)));
  }
}

/** Only the two 27B models scale queries otherwise, and the engine knows them by their layers. */
function checkQueryScale(architecture: string, config: ModelConfig, layersOf27b: number): void {
  const scalar = config.number('query_pre_attn_scalar', 0, 1e6, headSizes(config).head);
  if (scalar === headSizes(config).head || config.integer('num_hidden_layers', 1, 512) === layersOf27b) return;
  throw unsupported(architecture, `queries scaled by ${scalar} and not by the size of a head`);
}

const GELU = ['gelu', 'gelu_new', 'gelu_pytorch_tanh'];

const GEMMA2: Family = {
  architecture: 'gemma2',
  activations: GELU,
  layerParts: NORMS_AROUND,
  normsLackOne: true,
  write: (metadata, config) => {
    checkQueryScale('gemma2', config, 46);
    writeWindow('gemma2')(metadata, config);
    writeSlidingLayers(metadata, 'gemma2', config);
    writeSoftCaps(metadata, 'gemma2', config);
  },
};

const GEMMA3: Family = {
  architecture: 'gemma3',
  activations: GELU,
  layerParts: NORMS_AROUND,
  normsLackOne: true,
  write: (metadata, config) => {
    checkQueryScale('gemma3', config, 62);
    if (config.flag('use_bidirectional_attention', false)) throw unsupported('gemma3', 'attention in both directions');
    writeWindow('gemma3')(metadata, config);
    writeSlidingLayers(metadata, 'gemma3', config);
    writeSoftCaps(metadata, 'gemma3', config);
    const sliding = config.object('rope_parameters')?.object('sliding_attention');
    const base =
      sliding?.number('rope_theta', 1, 1e12, 10_000) ?? config.number('rope_local_base_freq', 1, 1e12, 10_000);
    metadata.set('gemma3.rope.freq_base_swa', float(base));
  },
};

const GRANITE: Family = {
  ...LLAMA,
  architecture: 'granite',
  write: (metadata, config) => {
    const scales = {
      embedding_scale: 'embedding_multiplier',
      residual_scale: 'residual_multiplier',
      'attention.scale': 'attention_multiplier',
      logit_scale: 'logits_scaling',
    };
    for (const [key, name] of Object.entries(scales)) {
      if (config.has(name)) metadata.set(`granite.${key}`, float(config.number(name, 0, 1e6)));
    }
  },
};

const SMOLLM3: Family = {
  ...LLAMA,
  architecture: 'smollm3',
  write: (_, config) => {
    const turns = config.numbers('no_rope_layers');
    if (turns?.some((value, layer) => (value === 0) !== ((layer + 1) % 4 === 0))) {
      throw unsupported('smollm3', 'layers without positions in other places than every fourth');
    }
    if (config.flag('use_sliding_window', false)) throw unsupported('smollm3', 'its sliding window');
  },
};

const STABLELM: Family = {
  architecture: 'stablelm',
  write: (metadata, config) => {
    if (config.flag('qk_layernorm', false)) throw unsupported('stablelm', 'norms of queries and keys');
    metadata.set('stablelm.use_parallel_residual', flag(config.flag('use_parallel_residual', false)));
  },
};

const PHI2: Family = {
  architecture: 'phi2',
  activations: GELU,
  layerParts: { 'self_attn.dense': 'attn_output', 'mlp.fc1': 'ffn_up', 'mlp.fc2': 'ffn_down' },
  parts: { final_layernorm: 'output_norm' },
  write: (_, config) => {
    if (config.flag('qk_layernorm', false)) throw unsupported('phi2', 'norms of queries and keys');
  },
};

const OLMO2: Family = {
  architecture: 'olmo2',
  layerParts: NORMS_AFTER,
  write: (metadata, config) => {
    if (!config.has('sliding_window')) return;
    writeWindow('olmo2')(metadata, config);
    writeSlidingLayers(metadata, 'olmo2', config);
  },
};

const EXAONE4: Family = {
  architecture: 'exaone4',
  layerParts: NORMS_AFTER,
  write: (_, config) => {
    const kinds = config.raw('layer_types');
    const slides = Array.isArray(kinds) ? kinds.includes('sliding_attention') : config.has('sliding_window');
    if (slides) throw unsupported('exaone4', 'its sliding window');
  },
};

/** LFM2: layers that convolve between layers that attend. */
const LFM2: Family = {
  architecture: 'lfm2',
  layerParts: {
    'self_attn.out_proj': 'attn_output',
    'self_attn.q_layernorm': 'attn_q_norm',
    'self_attn.k_layernorm': 'attn_k_norm',
    'conv.conv': 'shortconv.conv',
    'conv.in_proj': 'shortconv.in_proj',
    'conv.out_proj': 'shortconv.out_proj',
    operator_norm: 'attn_norm',
    ffn_norm: 'ffn_norm',
    'feed_forward.w1': 'ffn_gate',
    'feed_forward.w2': 'ffn_down',
    'feed_forward.w3': 'ffn_up',
  },
  parts: { embedding_norm: 'token_embd_norm' },
  write: (metadata, config) => {
    const kinds = config.raw('layer_types');
    if (!Array.isArray(kinds)) throw unsupported('lfm2', 'its missing list of layers');
    if (config.flag('conv_bias', false)) throw unsupported('lfm2', 'biases of its convolutions');
    const heads = config.integer('num_key_value_heads', 1, 1024);
    const value = kinds.map((kind) => (kind === 'conv' ? 0 : heads));
    metadata.set('lfm2.attention.head_count_kv', { type: 'array', of: 'uint32', value });
    metadata.set('lfm2.attention.layer_norm_rms_epsilon', float(config.number('norm_eps', 0, 1)));
    metadata.set('lfm2.shortconv.l_cache', uint(config.integer('conv_L_cache', 2, 16)));
    metadata.set('lfm2.feed_forward_length', uint(feedForwardSizeOfLfm2(config)));
  },
};

/** Its settings name a size that is then cut to two thirds, stretched, and rounded up. */
function feedForwardSizeOfLfm2(config: ModelConfig): number {
  const size = config.integer('block_ff_dim', 1, 2 ** 20, config.integer('intermediate_size', 1, 2 ** 20));
  if (!config.flag('block_auto_adjust_ff_dim', true)) return size;
  const multiple = config.integer('block_multiple_of', 1, 2 ** 16, 256);
  const factor = config.number('block_ffn_dim_multiplier', 1e-3, 100, 1);
  return multiple * Math.ceil(Math.floor(factor * Math.floor((2 * size) / 3)) / multiple);
}

/** The kinds of decoders that can be converted, by the `model_type` of their config.json. */
export const DECODER_FAMILIES: ReadonlyMap<string, Family> = new Map([
  ['llama', LLAMA],
  ['mistral', { ...LLAMA, write: writeWindow('llama') }],
  ['smollm3', SMOLLM3],
  ['granite', GRANITE],
  ['qwen2', { architecture: 'qwen2', write: refuseWindow('qwen2') }],
  ['qwen3', { architecture: 'qwen3', write: refuseWindow('qwen3') }],
  ['gemma', { architecture: 'gemma', activations: GELU, normsLackOne: true }],
  ['gemma2', GEMMA2],
  ['gemma3', GEMMA3],
  ['gemma3_text', GEMMA3],
  ['phi', PHI2],
  [
    'phi3',
    {
      architecture: 'phi3',
      layerParts: { 'self_attn.qkv_proj': 'attn_qkv', 'mlp.gate_up_proj': 'ffn_up' },
    },
  ],
  ['olmo2', OLMO2],
  ['olmo3', OLMO2],
  ['stablelm', STABLELM],
  ['exaone4', EXAONE4],
  ['lfm2', LFM2],
  ['ernie4_5', { architecture: 'ernie4_5' }],
]);

function refuseWindow(architecture: string) {
  return (_: Metadata, config: ModelConfig) => {
    if (config.flag('use_sliding_window', false)) throw unsupported(architecture, 'its sliding window');
  };
}

/** Values of a head, and how many of them turn. */
export function headSizes(config: ModelConfig): { readonly head: number; readonly turned: number } {
  const heads = config.integer('num_attention_heads', 1, 1024);
  const head = config.integer('head_dim', 1, 1024, config.integer('hidden_size', 1, 2 ** 16) / heads);
  const inConfig = config.number('partial_rotary_factor', 0, 1, config.number('rope_pct', 0, 1, 1));
  const share = ropeSettings(config).number('partial_rotary_factor', 0, 1, inConfig);
  return { head, turned: Math.floor(head * share) };
}
