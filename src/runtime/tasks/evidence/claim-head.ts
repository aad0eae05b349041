import trained from '../../../../flows/experts/claim-head.json' with { type: 'json' };

/** How near a claim and a sentence are; all 0 to 1. */
export interface ClaimMeasures {
  /** Cosine of claim and sentence; `wide`: and of the claim and the sentence with the one before it. */
  readonly meaning: number;
  readonly wide: number;
  /** Share of its words that the evidence has, with the sentence before, and `here` without. */
  readonly shared: number;
  readonly here: number;
  /** How near its words come to words of the evidence in their contexts: on average, and the worst of them. */
  readonly match: number;
  readonly weakest: number;
}

/** Weights by measure, trained from flows/experts/claims.jsonl by `npm run eval -- --train`. */
const WEIGHTS: Readonly<Record<string, number>> = trained.weights;

/** How likely it is that a sentence speaks of what a claim says, be it to say or to deny it, 0 to 1: logistic regression. */
export function chanceSaid(measures: ClaimMeasures): number {
  const score = Object.entries(measures).reduce(
    (sum, [name, value]) => sum + (WEIGHTS[name] ?? 0) * value,
    WEIGHTS['bias'] ?? 0,
  );
  return 1 / (1 + Math.exp(-score));
}
