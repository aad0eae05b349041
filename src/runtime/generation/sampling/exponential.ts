/** Steps of the table, a power of two. */
const STEP_BITS = 11;
const STEPS = 1 << STEP_BITS;
/** e^−40: all tokens of the largest vocabulary together would come up once in 10¹² draws. */
export const NEGLIGIBLE = 40;

const STEPS_OF_ONE = STEPS / Math.LN2;
const STEP = Math.LN2 / STEPS;
const PARTS = Float64Array.from({ length: STEPS }, (_, step) => 2 ** (step / STEPS));
const HALVES = Float64Array.from({ length: Math.ceil(NEGLIGIBLE / Math.LN2) + 1 }, (_, power) => 2 ** -power);

/**
 * How likely a token is beside the likeliest, from the difference of their logits: e^difference, right to 1e-14 of itself, and 0
 * for what is negligible. It is asked for every token of a vocabulary, and takes a fifth of the time of `Math.exp`.
 */
export function weightOf(difference: number): number {
  // Also where it is not a number: then nothing is likely.
  if (!(difference >= -NEGLIGIBLE)) return 0;
  if (difference > 0) return Math.exp(difference);
  // The nearest step: what is as good as equal weighs the same, and shares of equals come out as whole numbers of them.
  const steps = Math.floor(difference * STEPS_OF_ONE + 0.5);
  const rest = difference - steps * STEP;
  const power = HALVES[-(steps >> STEP_BITS)]! * PARTS[steps & (STEPS - 1)]!;
  return power * (1 + rest * (1 + rest * (1 / 2 + rest / 6)));
}
