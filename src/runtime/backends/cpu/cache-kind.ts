import { ggmlTypeByName } from '../../../formats/gguf/index.ts';
import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { usualCacheKind } from '../../../shared/index.ts';
import { attentionsOf, type DecoderSpec, weightsOf } from '../../architectures/index.ts';

/** How keys and values are held: int8 with one scale a head and position, or floats. */
export type CacheKind = 'int8' | 'f16' | 'f32';

export const CACHE_KINDS = ['int8', 'f16', 'f32'] as const satisfies readonly CacheKind[];

const FLOATS: ReadonlySet<GgmlTypeName> = new Set<GgmlTypeName>(['F32', 'F16', 'BF16']);

/** How keys and values are held where nobody says. */
export function cacheKindFor(spec: DecoderSpec): CacheKind {
  const weights = weightsOf(spec);
  const attentions = attentionsOf(spec);
  return usualCacheKind({
    hasFloatWeights: weights.every(({ type }) => FLOATS.has(type)),
    hasUnscaledScores: attentions.some(({ scale }) => scale === 1),
    hasGreatKeys: attentions.some(({ key, keyNorm }) => (keyNorm ?? key.bias) !== undefined),
    weightsBytes: weights.reduce((sum, { type, rows, columns }) => {
      const { blockLength, blockBytes } = ggmlTypeByName(type);
      return sum + ((rows * columns) / blockLength) * blockBytes;
    }, 0),
    cacheBytesPerToken: cacheBytesPerToken(spec, 'f16'),
  });
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
