import { CONFIDENCES } from './drafter.ts';

/** Most guesses a pass: with the token before them they make 8, two tiles of the CPU's kernels. */
export const MOST_DRAFTED = 7;
/** Share of right guesses to begin with, by confidence. */
const FIRST_RATES: readonly number[] = [0.25, 0.45, 0.7, 0.85];
/** How many trials the first rate counts for. */
const FIRST_WEIGHT = 4;
/** Older trials count less, so that a change of subject shows soon; unused, the rate drifts back and is tried again. */
const TRIAL_DECAY = 0.93;
const IDLE_DECAY = 0.985;
/** Passes remembered of each length, and after how many places without guesses one of them is forgotten. */
const KEPT_PASSES = 9;
const RESTS_A_PASS = 16;
/** Guessing must win by this much to be worth its risk. */
const MARGIN = 1.1;

interface Rate {
  trials: number;
  hits: number;
}

/**
 * Chooses how many tokens to guess: the number for which (expected tokens) ÷ (measured time) is greatest. With a share `p` of
 * right guesses, `k` guesses are expected to yield 1 + p + … + p^k tokens.
 */
export class SpeculationPace {
  /** Milliseconds of the last passes over so many tokens, latest last. */
  readonly #passes: number[][] = Array.from({ length: MOST_DRAFTED + 2 }, () => []);
  readonly #growth: number;
  readonly #rates: Rate[] = Array.from({ length: CONFIDENCES }, () => ({ trials: 0, hits: 0 }));
  #rested = 0;

  /** `growth`: what one more token adds to the cost of a pass, as a share of its first, until it has been measured. */
  constructor(growth: number) {
    this.#growth = growth;
  }

  /** Guesses that pay at a confidence, 0 for none. */
  best(confidence: number): number {
    const single = this.#cost(1);
    if (single === undefined) return 0;
    const rate = this.#rate(confidence);
    let [best, most] = [0, MARGIN / single];
    let [expected, likelihood] = [1, 1];
    for (let count = 1; count <= MOST_DRAFTED; count++) {
      likelihood *= rate;
      expected += likelihood;
      const value = expected / this.#cost(count + 1)!;
      if (value > most) [best, most] = [count, value];
    }
    if (best === 0) this.#rest(confidence);
    return best;
  }

  /** Records a pass over `tokens` tokens; guessing them counts into its time. */
  recordPass(tokens: number, milliseconds: number): void {
    const passes = this.#passes[tokens];
    if (passes === undefined) return;
    passes.push(milliseconds);
    if (passes.length > KEPT_PASSES) passes.shift();
  }

  /** Records that of `drafted` guesses the first `accepted` were right. */
  recordDraft(confidence: number, drafted: number, accepted: number): void {
    const { trials, hits } = this.#rates[confidence]!;
    const tried = Math.min(accepted + 1, drafted);
    this.#rates[confidence] = { trials: trials * TRIAL_DECAY + tried, hits: hits * TRIAL_DECAY + accepted };
  }

  /** Milliseconds of a pass over one token; 0 where none was seen. */
  get singleCost(): number {
    return this.#cost(1) ?? 0;
  }

  #rate(confidence: number): number {
    const { trials, hits } = this.#rates[confidence]!;
    return (FIRST_RATES[confidence]! * FIRST_WEIGHT + hits) / (FIRST_WEIGHT + trials);
  }

  /** What was learnt fades where it says that guessing does not pay: else one bad moment would decide for ever. */
  #rest(confidence: number): void {
    const { trials, hits } = this.#rates[confidence]!;
    this.#rates[confidence] = { trials: trials * IDLE_DECAY, hits: hits * IDLE_DECAY };
    this.#rested += 1;
    if (this.#rested % RESTS_A_PASS === 0) for (const passes of this.#passes.slice(2)) passes.shift();
  }

  /**
   * The median of the last passes, so that one that was interrupted by something else does not count. Of passes over
   * several tokens few may have been seen: the expected cost stands in for two more.
   */
  #cost(tokens: number): number | undefined {
    const passes = this.#passes[tokens]!;
    if (tokens === 1) return passes.length === 0 ? undefined : median(passes);
    const single = this.#cost(1);
    if (single === undefined) return undefined;
    const expected = single * (1 + (tokens - 1) * this.#growth);
    return passes.length < 3 ? median([...passes, expected, expected]) : median(passes);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
