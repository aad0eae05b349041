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

/** Qwen 2 and 2.5: biases on queries, keys and values. */
export function qwen2Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'qwen2', { rope: 'halves' });
}

/** Qwen 3: a norm over each head of queries and keys instead of biases. */
export function qwen3Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'qwen3', { rope: 'halves' });
}
