import { FIRST_RATES, MOST_DRAFTED } from './drafter.ts';
import { PassCosts } from './pass-costs.ts';

/** How many trials the first rate counts for. */
const FIRST_WEIGHT = 4;
/** Older trials count less, so that a change of subject shows soon; unused, the rate drifts back and is tried again. */
const TRIAL_DECAY = 0.97;
const IDLE_DECAY = 0.985;
/** Guessing must win by this much to be worth its risk: with 1.05 records lost a fifth on one thread, where all guesses right win 1.3 ×. */
const MARGIN = 1.15;

interface Rate {
  readonly trials: number;
  readonly hits: number;
}

/**
 * Chooses how many tokens to guess: the number for which (expected tokens) ÷ (measured time) is greatest. With shares p, q, …
 * of right guesses, the guesses are expected to yield 1 + p + pq + … tokens.
 */
export class SpeculationPace {
  readonly #costs: PassCosts;
  readonly #rates: Rate[] = FIRST_RATES.map(() => ({ trials: 0, hits: 0 }));

  constructor(engine: 'cpu' | 'webgpu') {
    this.#costs = new PassCosts(engine);
  }

  /** How many guesses of these grades pay, 0 for none. */
  best(grades: readonly number[]): number {
    const costs = this.#costs.ofAll();
    if (costs === undefined) return 0;
    let [best, most] = [0, MARGIN];
    let [expected, likelihood] = [1, 1];
    for (const [index, grade] of grades.slice(0, MOST_DRAFTED).entries()) {
      likelihood *= this.#rate(grade);
      expected += likelihood;
      const value = expected / costs[index + 2]!;
      if (value > most) [best, most] = [index + 1, value];
    }
    if (best === 0 && grades.length > 0) this.#rest(grades[0]!);
    return best;
  }

  /** Records a pass over `tokens` tokens; guessing them counts into its time. */
  recordPass(tokens: number, milliseconds: number): void {
    this.#costs.record(tokens, milliseconds);
  }

  /** Records whether a guess was right, also one that was not read. */
  recordGuess(grade: number, isRight: boolean): void {
    const { trials, hits } = this.#rates[grade]!;
    this.#rates[grade] = { trials: trials * TRIAL_DECAY + 1, hits: hits * TRIAL_DECAY + (isRight ? 1 : 0) };
  }

  /** Milliseconds of a pass over one token; 0 where none was seen. */
  get singleCost(): number {
    return this.#costs.single ?? 0;
  }

  #rate(grade: number): number {
    const { trials, hits } = this.#rates[grade]!;
    return (FIRST_RATES[grade]! * FIRST_WEIGHT + hits) / (FIRST_WEIGHT + trials);
  }

  /** What was learnt fades where it says that guessing does not pay: else one bad moment would decide for ever. */
  #rest(grade: number): void {
    const { trials, hits } = this.#rates[grade]!;
    this.#rates[grade] = { trials: trials * IDLE_DECAY, hits: hits * IDLE_DECAY };
    this.#costs.rest();
  }
}
