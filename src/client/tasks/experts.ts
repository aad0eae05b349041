import type {
  Distillation,
  DistillRequest,
  EntityTraining,
  EntityTrainRequest,
  ExpertArtefact,
  ExpertEvaluation,
  ExpertKeepRequest,
  ExpertPrediction,
  ExpertSettings,
  ExpertTraining,
  ExpertTrainRequest,
  LabelledRow,
  LabelledText,
} from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { checkOptions, type OptionTable } from '../options.ts';
import type { JobRunner, TaskOptions } from './job-runner.ts';

/** Two versions of an expert on the same rows. */
export interface ExpertComparison {
  readonly before: ExpertEvaluation;
  readonly after: ExpertEvaluation;
  /** Rows that the old version got right and the new one gets wrong. */
  readonly worse: ExpertEvaluation['wrong'];
}

const SETTINGS: OptionTable<ExpertSettings> = {
  regularisation: 'any',
  folds: 'any',
  classWeights: ['balanced', 'none'],
  ngramBuckets: 'any',
  ngramWeight: 'any',
  testShare: 'any',
  seed: 'any',
};
const TRAINING: OptionTable<EntityTrainRequest> = {
  id: 'text',
  name: 'text',
  rows: 'any',
  settings: 'any',
  previous: 'any',
};
const DISTILLING: OptionTable<DistillRequest> = {
  ...TRAINING,
  labels: 'any',
  instructions: 'text',
  texts: 'any',
  checked: 'any',
  model: 'text',
  leastParameters: 'count',
};

/** `sotto.experts`: narrow models trained here, on data that never leaves. An expert is plain JSON: keep it, compare it, send it on. */
export class Experts {
  readonly #jobs: JobRunner;

  constructor(jobs: JobRunner) {
    this.#jobs = jobs;
  }

  /** Learns from rows; needs seconds. Rejects with `expert-invalid` naming what the rows lack. */
  async train(request: ExpertTrainRequest, options?: TaskOptions): Promise<ExpertTraining> {
    checkOptions(request, { ...TRAINING, unlabelled: 'list' });
    checkOptions(request.settings ?? {}, SETTINGS);
    return this.#jobs.run('expert.train', request, options);
  }

  /** With `examples` (the rows it learned from, say), the nearest of them in meaning come with each prediction: why it may think so. */
  async predict(
    expert: ExpertArtefact | string,
    texts: readonly string[],
    { examples, ...options }: TaskOptions & { readonly examples?: readonly LabelledRow[] } = {},
  ): Promise<readonly ExpertPrediction[]> {
    checkTexts(texts);
    const given = examples === undefined ? {} : { examples };
    return this.#jobs.run('expert.predict', { expert, texts, ...given }, options);
  }

  evaluate(
    expert: ExpertArtefact | string,
    rows: readonly LabelledRow[],
    options?: TaskOptions,
  ): Promise<ExpertEvaluation> {
    return this.#jobs.run('expert.evaluate', { expert, rows }, options);
  }

  /** Holds two versions against the same rows, which neither should have learned from. */
  async compare(
    before: ExpertArtefact,
    after: ExpertArtefact,
    rows: readonly LabelledRow[],
    options?: TaskOptions,
  ): Promise<ExpertComparison> {
    const [old, next] = [await this.evaluate(before, rows, options), await this.evaluate(after, rows, options)];
    const wasWrong = new Set(old.wrong.map(({ text }) => text));
    return { before: old, after: next, worse: next.wrong.filter(({ text }) => !wasWrong.has(text)) };
  }

  /**
   * A larger model that is stored here labels raw texts, held to the labels while it writes; the expert learns from them. With rows that a person
   * labelled as `checked`, accuracy before and after is measured. Progress comes as `task-progress`. Rejects with `task-unavailable` where no model
   * is good enough.
   */
  async distill(request: DistillRequest, options?: TaskOptions): Promise<Distillation> {
    checkOptions(request, DISTILLING);
    checkOptions(request.settings ?? {}, SETTINGS);
    return this.#jobs.run('expert.distill', request, options);
  }

  /** Learns to find names in texts, from texts in which they are marked. */
  async trainEntities(request: EntityTrainRequest, options?: TaskOptions): Promise<EntityTraining> {
    checkOptions(request, TRAINING);
    checkOptions(request.settings ?? {}, SETTINGS);
    return this.#jobs.run('expert.train-entities', request, options);
  }

  /** The names in each text, by an expert that `trainEntities` made. */
  async find(expert: ExpertArtefact | string, texts: readonly string[], options?: TaskOptions) {
    checkTexts(texts);
    return this.#jobs.run('expert.find', { expert, texts }, options);
  }

  evaluateEntities(expert: ExpertArtefact | string, rows: readonly LabelledText[], options?: TaskOptions) {
    return this.#jobs.run('expert.evaluate-entities', { expert, rows }, options);
  }

  /**
   * Keeps a version in this browser; from now on it answers wherever the expert is asked for by its id, in flows too. Rejects with `expert-worse`
   * where it gets one of the `regression` rows wrong that the version before got right.
   */
  async keep(expert: ExpertArtefact, change: Omit<ExpertKeepRequest, 'expert'> = {}, options?: TaskOptions) {
    checkOptions(change, { regression: 'list', allowWorse: 'flag' });
    return this.#jobs.run('expert.keep', { expert, ...change }, options);
  }

  /** The version that answers by its id: one that is kept here, else the product's. With `version`: that one of those kept here. */
  get(id: string, { version, ...options }: TaskOptions & { readonly version?: number } = {}): Promise<ExpertArtefact> {
    return this.#jobs.run('expert.get', version === undefined ? { id } : { id, version }, options);
  }

  /** Versions that are kept here, oldest first. */
  versions(id?: string, options?: TaskOptions) {
    return this.#jobs.run('expert.versions', id === undefined ? {} : { id }, options);
  }

  /** Lets an earlier version answer again, or a later one. */
  rollback(id: string, version: number, options?: TaskOptions): Promise<ExpertArtefact> {
    return this.#jobs.run('expert.use', { id, version }, options);
  }

  /** Deletes every version of an expert, and its rows; with `version` that one alone, and the newest of the others answers. */
  async forget(id: string, { version, ...options }: TaskOptions & { readonly version?: number } = {}): Promise<void> {
    await this.#jobs.run('expert.forget', version === undefined ? { id } : { id, version }, options);
  }

  /** Signs an expert with an Ed25519 key pair, so that others can tell that it is yours and unchanged. */
  sign(expert: ExpertArtefact, keys: CryptoKeyPair, options?: TaskOptions): Promise<ExpertArtefact> {
    return this.#jobs.run('expert.sign', { expert, keys }, options);
  }

  /** Reads an exported expert. With keys, only one that is signed by one of them and unchanged since. */
  async import(
    file: Blob,
    { trustedKeys, ...options }: TaskOptions & { readonly trustedKeys?: readonly string[] } = {},
  ): Promise<ExpertArtefact> {
    let expert: unknown;
    try {
      expert = JSON.parse(await file.text());
    } catch (cause) {
      throw new SottoError('expert-invalid', 'The file is no JSON.', { cause });
    }
    const trusted = trustedKeys === undefined ? {} : { trustedKeys };
    return this.#jobs.run('expert.check', { expert, ...trusted }, options);
  }
}

function checkTexts(texts: unknown): void {
  if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return;
  throw new SottoError('task-input', '"texts" must be a list of texts.');
}
