/** Guesses of the tokens to come. */
export interface Drafter {
  /** Takes note of tokens of the prompt, or of the answer: guesses continue what was appended. */
  append(tokens: readonly number[]): void;
  /**
   * Tokens that may come next, possibly none. `most` says how many of guesses with these grades are worth a pass. One that
   * rejects is asked no more in this answer.
   */
  draft(most: (grades: readonly number[]) => number): Promise<Draft> | Draft;
}

/** Guesses, each with its grade: those of one grade are right about as often as each other. */
export interface Draft {
  readonly tokens: readonly number[];
  readonly grades: readonly number[];
  /** So many of them are to be read; the others cost nothing, and tell what guesses of their grade are worth. */
  readonly count: number;
}

export const NO_DRAFT: Draft = { tokens: [], grades: [], count: 0 };

/** Most guesses a pass: with the token before them they make 8, two tiles of the CPU's kernels. */
export const MOST_DRAFTED = 7;

/** Shortest match of each grade of a match. */
const SHORTEST: readonly number[] = [2, 3, 5, 9];
/** A guess behind a place where the text left what it follows. */
export const RESUMED = SHORTEST.length * 2;
/** A guess of another model. */
export const FROM_MODEL = RESUMED + 1;

/** Of a match of so many tokens, 2 at least; contested: the text went on in another way after a stretch that is nearly as long. */
export function gradeOf(length: number, isContested: boolean): number {
  const grade = SHORTEST.findLastIndex((shortest) => length >= shortest);
  return isContested ? grade + SHORTEST.length : grade;
}

/**
 * Share of right guesses to begin with, by grade: as the embedded model answers sixteen requests to summarise, rewrite,
 * extract and edit code, and five for free text.
 */
export const FIRST_RATES: readonly number[] = [0.5, 0.75, 0.85, 0.95, 0.2, 0.4, 0.5, 0.65, 0.4, 0.6];
