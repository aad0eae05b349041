import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import { transformerSpec } from './transformer.ts';

/** Phi 1 to 2: attention and feed-forward side by side behind one layer norm, biases everywhere, part of a head turns. */
export function phi2Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'phi2', { rope: 'halves', norm: 'layer', activation: 'gelu', isParallel: true });
}

/** Phi with experts (3.5, tiny, mini): norms with biases, biases on attention and on the output, longrope. */
export function phimoeSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'phimoe', { rope: 'halves', experts: { isNormalised: true } });
}

/**
 * Phi 3 to 4: fused projections, fused gate and up, longrope. Its files name a sliding window that llama.cpp does not
 * apply either, because their converter could not know which layers slide.
 */
export function phi3Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'phi3', { rope: 'halves' });
}
