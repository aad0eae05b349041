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
  /** Length of that part beside the unit sentence vector. Experts that do not say it were made with 0.6. */
  readonly ngramWeight?: number;
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
  /** Absent: tells texts apart. `entities`: finds names in them; its first label, "O", is that of words outside. */
  readonly task?: 'entities';
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
  /** Of the examples that were handed in, those nearest in meaning, with the cosine. */
  readonly nearest?: readonly (LabelledRow & { readonly score: number })[];
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

/** A text in which names are marked; offsets in UTF-16 units. */
export interface LabelledText {
  readonly text: string;
  readonly entities: readonly { readonly start: number; readonly end: number; readonly label: string }[];
}

export interface EntityTrainRequest {
  readonly id: string;
  readonly name?: string;
  readonly rows: readonly LabelledText[];
  readonly settings?: Partial<ExpertSettings>;
  readonly previous?: ExpertArtefact;
}

export interface EntityTraining {
  /** `metrics.classes` are those of whole names, `accuracy` that of words. */
  readonly expert: ExpertArtefact;
  readonly trainMs: number;
}

export interface FoundName {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly label: string;
  /** Probability of its least certain word. */
  readonly score: number;
}

export interface EntityEvaluation {
  readonly rows: number;
  readonly macroF1: number;
  readonly classes: readonly ClassMetrics[];
  readonly wrong: readonly {
    readonly text: string;
    readonly missed: LabelledText['entities'];
    readonly extra: readonly FoundName[];
  }[];
}

/** A row as a model labelled it. */
export interface TaughtRow extends LabelledRow {
  /** The model's own probability of that label among the labels, 0 to 1. */
  readonly confidence: number;
}

/** Raw rows that a larger model labels, for a small one to learn from. */
export interface DistillRequest {
  readonly id: string;
  readonly name?: string;
  readonly labels: readonly string[];
  /** What the labels mean, for the model: "faq: asks about prices or delivery. …". */
  readonly instructions?: string;
  readonly texts: readonly string[];
  /** Rows that a person labelled: learned from as they are. */
  readonly rows?: readonly LabelledRow[];
  /** Rows that a person labelled and nobody learns from: what accuracy is measured on. */
  readonly checked?: readonly LabelledRow[];
  /** The model that labels; absent: the loaded one, or a larger one that is stored here. */
  readonly model?: string;
  readonly leastParameters?: number;
  readonly previous?: ExpertArtefact;
  readonly settings?: Partial<ExpertSettings>;
}

export interface Distillation extends ExpertTraining {
  /** What the model said of each text. */
  readonly labelled: readonly TaughtRow[];
  readonly teacher: string;
  /** Share of the model's own labels that the expert gives too, each judged by a head that had not seen it. */
  readonly agreement: number;
  /** On `checked`; null where there are no such rows, or nothing to measure. */
  readonly accuracy: {
    /** The expert without the model's labels: `previous`, or one that learned from `rows` alone. */
    readonly before: number | null;
    readonly after: number | null;
    readonly teacher: number | null;
  };
}

export interface ExpertKeepRequest {
  readonly expert: ExpertArtefact;
  /** Rows that no later version may get wrong. They are added to those that were given with earlier versions. */
  readonly regression?: readonly LabelledRow[];
  readonly allowWorse?: boolean;
}

export interface ExpertKept {
  /** As it was kept: its number may have been counted on. */
  readonly expert: ExpertArtefact;
  readonly regressionRows: number;
  /** Rows that the version before got right and this one gets wrong, where that was allowed. */
  readonly worse: readonly LabelledRow[];
}

/** A version of an expert that is kept in this browser. */
export interface ExpertVersion {
  readonly id: string;
  readonly name: string;
  /** Absent: tells texts apart. */
  readonly task?: 'entities';
  readonly isSigned: boolean;
  readonly version: number;
  /** The one that answers where an expert is asked for by its id. */
  readonly isCurrent: boolean;
  /** Milliseconds since 1970. */
  readonly keptAt: number;
  readonly rows: number;
  readonly accuracy: number;
  readonly dataHash: string;
}
