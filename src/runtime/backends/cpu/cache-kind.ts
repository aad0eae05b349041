import type { DecoderSpec } from '../../architectures/index.ts';

/** How keys and values are held: int8 with one scale a head and position, or floats. */
export type CacheKind = 'int8' | 'f16' | 'f32';

export const CACHE_KINDS = ['int8', 'f16', 'f32'] as const satisfies readonly CacheKind[];

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
