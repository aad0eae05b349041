import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import { transformerSpec } from './transformer.ts';

/** Qwen 1: fused projections with biases; its files count gate and up together as the feed-forward length. */
export function qwenSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'qwen', (reader) => {
    const layers = reader.integer('block_count', 1, 512);
    const size = reader.integer('feed_forward_length', 16, 2 ** 18) / 2;
    return { rope: 'halves', feedForwardSizes: new Array<number>(layers).fill(size) };
  });
}

/**
 * Qwen 2 to 3: biases on queries, keys and values, or a norm over each head. Their models that also see have three positions
 * a token, for text all the same: it is turned as in the others.
 */
export const qwen2Spec = (architecture: 'qwen2' | 'qwen2vl' | 'qwen3' | 'qwen3vl') => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, { rope: 'halves' });
