import { ggmlTypeByName } from '../../../formats/gguf/index.ts';
import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { attentionsOf, type DecoderSpec, weightsOf } from '../../architectures/index.ts';

/** How keys and values are held: int8 with one scale a head and position, or floats. */
export type CacheKind = 'int8' | 'f16' | 'f32';

export const CACHE_KINDS = ['int8', 'f16', 'f32'] as const satisfies readonly CacheKind[];

/** Weights whose kernels round no activation: nothing but the cache would be less than exact. */
const FLOATS: ReadonlySet<GgmlTypeName> = new Set<GgmlTypeName>(['F32', 'F16', 'BF16']);

/** A cache is weighed with this many tokens in it, about a chat, ... */
const USUAL_TOKENS = 1_024;
/** ... and so much of it is little anywhere. */
const LITTLE_BYTES = 16 * 2 ** 20;

/**
 * How keys and values are held where nobody says. Half floats, which are as good as exact, where they cost little: few bytes, or
 * beside weights of five times their bytes, which each token has to read, too. Otherwise int8, whose error is that of quantised
 * weights or less (docs/models/greedy.md) as long as no few of a head's values are much greater than the others they
 * share a scale with; learned norms and biases of keys make such values, so half floats may take a third of the weights there. Never int8
 * beside weights that are floats, nor where nothing scales scores down (Gemma 4): 8 bits tip the softmax there.
 */
export function usualCacheKind(spec: DecoderSpec): CacheKind {
  const weights = weightsOf(spec);
  const attentions = attentionsOf(spec);
  const hasFloats = weights.every(({ type }) => FLOATS.has(type));
  if (hasFloats || attentions.some(({ scale }) => scale === 1)) return 'f16';
  const hasGreatKeys = attentions.some(({ key, keyNorm }) => (keyNorm ?? key.bias) !== undefined);
  const bytes = weights.reduce((sum, { type, rows, columns }) => {
    const { blockLength, blockBytes } = ggmlTypeByName(type);
    return sum + ((rows * columns) / blockLength) * blockBytes;
  }, 0);
  const share = hasGreatKeys ? 3 : 5;
  return USUAL_TOKENS * cacheBytesPerToken(spec, 'f16') <= Math.max(LITTLE_BYTES, bytes / share) ? 'f16' : 'int8';
}

/** Bytes of one value, and of the scale of a head's key (or value) at one position. */
export function cacheWidths(kind: CacheKind): { readonly value: number; readonly scale: number } {
  return { value: { int8: 1, f16: 2, f32: 4 }[kind], scale: kind === 'int8' ? 4 : 0 };
}

/** Bytes of the KV cache that one token takes: for each layer and KV head a key and a value. */
export function cacheBytesPerToken(spec: DecoderSpec, kind: CacheKind = 'int8'): number {
  const { value, scale } = cacheWidths(kind);
  return spec.layers.reduce((sum, { attention }) => {
    if (attention.kind !== 'attention') return sum;
    return sum + 2 * attention.keyValueHeads * (attention.headSize * value + scale);
  }, 0);
}
