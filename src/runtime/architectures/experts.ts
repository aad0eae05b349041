import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import { transformerSpec } from './transformer.ts';
import { slidingLayers, windowOf } from './windows.ts';

/** OLMoE: norms over whole rows of queries and keys; the weights of its experts stay probabilities. */
export function olmoeSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'olmoe', {
    rope: 'halves',
    headNorm: { over: 'row', isAfterRope: false },
    experts: { isNormalised: false },
  });
}

/** Qwen 1.5 and 2 with experts: one more that all tokens share, weighed by a gate of its own. */
export function qwen2moeSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'qwen2moe', { rope: 'halves', experts: { isNormalised: false } });
}

/** Qwen 3 with experts, and the like that also sees. */
export const qwen3moeSpec = (architecture: 'qwen3moe' | 'qwen3vlmoe') => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, { rope: 'halves', experts: { isNormalised: true } });

/** ERNIE 4.5 with experts behind some dense layers, and a block that all tokens share. */
export function ernieMoeSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'ernie4_5-moe', { rope: 'interleaved', experts: { isNormalised: true } });
}

/**
 * Ling and Ring, their first files and later ones, dots.llm1, DeepSeek 1: experts behind some dense layers and a block that all
 * tokens share; whether the weights of the chosen add up to 1, the file says.
 */
export const sharedExpertsSpec =
  (architecture: 'bailingmoe' | 'bailingmoe2' | 'dots1' | 'deepseek') =>
  (gguf: GgufFile): DecoderSpec =>
    transformerSpec(gguf, architecture, (reader) => ({
      rope: architecture === 'bailingmoe' || architecture === 'deepseek' ? 'interleaved' : 'halves',
      experts: { isNormalised: architecture !== 'deepseek' && reader.flag('expert_weights_norm', false) },
    }));

/** Hunyuan with experts: queries and keys are normed after they turned. */
export function hunyuanMoeSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'hunyuan-moe', {
    rope: 'halves',
    headNorm: { over: 'head', isAfterRope: true },
    experts: { isNormalised: true },
  });
}

/** LFM2: short convolutions in most layers, attention in a few; its larger ones have experts behind some dense layers. */
export const lfm2Spec = (architecture: string) => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, (reader) => {
    const window = windowOf(reader);
    return {
      rope: 'halves',
      finalNorm: reader.has('output_norm.weight') ? 'output_norm' : 'token_embd_norm',
      experts: { isNormalised: true },
      windowOf: () => window,
    };
  });

/**
 * gpt-oss: sinks, biases everywhere, its own activation, and every other layer slides, the first one too. Its experts are
 * chosen by their values and weighed by the softmax of the chosen.
 */
export function gptOssSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'gpt-oss', (reader) => {
    const window = windowOf(reader);
    const isSliding = slidingLayers(reader, 2);
    return {
      rope: 'halves',
      activation: 'clamped',
      names: { feedForwardNorm: 'post_attention_norm' },
      experts: { isNormalised: true },
      windowOf: (layer) => (isSliding(layer) ? window : undefined),
    };
  });
}

/** BitNet: a norm before each output of a block. */
export function bitnetSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'bitnet', { rope: 'halves' });
}
