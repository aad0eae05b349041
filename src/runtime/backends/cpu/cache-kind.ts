import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { attentionsOf, type DecoderSpec, weightsOf } from '../../architectures/index.ts';

/** How keys and values are held: int8 with one scale a head and position, or floats. */
export type CacheKind = 'int8' | 'f16' | 'f32';

export const CACHE_KINDS = ['int8', 'f16', 'f32'] as const satisfies readonly CacheKind[];

/** Weights whose kernels round no activation: nothing but the cache would be less than exact. */
const FLOATS: ReadonlySet<GgmlTypeName> = new Set<GgmlTypeName>(['F32', 'F16', 'BF16']);

/**
 * How keys and values are held where nobody says: int8, which costs less than the rounding of quantised weights and takes
 * the least (docs/models/greedy.md). Half floats beside weights that are floats, which take far more than the cache, and
 * where nothing scales scores down (Gemma 4): they are so great there that 8 bits tip the softmax.
 */
export function usualCacheKind(spec: DecoderSpec): CacheKind {
  const hasFloats = weightsOf(spec).filter(({ type }) => !FLOATS.has(type)).length === 0;
  return hasFloats || attentionsOf(spec).some(({ scale }) => scale === 1) ? 'f16' : 'int8';
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
