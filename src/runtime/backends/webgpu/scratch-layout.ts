import { PAIRS_A_TILE } from './experts-plan.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import type { ModelShape } from './model-shape.ts';

/** Tokens that penalties look back on (`generation/sampling/penalties.ts`). */
export const RECENT_TOKENS = 64;
/** Steps whose results lie in the buffer at a time; more than share a submit, which takes its own away with it. */
export const RESULT_SLOTS = 16;
/** Candidates that a draw leaves for the host, and numbers it can draw with in one run. */
export const KEPT_CANDIDATES = 64;
export const MOST_RANDOMS = 1024;

/** Where the regions of a scratch buffer lie (`shaders/scratch.wgsl`), in whole vec4u. */
export interface ScratchLayout {
  readonly byteLength: number;
  /** Bytes at which the tokens, the first token's residual stream and what the host reads lie. */
  readonly tokensOffset: number;
  readonly hiddenOffset: number;
  /** Penalties and the tokens they count, then sampling options. */
  readonly samplingOffset: number;
  readonly randomsOffset: number;
  /** A vec4u a step with its token, then a list of candidates a step. */
  readonly resultsOffset: number;
  readonly constants: ShaderConstants;
  readonly regions: Readonly<Record<Region, number>>;
}

/** Regions that kernels are pointed at by their callers. */
export type Region =
  | 'hidden'
  | 'normed'
  | 'raw'
  | 'attended'
  | 'mixed'
  | 'gated'
  | 'added'
  | 'routed'
  | 'expertGated'
  | 'expertOutputs';

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
  const attended = rows(shape.attendedStride);
  const raw = rows(shape.rawStride);
  const channels = rows(shape.channelStride);
  const mixed = rows(shape.mixedStride);
  const gated = rows(shape.gatedStride);
  const routed = rows(shape.routedStride);
  const chosen = take(tokens * shape.slots);
  const expertGated = rows(shape.expertGatedStride);
  // Of one token experts add their results up at once; of many, those of an expert are worked out together.
  const pairs = tokens === 1 ? 0 : tokens * shape.pairs;
  const sorted = take(pairs);
  const tilesAt = take(pairs === 0 ? 0 : mostTiles(tokens, shape.pairs, shape.experts));
  const expertOutputs = take((pairs * shape.hiddenStride) / 4);
  const splitValues = take((shape.splits * shape.queryStride) / 4);
  const splitStats = take(shape.splits * shape.heads);
  const candidatesAt = take(candidates);
  const isForOne = tokens === 1 ? 1 : 0;
  const penalties = take(1 + RECENT_TOKENS / 4 + 2);
  const randoms = take((isForOne * MOST_RANDOMS) / 4);
  const results = take(RESULT_SLOTS);
  const lists = take((isForOne * RESULT_SLOTS * KEPT_CANDIDATES) / 2);
  return {
    byteLength: end * 16,
    tokensOffset: tokensAt * 16,
    hiddenOffset: hidden * 16,
    samplingOffset: penalties * 16,
    randomsOffset: randoms * 16,
    resultsOffset: results * 16,
    regions: { hidden, normed, raw, attended, mixed, gated, added, routed, expertGated, expertOutputs },
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
      CHANNELS_AT: channels,
      MIXED_AT: mixed,
      GATED_AT: gated,
      GATED_QUADS: shape.gatedStride / 4,
      ROUTED_AT: routed,
      ROUTED_QUADS: shape.routedStride / 4,
      CHOSEN_AT: chosen,
      SORTED_AT: sorted,
      TILES_AT: tilesAt,
      EXPERT_OUTPUTS_AT: expertOutputs,
      SPLIT_VALUES_AT: splitValues,
      SPLIT_STATS_AT: splitStats,
      CANDIDATES_AT: candidatesAt,
      PENALTIES_AT: penalties,
      RECENT_AT: penalties + 1,
      SAMPLING_AT: penalties + 1 + RECENT_TOKENS / 4,
      RANDOMS_AT: randoms,
      RESULTS_AT: results,
      RESULT_SLOTS,
      LISTS_AT: lists,
    },
  };
}

/** Tiles that the pairs of a chunk can fill, however they fall to the experts. */
export function mostTiles(tokens: number, used: number, experts: number): number {
  return Math.floor((tokens * used) / PAIRS_A_TILE) + Math.min(experts, tokens * used);
}
