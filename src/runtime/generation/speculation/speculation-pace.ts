import { CONFIDENCES } from './drafter.ts';

/** What speculation did in one answer. */
export interface SpeculationCounts {
  readonly draftedTokens: number;
  readonly acceptedTokens: number;
  /** How many times longer the passes would have taken one token at a time, by the measured cost of such a pass. */
  readonly speedUp: number;
}

/** Most guesses a pass: with the token before them they make 8, two tiles of the CPU's kernels. */
export const MOST_DRAFTED = 7;
/** Share of right guesses to begin with, by confidence. */
const FIRST_RATES: readonly number[] = [0.4, 0.55, 0.7, 0.85];
/** How many trials the first rate counts for. */
const FIRST_WEIGHT = 4;
/** Older trials count less, so that a change of subject shows soon; unused, the rate drifts back and is tried again. */
const TRIAL_DECAY = 0.93;
const IDLE_DECAY = 0.985;
/** Guessing must win by this much to be worth its risk. */
const MARGIN = 1.03;

interface Rate {
  trials: number;
  hits: number;
}

/**
 * Chooses how many tokens to guess: the number for which (expected tokens) ÷ (measured time) is greatest. With a share `p` of
 * right guesses, `k` guesses are expected to yield 1 + p + … + p^k tokens.
 */
export class SpeculationPace {
  /** Milliseconds of a pass over so many tokens, smoothed. */
  readonly #costs: (number | undefined)[] = [];
  readonly #growth: number;
  readonly #rates: Rate[] = Array.from({ length: CONFIDENCES }, () => ({ trials: 0, hits: 0 }));
  #drafted = 0;
  #accepted = 0;
  #written = 0;
  #spent = 0;

  /** `growth`: what one more token adds to the cost of a pass, as a share of its first, until it has been measured. */
  constructor(growth: number) {
    this.#growth = growth;
  }

  /** Begins the counts of another answer; what was learnt stays. */
  restart(): void {
    [this.#drafted, this.#accepted, this.#written, this.#spent] = [0, 0, 0, 0];
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
    if (best === 0) {
      const { trials, hits } = this.#rates[confidence]!;
      this.#rates[confidence] = { trials: trials * IDLE_DECAY, hits: hits * IDLE_DECAY };
    }
    return best;
  }

  /** Records a pass over `tokens` tokens; guessing them counts into its time. */
  recordPass(tokens: number, milliseconds: number): void {
    const before = this.#costs[tokens];
    // A pass that was interrupted by something else says little: at most half as much again counts.
    const taken = before === undefined ? milliseconds : Math.min(milliseconds, before * 1.5);
    this.#costs[tokens] = before === undefined ? taken : before + (taken - before) * 0.15;
    this.#spent += milliseconds;
    this.#written += 1;
  }

  /** Records that of `drafted` guesses the first `accepted` were right. */
  recordDraft(confidence: number, drafted: number, accepted: number): void {
    const { trials, hits } = this.#rates[confidence]!;
    const tried = Math.min(accepted + 1, drafted);
    this.#rates[confidence] = { trials: trials * TRIAL_DECAY + tried, hits: hits * TRIAL_DECAY + accepted };
    this.#drafted += drafted;
    this.#accepted += accepted;
    this.#written += accepted;
  }

  get counts(): SpeculationCounts {
    const single = this.#cost(1) ?? 0;
    const speedUp = this.#drafted === 0 || this.#spent === 0 ? 1 : (this.#written * single) / this.#spent;
    return { draftedTokens: this.#drafted, acceptedTokens: this.#accepted, speedUp };
  }

  #rate(confidence: number): number {
    const { trials, hits } = this.#rates[confidence]!;
    return (FIRST_RATES[confidence]! * FIRST_WEIGHT + hits) / (FIRST_WEIGHT + trials);
  }

  /** Measured, or else the nearest shorter pass that was, made longer by the expected growth. */
  #cost(tokens: number): number | undefined {
    for (let shorter = tokens; shorter >= 1; shorter--) {
      const measured = this.#costs[shorter];
      if (measured !== undefined) return (measured * this.#prior(tokens)) / this.#prior(shorter);
    }
    return undefined;
  }

  #prior(tokens: number): number {
    return 1 + (tokens - 1) * this.#growth;
  }
}
