import type {
  ExpertArtefact,
  ExpertEvaluation,
  ExpertPrediction,
  ExpertTraining,
  ExpertTrainRequest,
  LabelledRow,
} from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { JobRunner, TaskOptions } from './job-runner.ts';

/** Two versions of an expert on the same rows. */
export interface ExpertComparison {
  readonly before: ExpertEvaluation;
  readonly after: ExpertEvaluation;
  /** Rows that the old version got right and the new one gets wrong. */
  readonly worse: ExpertEvaluation['wrong'];
}

/** `sotto.experts`: narrow models trained here, on data that never leaves. An expert is plain JSON: keep it, compare it, send it on. */
export class Experts {
  readonly #jobs: JobRunner;

  constructor(jobs: JobRunner) {
    this.#jobs = jobs;
  }

  /** Learns from rows; needs seconds. Rejects with `expert-invalid` naming what the rows lack. */
  train(request: ExpertTrainRequest, options?: TaskOptions): Promise<ExpertTraining> {
    return this.#jobs.run('expert.train', request, options);
  }

  predict(
    expert: ExpertArtefact | string,
    texts: readonly string[],
    options?: TaskOptions,
  ): Promise<readonly ExpertPrediction[]> {
    return this.#jobs.run('expert.predict', { expert, texts }, options);
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

  /** Signs an expert with an Ed25519 key pair, so that others can tell that it is yours and unchanged. */
  sign(expert: ExpertArtefact, keys: CryptoKeyPair, options?: TaskOptions): Promise<ExpertArtefact> {
    return this.#jobs.run('expert.sign', { expert, keys }, options);
  }

  /** A file that `import` reads again, byte for byte. */
  export(expert: ExpertArtefact): Blob {
    return new Blob([JSON.stringify(expert)], { type: 'application/json' });
  }

  /** Reads an exported expert. With keys, only one that is signed by one of them and unchanged since. */
  async import(
    file: Blob,
    options: TaskOptions & { readonly trustedKeys?: readonly string[] } = {},
  ): Promise<ExpertArtefact> {
    let expert: unknown;
    try {
      expert = JSON.parse(await file.text());
    } catch (cause) {
      throw new SottoError('expert-invalid', 'The file is no JSON.', { cause });
    }
    const trusted = options.trustedKeys === undefined ? {} : { trustedKeys: options.trustedKeys };
    return this.#jobs.run('expert.check', { expert, ...trusted }, options);
  }
}
