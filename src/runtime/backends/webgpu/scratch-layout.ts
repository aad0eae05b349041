import type { ShaderConstants } from './kernel-sources.ts';
import type { ModelShape } from './model-shape.ts';

/** Where the regions of a scratch buffer lie (`shaders/scratch.wgsl`), in whole vec4u. */
export interface ScratchLayout {
  readonly byteLength: number;
  /** Bytes at which the tokens, the first token's residual stream and what the host reads lie. */
  readonly tokensOffset: number;
  readonly hiddenOffset: number;
  readonly constants: ShaderConstants;
  readonly regions: Readonly<Record<Region, number>>;
}

/** Regions that kernels are pointed at by their callers. */
export type Region = 'hidden' | 'normed' | 'raw' | 'attended' | 'gated' | 'added';

/** A scratch buffer for `tokens` tokens at a time; `candidates` is what the head leaves for the choice of one. */
export function scratchLayout(shape: ModelShape, tokens: number, candidates: number): ScratchLayout {
  // The state comes first.
  let end = 1;
  const take = (quads: number) => {
    const at = end;
    end += quads;
    return at;
  };
  const rows = (stride: number) => take((tokens * stride) / 4);
  const angleQuads = shape.ropes.reduce((sum, { dimensions }) => sum + Math.ceil(dimensions / 4), 0);
  const tokensAt = take(Math.ceil(tokens / 4));
  const angles = take(tokens * angleQuads);
  const hidden = rows(shape.hiddenStride);
  const normed = rows(shape.hiddenStride);
  const added = rows(shape.hiddenStride);
  const queries = rows(shape.queryStride);
  const attended = rows(shape.queryStride);
  const raw = rows(shape.rawStride);
  const gated = rows(shape.gatedStride);
  const splitValues = take((shape.splits * shape.queryStride) / 4);
  const splitStats = take(shape.splits * shape.heads);
  const candidatesAt = take(candidates);
  return {
    byteLength: end * 16,
    tokensOffset: tokensAt * 16,
    hiddenOffset: hidden * 16,
    regions: { hidden, normed, raw, attended, gated, added },
    constants: {
      TOKENS_AT: tokensAt,
      ANGLES_AT: angles,
      ANGLE_QUADS: angleQuads,
      HIDDEN_AT: hidden,
      HIDDEN_QUADS: shape.hiddenStride / 4,
      QUERIES_AT: queries,
      QUERY_QUADS: shape.queryStride / 4,
      ATTENDED_AT: attended,
      RAW_AT: raw,
      RAW_QUADS: shape.rawStride / 4,
      GATED_AT: gated,
      GATED_QUADS: shape.gatedStride / 4,
      SPLIT_VALUES_AT: splitValues,
      SPLIT_STATS_AT: splitStats,
      CANDIDATES_AT: candidatesAt,
    },
  };
}
