import { SottoError } from '../../../shared/index.ts';
import { weightOf } from './exponential.ts';

/** The likely ones of all tokens, which an answer is drawn from. */
export class LikelyTokens {
  readonly #logits: Float32Array;
  /** The likeliest token, of equals the lowest id. */
  readonly best: number;

  /**
   * Of logits `[vocabulary]`, which must not change as long as this is used. Throws `numeric-fault` where they hold NaN or +∞ or
   * nothing above −∞: a token drawn from those would be garbage.
   */
  constructor(logits: Float32Array) {
    this.#logits = logits;
    this.best = likeliest(logits);
  }

  get highest(): number {
    return this.#logits[this.best]!;
  }

  /** How likely all tokens are together, beside the likeliest. */
  get mass(): number {
    const logits = this.#logits;
    const { highest } = this;
    let mass = 0;
    for (let id = 0; id < logits.length; id++) mass += weightOf(logits[id]! - highest);
    return mass;
  }

  /** Writes the ids whose logit is at least `lowest` to `ids`, in order; how many there are. */
  gather(lowest: number, ids: Uint32Array): number {
    const logits = this.#logits;
    let count = 0;
    for (let id = 0; id < logits.length; id++) if (logits[id]! >= lowest) ids[count++] = id;
    return count;
  }
}

/**
 * One loop, as little a logit as can be: each token looks at all of them once, and it takes a hundred tokens until a browser has compiled
 * this well. Greatest of blocks, four at a time, take half the time then, but twice until then.
 */
function likeliest(logits: Float32Array): number {
  let best = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit > highest) {
      best = id;
      highest = logit;
    } else if (Number.isNaN(logit)) throw notANumber(id);
  }
  checkHighest(best, highest);
  return best;
}

/** Throws `numeric-fault` where no token is possible, or one infinitely likely; `highest` is the logit of `best`. */
export function checkHighest(best: number, highest: number): void {
  if (highest === Number.NEGATIVE_INFINITY) throw fault('no token is possible');
  if (highest === Number.POSITIVE_INFINITY) throw fault(`the logit of token ${best} is infinite`);
}

export function notANumber(token: number): SottoError {
  return fault(`the logit of token ${token} is not a number`);
}

function fault(reason: string): SottoError {
  return new SottoError('numeric-fault', `The model's output makes no sense: ${reason}.`);
}
