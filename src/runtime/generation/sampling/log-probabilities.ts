import { weightOf } from './exponential.ts';
import { checkHighest, notANumber } from './likely-tokens.ts';

/** A token id and the natural logarithm of its probability. */
export type LogProbability = readonly [token: number, logProbability: number];

/**
 * What the model itself thought: log-probabilities at temperature 1 of `token` and of the `count` likeliest tokens, before
 * bias, penalties, mask and filters. `−∞` for what is impossible. Each logit is looked at once: a vocabulary is long, and
 * this comes on top of choosing the token. Throws `numeric-fault` like `LikelyTokens`.
 */
export function logProbabilities(
  logits: Float32Array,
  token: number,
  count: number,
): { readonly chosen: LogProbability; readonly top: readonly LogProbability[] } {
  const top: { readonly id: number; readonly logit: number }[] = [];
  let best = 0;
  let highest = Number.NEGATIVE_INFINITY;
  /** How likely the tokens so far are together, beside the likeliest of them. */
  let mass = 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit > highest) {
      mass = mass * weightOf(highest - logit) + 1;
      best = id;
      highest = logit;
    } else if (Number.isNaN(logit)) throw notANumber(id);
    else mass += weightOf(logit - highest);
    const isFull = top.length === count;
    if (count === 0 || (isFull && logit <= top[count - 1]!.logit)) continue;
    // Few get here, fewer with every token. Of equals the lower id came first, and stays before.
    if (isFull) top.pop();
    let place = top.length;
    while (place > 0 && logit > top[place - 1]!.logit) place -= 1;
    top.splice(place, 0, { id, logit });
  }
  checkHighest(best, highest);
  const total = highest + Math.log(mass);
  return { chosen: [token, logits[token]! - total], top: top.map(({ id, logit }) => [id, logit - total]) };
}
