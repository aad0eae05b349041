import type { GgufFile } from '../../formats/gguf/types.ts';
import { SottoError } from '../../shared/index.ts';
import type { DecoderSpec, LayerSpec, RopeSpec } from './decoder-spec.ts';
import { ModelReader } from './model-reader.ts';

/** Far above any model a browser can hold; below what would overflow an address. */
const MOST_LAYERS = 512;
const MOST_WIDTH = 65536;
const MOST_CONTEXT = 16_777_216;

/**
 * The llama family (Llama 1 to 3.2, SmolLM, SmolLM2, TinyLlama and others that share it).
 * Source of the names: gguf-py/gguf/constants.py of llama.cpp.
 */
export function llamaSpec(gguf: GgufFile): DecoderSpec {
  const reader = new ModelReader(gguf, 'llama');
  if (reader.integer('expert_count', 0, MOST_LAYERS, 0) > 0) {
    throw new SottoError(
      'model-unsupported',
      'This llama model is a mixture of experts, which this engine does not run.',
    );
  }
  const hiddenSize = reader.integer('embedding_length', 32, MOST_WIDTH);
  const feedForwardSize = reader.integer('feed_forward_length', 32, 4 * MOST_WIDTH);
  const heads = reader.integer('attention.head_count', 1, 1024);
  const keyValueHeads = reader.integer('attention.head_count_kv', 1, heads, heads);
  const headSize = reader.integer('attention.key_length', 8, 512, hiddenSize / heads);
  if (reader.integer('attention.value_length', 8, 512, headSize) !== headSize) {
    throw new SottoError('model-unsupported', 'Keys and values of this llama model differ in width.');
  }
  if (heads % keyValueHeads !== 0) {
    throw new SottoError('gguf-invalid', `${heads} heads cannot share ${keyValueHeads} keys and values evenly.`);
  }
  const vocabularySize = reader.rowsOf('token_embd.weight');
  const embedding = reader.weight('token_embd.weight', vocabularySize, hiddenSize);
  const isTied = !reader.has('output.weight');
  const layerCount = reader.integer('block_count', 1, MOST_LAYERS);
  const shape = { hiddenSize, feedForwardSize, queryWidth: heads * headSize, keyWidth: keyValueHeads * headSize };
  const spec: DecoderSpec = {
    architecture: 'llama',
    hiddenSize,
    feedForwardSize,
    vocabularySize,
    contextLength: reader.integer('context_length', 1, MOST_CONTEXT),
    norm: { kind: 'rms', epsilon: reader.number('attention.layer_norm_rms_epsilon', 0, 1) },
    activation: 'silu',
    attention: { heads, keyValueHeads, headSize, scale: 1 / Math.sqrt(headSize) },
    rope: ropeOf(reader, headSize),
    embeddingScale: 1,
    residualScale: 1,
    logitScale: 1,
    embedding,
    layers: Array.from({ length: layerCount }, (_, index) => layerOf(reader, index, shape)),
    finalNorm: reader.vector('output_norm.weight', hiddenSize),
    output: isTied ? embedding : reader.weight('output.weight', vocabularySize, hiddenSize),
    isTied,
  };
  reader.refuseUnused();
  return spec;
}

function ropeOf(reader: ModelReader, headSize: number): RopeSpec {
  const dimensions = reader.integer('rope.dimension_count', 2, headSize, headSize);
  const scaling = reader.text('rope.scaling.type') ?? 'none';
  if (scaling !== 'none' && scaling !== 'linear') {
    throw new SottoError('model-unsupported', `This llama model scales its positions by "${scaling}".`, {
      details: { architecture: 'llama', scaling },
    });
  }
  return {
    kind: 'interleaved',
    dimensions,
    base: reader.number('rope.freq_base', 1, 1e12, 10_000),
    positionScale: scaling === 'linear' ? reader.number('rope.scaling.factor', 1e-3, 1e6, 1) : 1,
    factors: reader.has('rope_freqs.weight') ? reader.vector('rope_freqs.weight', dimensions / 2) : undefined,
  };
}

interface LayerShape {
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly queryWidth: number;
  readonly keyWidth: number;
}

function layerOf(reader: ModelReader, index: number, shape: LayerShape): LayerSpec {
  const { hiddenSize, feedForwardSize, queryWidth, keyWidth } = shape;
  const name = (part: string) => `blk.${index}.${part}.weight`;
  return {
    attentionNorm: reader.vector(name('attn_norm'), hiddenSize),
    query: reader.weight(name('attn_q'), queryWidth, hiddenSize),
    key: reader.weight(name('attn_k'), keyWidth, hiddenSize),
    value: reader.weight(name('attn_v'), keyWidth, hiddenSize),
    attentionOutput: reader.weight(name('attn_output'), hiddenSize, queryWidth),
    feedForwardNorm: reader.vector(name('ffn_norm'), hiddenSize),
    gate: reader.weight(name('ffn_gate'), feedForwardSize, hiddenSize),
    up: reader.weight(name('ffn_up'), feedForwardSize, hiddenSize),
    down: reader.weight(name('ffn_down'), hiddenSize, feedForwardSize),
  };
}
