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
  let highest = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) if (logits[id]! > highest) highest = logits[id]!;
  let mass = 0;
  for (let id = 0; id < logits.length; id++) mass += Math.exp(logits[id]! - highest);
  const total = highest + Math.log(mass);
  const of = (id: number): LogProbability => [id, logits[id]! - total];
  const top: LogProbability[] = [];
  if (count > 0) {
    const heap = new LogitsHeap(logits, likely(logits, highest, count));
    for (let id = heap.pop(); id !== undefined && top.length < count; id = heap.pop()) top.push(of(id));
  }
  return { chosen: of(token), top };
}

/** A set of ids that holds the `count` likeliest: usually a few hundred instead of the whole vocabulary. */
function likely(logits: Float32Array, highest: number, count: number): Uint32Array {
  for (let width = 4; ; width *= 2) {
    const lowest = width > 64 ? Number.NEGATIVE_INFINITY : highest - width;
    const ids: number[] = [];
    for (let id = 0; id < logits.length; id++) if (logits[id]! >= lowest) ids.push(id);
    if (ids.length >= count || lowest === Number.NEGATIVE_INFINITY) return Uint32Array.from(ids);
  }
}
