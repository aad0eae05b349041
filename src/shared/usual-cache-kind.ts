/** What the choice of a cache depends on; where something is not known, as the planner may not, what needs more. */
export interface CacheFacts {
  /** All weights are floats: no kernel rounds activations, and nothing but the cache would be less than exact. */
  readonly hasFloatWeights: boolean;
  /** Nothing scales attention's scores down: 8 bits tip the softmax there. */
  readonly hasUnscaledScores: boolean;
  /** Keys have norms or biases of their own: a few of their values are then much greater than the others. */
  readonly hasGreatKeys: boolean;
  readonly weightsBytes: number;
  /** Of a cache of half floats. */
  readonly cacheBytesPerToken: number;
}

/** A cache is weighed with this many tokens in it, about a chat, ... */
const USUAL_TOKENS = 1_024;
/** ... and so much of it is little anywhere. */
const LITTLE_BYTES = 16 * 2 ** 20;

/**
 * How the processor's engine holds keys and values where nobody says; the planner states it by the same rule. Half floats, which are
 * as good as exact, where they cost little: few bytes, or beside weights of five times their bytes, which each token has
 * to read, too. Otherwise int8, whose error is that of quantised weights or less (docs/models/greedy.md) as long as no few of
 * a head's values are much greater than the others they share a scale with, so half floats may take a third of the
 * weights where keys are. Never int8 beside weights that are floats, nor where nothing scales scores down (Gemma 4).
 */
export function usualCacheKind(facts: CacheFacts): 'int8' | 'f16' {
  const { hasFloatWeights, hasUnscaledScores, hasGreatKeys, weightsBytes, cacheBytesPerToken } = facts;
  if (hasFloatWeights || hasUnscaledScores) return 'f16';
  const share = hasGreatKeys ? 3 : 5;
  return USUAL_TOKENS * cacheBytesPerToken <= Math.max(LITTLE_BYTES, weightsBytes / share) ? 'f16' : 'int8';
}
