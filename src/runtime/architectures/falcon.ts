import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import { transformerSpec } from './transformer.ts';

/** Falcon 1 and 2 (Falcon 3 is Llama): side by side, one fused projection; the 40B has a norm of its own for attention. */
export function falconSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'falcon', (reader) => {
    const hasTwoNorms = reader.has('blk.0.attn_norm_2.weight');
    return {
      rope: 'halves',
      norm: 'layer',
      activation: 'gelu',
      isParallel: true,
      names: hasTwoNorms ? { attentionNorm: 'attn_norm_2', feedForwardNorm: 'attn_norm' } : {},
    };
  });
}

/** GPT-NeoX and Pythia: side by side or in turn, as the file says; two norms either way. */
export function gptneoxSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'gptneox', (reader) => ({
    rope: 'halves',
    norm: 'layer',
    activation: 'gelu',
    isParallel: reader.flag('use_parallel_residual', true),
  }));
}

/** StableLM: layer norms and part of a head that turns; the 12B is parallel, which shows in its missing second norm. */
export function stablelmSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'stablelm', (reader) => ({
    rope: 'halves',
    norm: 'layer',
    isParallel: !reader.has('blk.0.ffn_norm.weight'),
  }));
}

/** StarCoder 2 and others with GPT's blocks and rotary positions. */
export const gptWithRopeSpec = (architecture: string) => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, { rope: 'halves', norm: 'layer', activation: 'gelu' });

/** GPT-2, StarCoder: a learned vector a position instead of a rotation. */
export const gptSpec = (architecture: string) => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, { rope: 'none', norm: 'layer', activation: 'gelu', hasPositionEmbedding: true });

/** Nemotron, Jais 2: layer norms, squared ReLU without a gate. */
export const nemotronSpec = (architecture: 'nemotron' | 'jais2') => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, { rope: 'halves', norm: 'layer', activation: 'relu-squared' });
