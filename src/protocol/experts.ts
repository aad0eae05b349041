/** One example: a text and what it is. */
export interface LabelledRow {
  readonly text: string;
  readonly label: string;
}

export interface ExpertSettings {
  /** Strength of the pull towards small weights; larger for fewer or noisier rows. */
  readonly regularisation: number;
  /** Parts the rows are cut into for cross-validation. */
  readonly folds: number;
  /** `balanced`: rare classes count as much as frequent ones. */
  readonly classWeights: 'balanced' | 'none';
  /** Besides the sentence vector, look at words and pieces of words: names, codes, other languages. 0: off. */
  readonly ngramBuckets: number;
  /** Rows kept aside for the figures, 0 to 0.5. */
  readonly testShare: number;
  readonly seed: number;
}

export interface ClassMetrics {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly rows: number;
}

/** What cross-validation says: every row was judged by a head that had not seen it. */
export interface ExpertMetrics {
  readonly rows: number;
  readonly accuracy: number;
  readonly macroF1: number;
  /** Mean gap between stated probability and how often it was right; 0 is perfect. */
  readonly calibrationError: number;
  readonly classes: readonly ClassMetrics[];
  /** `confusion[i][j]`: rows of class i that were called class j. */
  readonly confusion: readonly (readonly number[])[];
  /** Accuracy on rows kept aside, by the number of rows learned from. */
  readonly learningCurve: readonly { readonly rows: number; readonly accuracy: number }[];
}

/** A narrow model: a linear head over sentence vectors. Plain JSON, versioned, tied to the model its features come from. */
export interface ExpertArtefact {
  readonly expertVersion: 1;
  readonly id: string;
  readonly name: string;
  /** Counts trainings under this id. */
  readonly version: number;
  readonly labels: readonly string[];
  readonly embedding: { readonly modelId: string; readonly hash: string; readonly dimensions: number };
  readonly settings: ExpertSettings;
  /** SHA-256 over the rows it learned from, sorted. */
  readonly dataHash: string;
  readonly rows: number;
  readonly metrics: ExpertMetrics;
  /** Divides the scores before they become probabilities. */
  readonly temperature: number;
  /** Below this probability the answer is "unknown". */
  readonly unknownBelow: number;
  /** Below this similarity to everything it learned from, too. */
  readonly unfamiliarBelow: number;
  /** Base64 of float32, little-endian: for each label its weights, then its bias. */
  readonly weights: string;
  /** Base64 of float32: the mean sentence vector of each label. */
  readonly centroids: string;
  readonly signature?: { readonly algorithm: 'Ed25519'; readonly publicKey: string; readonly value: string };
}

export interface ExpertTrainRequest {
  readonly id: string;
  readonly name?: string;
  readonly rows: readonly LabelledRow[];
  readonly settings?: Partial<ExpertSettings>;
  /** The version before: its number is counted on. */
  readonly previous?: ExpertArtefact;
  /** Texts without labels: the ones most worth labelling come back. */
  readonly unlabelled?: readonly string[];
}

export interface ExpertTraining {
  readonly expert: ExpertArtefact;
  /** Rows that cross-validation got wrong, surest mistakes first: often wrong labels. */
  readonly mistakes: readonly {
    readonly text: string;
    readonly label: string;
    readonly predicted: string;
    readonly score: number;
  }[];
  /** Of `unlabelled`, the least certain first. */
  readonly uncertain: readonly { readonly text: string; readonly label: string; readonly score: number }[];
  readonly trainMs: number;
}

export interface ExpertPrediction {
  /** null: nothing it knows. */
  readonly label: string | null;
  /** Probability of the best label, known or not. */
  readonly score: number;
  readonly scores: readonly { readonly label: string; readonly score: number }[];
  /** Cosine to the nearest class mean. */
  readonly familiarity: number;
  readonly model: string;
}

export interface ExpertEvaluation {
  readonly rows: number;
  readonly accuracy: number;
  readonly macroF1: number;
  readonly unknown: number;
  readonly classes: readonly ClassMetrics[];
  readonly wrong: readonly {
    readonly text: string;
    readonly label: string;
    readonly predicted: string | null;
    readonly score: number;
  }[];
}
