import type { WeightSpec } from './decoder-spec.ts';
import type { EncoderLayer, EncoderSpec } from './encoder-spec.ts';
import type { ModelReader } from './model-reader.ts';

const LIMIT = 2 ** 20;

/** Sizes that every family gives in the same fields. */
function sizes(reader: ModelReader) {
  const hiddenSize = reader.integer('embedding_length', 32, 2 ** 16);
  const heads = reader.integer('attention.head_count', 1, 1024);
  return {
    architecture: reader.architecture,
    layerCount: reader.integer('block_count', 1, 1024),
    contextLength: reader.integer('context_length', 1, LIMIT),
    hiddenSize,
    feedForwardSize: reader.integer('feed_forward_length', 32, LIMIT),
    heads,
    keyValueHeads: reader.integer('attention.head_count_kv', 1, heads, heads),
    headSize: reader.integer('attention.key_length', 4, 1024, hiddenSize / heads),
    vocabularySize: reader.rowsOf('token_embd.weight'),
  };
}

/** How token vectors become one (source: llama_pooling_type in llama.h). */
function pooling(reader: ModelReader): EncoderSpec['pooling'] {
  const kind = reader.integer('pooling_type', 0, 4, 1);
  if (kind === 4) throw reader.refusal('its pooling, which ranks pairs of texts');
  // A file that names none leaves it to the caller; the mean is what most were trained for.
  return kind === 2 ? 'first' : kind === 3 ? 'last' : 'mean';
}

function projections(
  reader: ModelReader,
  part: string,
  { heads, keyValueHeads, headSize, hiddenSize }: ReturnType<typeof sizes>,
): readonly [WeightSpec, WeightSpec, WeightSpec] {
  const rows = [heads * headSize, keyValueHeads * headSize, keyValueHeads * headSize];
  if (reader.has(`${part}.attn_qkv.weight`)) {
    const fused = reader.fusedWeights(`${part}.attn_qkv`, rows, hiddenSize);
    return [fused[0], fused[1], fused[2]] as [WeightSpec, WeightSpec, WeightSpec];
  }
  const [query = 0, key = 0, value = 0] = rows;
  return [
    reader.weight(`${part}.attn_q`, query, hiddenSize),
    reader.weight(`${part}.attn_k`, key, hiddenSize),
    reader.weight(`${part}.attn_v`, value, hiddenSize),
  ];
}

const ABSENT = {
  attentionNorm: undefined,
  queryNorm: undefined,
  keyNorm: undefined,
  attentionOutputNorm: undefined,
  feedForwardNorm: undefined,
  gate: undefined,
  feedForwardOutputNorm: undefined,
  reach: undefined,
  ropeBase: undefined,
} satisfies Partial<EncoderLayer>;

/** BERT and Nomic's: norms on the stream after each addition; learnt positions, or a rotation and a gate. */
export function bertFamily(reader: ModelReader): EncoderSpec {
  const common = sizes(reader);
  const { hiddenSize, feedForwardSize, heads, headSize } = common;
  const isNomic = reader.architecture === 'nomic-bert';
  const layer = (index: number): EncoderLayer => {
    const part = `blk.${index}`;
    const [query, key, value] = projections(reader, part, common);
    return {
      ...ABSENT,
      query,
      key,
      value,
      attentionOutput: reader.weight(`${part}.attn_output`, hiddenSize, heads * headSize),
      attentionOutputNorm: reader.norm(`${part}.attn_output_norm`, hiddenSize),
      gate: isNomic ? reader.weight(`${part}.ffn_gate`, feedForwardSize, hiddenSize) : undefined,
      up: reader.weight(`${part}.ffn_up`, feedForwardSize, hiddenSize),
      down: reader.weight(`${part}.ffn_down`, hiddenSize, feedForwardSize),
      feedForwardOutputNorm: reader.norm(`${part}.layer_output_norm`, hiddenSize),
      ropeBase: isNomic ? reader.number('rope.freq_base', 1, 1e9, 10_000) : undefined,
    };
  };
  // Heads that classify are another task; the vectors do not pass through them.
  reader.ignore((name) => name.startsWith('cls.'));
  return {
    ...common,
    embedding: reader.weight('token_embd', common.vocabularySize, hiddenSize),
    embeddingScale: 1,
    positions: isNomic ? undefined : reader.weight('position_embd', common.contextLength, hiddenSize),
    segments: reader.has('token_types.weight')
      ? reader.weight('token_types', reader.rowsOf('token_types.weight'), hiddenSize)
      : undefined,
    embeddingNorm: reader.norm('token_embd_norm', hiddenSize),
    norm: { kind: 'layer', epsilon: reader.number('attention.layer_norm_epsilon', 0, 1) },
    placement: 'on-stream',
    activation: isNomic ? 'silu' : 'gelu',
    layers: Array.from({ length: common.layerCount }, (_, index) => layer(index)),
    finalNorm: undefined,
    pooling: pooling(reader),
    projections: [],
  };
}

/** Layers that see a window only: those the file lists, else all but every `period`th, counted from `dense`. */
function windows(reader: ModelReader, layers: number, period: number, denseIsFirst: boolean): readonly boolean[] {
  const listed = reader.flags('attention.sliding_window_pattern', layers);
  if (listed) return listed;
  const every = reader.integer('attention.sliding_window_pattern', 0, layers + 1, period);
  return Array.from({ length: layers }, (_, index) =>
    every === 0 ? true : denseIsFirst ? index % every !== 0 : index % every < every - 1,
  );
}

/** ModernBERT: norms before each part, a gate, rotation with two bases, windows in two of three layers. */
export function modernBert(reader: ModelReader): EncoderSpec {
  const common = sizes(reader);
  const { hiddenSize, feedForwardSize, heads, headSize, layerCount } = common;
  const window = reader.integer('attention.sliding_window', 0, LIMIT, 0);
  const isLocal = windows(reader, layerCount, 3, true);
  const base = reader.number('rope.freq_base', 1, 1e9, 10_000);
  const localBase = reader.number('rope.freq_base_swa', 1, 1e9, 10_000);
  const layer = (index: number): EncoderLayer => {
    const part = `blk.${index}`;
    const [query, key, value] = projections(reader, part, common);
    const local = window > 0 && isLocal[index] === true;
    // The first half passes through the activation and gates the second.
    const [gate, up] = reader.fusedWeights(`${part}.ffn_up`, [feedForwardSize, feedForwardSize], hiddenSize);
    return {
      ...ABSENT,
      attentionNorm: reader.has(`${part}.attn_norm.weight`) ? reader.norm(`${part}.attn_norm`, hiddenSize) : undefined,
      query,
      key,
      value,
      attentionOutput: reader.weight(`${part}.attn_output`, hiddenSize, heads * headSize),
      feedForwardNorm: reader.norm(`${part}.ffn_norm`, hiddenSize),
      gate,
      up: up as WeightSpec,
      down: reader.weight(`${part}.ffn_down`, hiddenSize, feedForwardSize),
      reach: local ? Math.floor(window / 2) : undefined,
      ropeBase: local ? localBase : base,
    };
  };
  const activation = reader.text('hidden_activation') ?? 'gelu';
  if (activation !== 'gelu' && activation !== 'silu') throw reader.refusal(`its activation "${activation}"`);
  reader.ignore((name) => name.startsWith('cls.'));
  return {
    ...common,
    embedding: reader.weight('token_embd', common.vocabularySize, hiddenSize),
    embeddingScale: 1,
    positions: undefined,
    segments: undefined,
    embeddingNorm: reader.norm('token_embd_norm', hiddenSize),
    norm: { kind: 'layer', epsilon: reader.number('attention.layer_norm_epsilon', 0, 1) },
    placement: 'on-stream',
    activation,
    layers: Array.from({ length: layerCount }, (_, index) => layer(index)),
    finalNorm: reader.norm('output_norm', hiddenSize),
    pooling: pooling(reader),
    projections: [],
  };
}

/** EmbeddingGemma: Gemma 3 that looks both ways. */
export function gemmaEmbedding(reader: ModelReader): EncoderSpec {
  const common = sizes(reader);
  const { hiddenSize, feedForwardSize, heads, headSize, layerCount } = common;
  const window = reader.integer('attention.sliding_window', 0, LIMIT, 0);
  const isLocal = windows(reader, layerCount, 6, false);
  const base = reader.number('rope.freq_base', 1, 1e9, 1_000_000);
  const localBase = reader.number('rope.freq_base_swa', 1, 1e9, 10_000);
  const layer = (index: number): EncoderLayer => {
    const part = `blk.${index}`;
    const [query, key, value] = projections(reader, part, common);
    const local = window > 0 && isLocal[index] === true;
    return {
      attentionNorm: reader.norm(`${part}.attn_norm`, hiddenSize),
      query,
      key,
      value,
      queryNorm: reader.vector(`${part}.attn_q_norm.weight`, headSize),
      keyNorm: reader.vector(`${part}.attn_k_norm.weight`, headSize),
      attentionOutput: reader.weight(`${part}.attn_output`, hiddenSize, heads * headSize),
      attentionOutputNorm: reader.norm(`${part}.post_attention_norm`, hiddenSize),
      feedForwardNorm: reader.norm(`${part}.ffn_norm`, hiddenSize),
      gate: reader.weight(`${part}.ffn_gate`, feedForwardSize, hiddenSize),
      up: reader.weight(`${part}.ffn_up`, feedForwardSize, hiddenSize),
      down: reader.weight(`${part}.ffn_down`, hiddenSize, feedForwardSize),
      feedForwardOutputNorm: reader.norm(`${part}.post_ffw_norm`, hiddenSize),
      reach: local ? Math.floor(window / 2) : undefined,
      ropeBase: local ? localBase : base,
    };
  };
  reader.ignore((name) => name === 'output.weight');
  const dense: WeightSpec[] = [];
  let width = hiddenSize;
  for (const part of ['dense_2', 'dense_3']) {
    if (!reader.has(`${part}.weight`)) continue;
    const rows = reader.rowsOf(`${part}.weight`);
    dense.push(reader.weight(part, rows, width));
    width = rows;
  }
  return {
    ...common,
    embedding: reader.weight('token_embd', common.vocabularySize, hiddenSize),
    embeddingScale: Math.sqrt(hiddenSize),
    positions: undefined,
    segments: undefined,
    embeddingNorm: undefined,
    norm: { kind: 'rms', epsilon: reader.number('attention.layer_norm_rms_epsilon', 0, 1) },
    placement: 'on-addend',
    activation: 'gelu',
    layers: Array.from({ length: layerCount }, (_, index) => layer(index)),
    finalNorm: reader.norm('output_norm', hiddenSize),
    pooling: pooling(reader),
    projections: dense,
  };
}
