/** Guesses of the tokens to come. */
export interface Drafter {
  /** Takes note of tokens of the prompt, or of the answer: guesses continue what was appended. */
  append(tokens: readonly number[]): void;
  /**
   * Tokens that may come next, possibly none. `most` says how many are wanted for a guess of this confidence (0 to
   * `CONFIDENCES − 1`, higher is surer); 0 means that guessing does not pay.
   */
  draft(most: (confidence: number) => number): Promise<Draft> | Draft;
}

export interface Draft {
  readonly tokens: readonly number[];
  readonly confidence: number;
}

/** Grades of confidence, each with an acceptance of its own. */
export const CONFIDENCES = 4;

export const NO_DRAFT: Draft = { tokens: [], confidence: 0 };
