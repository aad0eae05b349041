import { LikelyTokens } from './likely-tokens.ts';
import { LogitsHeap } from './logits-heap.ts';

/** A token id and the natural logarithm of its probability. */
export type LogProbability = readonly [token: number, logProbability: number];

/**
 * What the model itself thought: log-probabilities at temperature 1 of `token` and of the `count` likeliest tokens, before
 * bias, penalties, mask and filters. `−∞` for what is impossible.
 */
export function logProbabilities(
  logits: Float32Array,
  token: number,
  count: number,
): { readonly chosen: LogProbability; readonly top: readonly LogProbability[] } {
  const tokens = new LikelyTokens(logits);
  const total = tokens.highest + Math.log(tokens.mass);
  const of = (id: number): LogProbability => [id, logits[id]! - total];
  const top: LogProbability[] = [];
  if (count > 0) {
    const heap = new LogitsHeap(logits, likely(tokens, count));
    for (let id = heap.pop(); id !== undefined && top.length < count; id = heap.pop()) top.push(of(id));
  }
  return { chosen: of(token), top };
}

/** A set of ids that holds the `count` likeliest: usually a few hundred instead of the whole vocabulary. */
function likely(tokens: LikelyTokens, count: number): Uint32Array {
  for (let width = 4; ; width *= 2) {
    const lowest = width > 64 ? Number.NEGATIVE_INFINITY : tokens.highest - width;
    const found = tokens.count(lowest);
    if (found < count && lowest > Number.NEGATIVE_INFINITY) continue;
    const ids = new Uint32Array(found);
    tokens.gather(lowest, ids);
    return ids;
  }
}
