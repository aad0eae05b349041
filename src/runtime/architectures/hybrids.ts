import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import { graniteTraits } from './granite.ts';
import { deltaNetOf, mamba2Of, mambaOf } from './recurrent.ts';
import { type LayerParts, transformerSpec } from './transformer.ts';
import { layerCountOf } from './windows.ts';

/** Granite 4 (hybrid): Mamba-2 in the layers without keys and values, attention in a few; experts or none. */
export function graniteHybridSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'granitehybrid', (reader) => {
    const keyValueHeads = reader.integers('attention.head_count_kv', layerCountOf(reader), 0, 1024);
    return {
      ...graniteTraits(reader),
      recurrence: { place: (layer) => (keyValueHeads[layer] === 0 ? 'instead' : undefined), read: mamba2Of },
    };
  });
}

/** Falcon-H1: attention and Mamba-2 side by side in every layer; its multipliers are already in the weights. */
export function falconH1Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'falcon-h1', {
    rope: 'halves',
    recurrence: { place: () => 'beside', read: mamba2Of },
  });
}

/** Jamba: Mamba, its steps, B and C normed, in the layers without keys and values, attention without positions in a few. */
export function jambaSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'jamba', (reader) => {
    const keyValueHeads = reader.integers('attention.head_count_kv', layerCountOf(reader), 0, 1024);
    return {
      rope: 'none',
      experts: { isNormalised: false },
      recurrence: { place: (layer) => (keyValueHeads[layer] === 0 ? 'instead' : undefined), read: mambaOf },
    };
  });
}

/** Mamba or Mamba-2 alone: no attention, no feed-forward blocks. */
export const mambaSpec = (architecture: 'mamba' | 'mamba2') => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, (reader) => ({
    rope: 'none',
    layers: Array.from({ length: layerCountOf(reader) }, (_, mixer) => ({ mixer, feedForward: undefined })),
    recurrence: { place: () => 'instead', read: architecture === 'mamba' ? mambaOf : mamba2Of },
  }));

/**
 * Nemotron-H: each of the file's layers is Mamba-2, attention without positions, or a feed-forward block alone, by its
 * count of keys and values and its width. A block behind one of the others makes up a layer with it.
 */
export function nemotronHSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'nemotron_h', (reader) => {
    const count = layerCountOf(reader);
    const keyValueHeads = reader.integers('attention.head_count_kv', count, 0, 1024);
    const sizes = reader.integers('feed_forward_length', count, 0, 2 ** 18);
    const isBlock = (layer: number) => keyValueHeads[layer] === 0 && (sizes[layer] ?? 0) > 0;
    const layers: LayerParts[] = [];
    for (let layer = 0; layer < count; layer++) {
      if (isBlock(layer)) throw reader.refusal('feed-forward blocks that follow one another');
      const feedForward = isBlock(layer + 1) ? layer + 1 : undefined;
      layers.push({ mixer: layer, feedForward });
      if (feedForward !== undefined) layer += 1;
    }
    return {
      rope: 'none',
      activation: 'relu-squared',
      names: { feedForwardNorm: 'attn_norm' },
      layers,
      recurrence: { place: (layer) => (keyValueHeads[layer] === 0 ? 'instead' : undefined), read: mamba2Of },
    };
  });
}

/** Qwen 3.5: a gated delta net in three layers of four, gated attention in the fourth; its larger ones have experts. */
export const qwen35Spec = (architecture: 'qwen35' | 'qwen35moe') => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, (reader) => {
    const layers = layerCountOf(reader);
    const listed = reader.flags('attention.recurrent_layers', layers);
    const interval = reader.integer('full_attention_interval', 1, 512, 4);
    const isRecurrent = (layer: number) => listed?.[layer] ?? (layer + 1) % interval !== 0;
    return {
      rope: 'halves',
      names: { feedForwardNorm: 'post_attention_norm' },
      hasOutputGate: true,
      recurrence: { place: (layer) => (isRecurrent(layer) ? 'instead' : undefined), read: deltaNetOf },
      ...(architecture === 'qwen35moe' && { experts: { isNormalised: true } }),
    };
  });
