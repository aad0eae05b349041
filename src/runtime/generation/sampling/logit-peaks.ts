import { SottoError } from '../../../shared/index.ts';

const BLOCK = 64;

/** The greatest of every 64 logits: with them the likely tokens are found without looking at each. */
export class LogitPeaks {
  readonly #logits: Float32Array;
  readonly #peaks: Float32Array;
  /** The likeliest token, of equals the lowest id. */
  readonly best: number;

  /**
   * Of logits `[vocabulary]`, which must not change as long as this is used. Throws `numeric-fault` where they hold NaN or +∞ or
   * nothing above −∞: a token drawn from those would be garbage.
   */
  constructor(logits: Float32Array) {
    this.#logits = logits;
    this.#peaks = new Float32Array(Math.ceil(logits.length / BLOCK));
    let highest = Number.NEGATIVE_INFINITY;
    let highestBlock = 0;
    for (let block = 0; block < this.#peaks.length; block++) {
      const peak = peakOf(logits, block * BLOCK, Math.min((block + 1) * BLOCK, logits.length));
      if (Number.isNaN(peak)) throw fault(`the logit of token ${logits.findIndex(Number.isNaN)} is not a number`);
      this.#peaks[block] = peak;
      if (peak > highest) [highest, highestBlock] = [peak, block];
    }
    if (highest === Number.NEGATIVE_INFINITY) throw fault('no token is possible');
    this.best = logits.indexOf(highest, highestBlock * BLOCK);
    if (highest === Number.POSITIVE_INFINITY) throw fault(`the logit of token ${this.best} is infinite`);
  }

  get highest(): number {
    return this.#logits[this.best]!;
  }

  /** How many logits are at least `lowest`. */
  count(lowest: number): number {
    const [logits, peaks] = [this.#logits, this.#peaks];
    let count = 0;
    for (let block = 0; block < peaks.length; block++) {
      if (peaks[block]! < lowest) continue;
      const end = Math.min((block + 1) * BLOCK, logits.length);
      for (let id = block * BLOCK; id < end; id++) if (logits[id]! >= lowest) count += 1;
    }
    return count;
  }

  /** Writes the ids whose logit is at least `lowest` to `ids`, in order; how many there are. */
  gather(lowest: number, ids: Uint32Array): number {
    const [logits, peaks] = [this.#logits, this.#peaks];
    let count = 0;
    for (let block = 0; block < peaks.length; block++) {
      if (peaks[block]! < lowest) continue;
      const end = Math.min((block + 1) * BLOCK, logits.length);
      for (let id = block * BLOCK; id < end; id++) if (logits[id]! >= lowest) ids[count++] = id;
    }
    return count;
  }
}

/** NaN where there is one. Four at a time: each waits only for the fourth one before it. */
function peakOf(logits: Float32Array, start: number, end: number): number {
  let [a, b, c, d] = [logits[start]!, logits[start]!, logits[start]!, logits[start]!];
  let id = start;
  for (; id + 4 <= end; id += 4) {
    a = Math.max(a, logits[id]!);
    b = Math.max(b, logits[id + 1]!);
    c = Math.max(c, logits[id + 2]!);
    d = Math.max(d, logits[id + 3]!);
  }
  for (; id < end; id++) a = Math.max(a, logits[id]!);
  return Math.max(a, b, c, d);
}

function fault(reason: string): SottoError {
  return new SottoError('numeric-fault', `The model's output makes no sense: ${reason}.`);
}
