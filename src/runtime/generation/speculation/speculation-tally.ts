import { SottoError, type SottoErrorCode } from '../../../shared/index.ts';
import type { SpeculationPace } from './speculation-pace.ts';

/** What guessing did in one answer. */
export interface SpeculationCounts {
  readonly draftedTokens: number;
  readonly acceptedTokens: number;
  /** How many times longer the passes would have taken one token at a time, by the measured cost of such a pass. */
  readonly speedUp: number;
  /** What made guessing end before the answer did. */
  readonly failure?: SottoErrorCode;
}

/** Counts the guesses of one answer and hands on to the pace what they teach. */
export class SpeculationTally {
  readonly #pace: SpeculationPace;
  #drafted = 0;
  #accepted = 0;
  #written = 0;
  #spent = 0;
  #failure: SottoErrorCode | undefined;

  constructor(pace: SpeculationPace) {
    this.#pace = pace;
  }

  /** A pass over `tokens` tokens; guessing them counts into its time. */
  recordPass(tokens: number, milliseconds: number): void {
    this.#pace.recordPass(tokens, milliseconds);
    this.#spent += milliseconds;
    this.#written += 1;
  }

  /** Whether a guess was right, also one that was not read. */
  recordGuess(grade: number, isRight: boolean): void {
    this.#pace.recordGuess(grade, isRight);
  }

  /** Of `drafted` guesses that were read the first `accepted` were right. */
  recordDraft(drafted: number, accepted: number): void {
    this.#drafted += drafted;
    this.#accepted += accepted;
    this.#written += accepted;
  }

  /** Guessing failed: no more of it in this answer, which is the model's own and needs none. */
  recordFailure(error: unknown): void {
    this.#failure = SottoError.isInstance(error) ? error.code : 'internal';
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  get counts(): SpeculationCounts {
    const isUnknown = this.#drafted === 0 || this.#spent === 0;
    const speedUp = isUnknown ? 1 : (this.#written * this.#pace.singleCost) / this.#spent;
    const failure = this.#failure;
    return { draftedTokens: this.#drafted, acceptedTokens: this.#accepted, speedUp, ...(failure && { failure }) };
  }
}
