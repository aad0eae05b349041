import type { ExpertArtefact } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { JobRunner, TaskOptions } from './job-runner.ts';

export interface Entity {
  readonly kind: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly value: string;
  readonly score: number;
}

export interface Classified {
  readonly label: string;
  readonly score: number;
  readonly isKnown: boolean;
  readonly scores: readonly { readonly label: string; readonly score: number }[];
  readonly model: string;
}

type Result<T> = Promise<T & { readonly model: string }>;

/** What a larger model is needed for, and which one of the catalogue would do. */
const NEEDS_A_MODEL: Readonly<Record<string, string>> = {
  translate: 'a translation model (Marian or T5 as ONNX), loaded with sotto.onnx.load(…, "translation")',
  rewrite: 'a chat model of 1,000 million parameters or more',
};

/** `sotto.tasks`: one typed call for each thing people do with texts. Every answer says which model or rule gave it. */
export class Tasks {
  readonly #jobs: JobRunner;

  constructor(jobs: JobRunner) {
    this.#jobs = jobs;
  }

  /** Any operation of the flows by its name. */
  run(
    task: string,
    given: Readonly<Record<string, unknown>>,
    settings: Readonly<Record<string, unknown>> = {},
    options: TaskOptions & { readonly experts?: readonly ExpertArtefact[] } = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#jobs.run('task.run', { task, given, settings, experts: options.experts ?? [] }, options);
  }

  /** By an expert of the product ("intent", "sentiment", "spam" …) or one's own. */
  async classify(text: string, expert: string | ExpertArtefact, options: TaskOptions = {}): Promise<Classified> {
    const own = typeof expert === 'string' ? {} : { experts: [expert] };
    const settings = { expert: typeof expert === 'string' ? expert : expert.id };
    return (await this.run('expert.classify', { text }, settings, { ...options, ...own })) as unknown as Classified;
  }

  sentiment(text: string, options?: TaskOptions): Promise<Classified> {
    return this.classify(text, 'sentiment', options);
  }

  intent(text: string, options?: TaskOptions): Promise<Classified> {
    return this.classify(text, 'intent', options);
  }

  async screen(text: string, options: TaskOptions = {}) {
    const { output } = await this.#jobs.run('flow.run', { flow: 'spam', input: text }, options);
    return output as { readonly label: string; readonly score: number; readonly reasons: readonly string[] };
  }

  /** Among labels that were never learned: by likeness of meaning, which is a guess and scored as one. */
  zeroShot(text: string, labels: readonly string[], options?: TaskOptions) {
    return this.run('task.zero-shot', { text }, { labels }, options) as Result<Omit<Classified, 'isKnown' | 'model'>>;
  }

  language(text: string, options?: TaskOptions) {
    return this.run('task.language', { text }, {}, options) as Result<{
      readonly language: string;
      readonly score: number;
    }>;
  }

  entities(
    text: string,
    settings: { readonly kinds?: readonly string[]; readonly products?: readonly string[] } = {},
    options?: TaskOptions,
  ) {
    return this.run('task.entities', { text }, settings, options) as Result<{ readonly entities: readonly Entity[] }>;
  }

  /** Personal data replaced by placeholders. What was taken out comes back only where `originals` asks for it. */
  redact(
    text: string,
    settings: { readonly kinds?: readonly string[]; readonly originals?: boolean } = {},
    options?: TaskOptions,
  ) {
    return this.run('task.redact', { text }, settings, options) as Result<{
      readonly text: string;
      readonly found: readonly (Omit<Entity, 'text' | 'value'> &
        Partial<Pick<Entity, 'text' | 'value'>> & { readonly placeholder: string })[];
    }>;
  }

  /** Fields by their labels and forms; nothing that stands nowhere in the text. */
  extract(text: string, fields: readonly Readonly<Record<string, unknown>>[], options?: TaskOptions) {
    return this.run('task.extract', { text }, { fields }, options) as Result<{
      readonly record: Readonly<Record<string, unknown>>;
      readonly missing: readonly string[];
    }>;
  }

  /** The sentences that say most; a long text part by part. */
  summarise(text: string | readonly string[], settings: { readonly sentences?: number } = {}, options?: TaskOptions) {
    return this.run('task.summarise', { text }, settings, options) as Result<{
      readonly text: string;
      readonly bullets: readonly string[];
    }>;
  }

  keyphrases(text: string, options?: TaskOptions) {
    return this.run('task.keyphrases', { text }, {}, options) as Result<{
      readonly phrases: readonly { readonly text: string; readonly score: number }[];
    }>;
  }

  similarity(a: string, b: string, options?: TaskOptions) {
    return this.run('task.similarity', { a, b }, {}, options) as Result<{ readonly score: number }>;
  }

  cluster(texts: readonly string[], settings: { readonly similarity?: number } = {}, options?: TaskOptions) {
    return this.run('task.cluster', { texts }, settings, options) as Result<{
      readonly clusters: readonly {
        readonly label: string;
        readonly size: number;
        readonly texts: readonly string[];
      }[];
    }>;
  }

  recommend(wish: string, items: readonly object[], options?: TaskOptions) {
    return this.run('task.recommend', { wish, items }, {}, options) as Result<{
      readonly items: readonly { readonly id: string; readonly name: string; readonly score: number }[];
    }>;
  }

  /** Sentences of the documents that answer, each with its source. */
  async answer(question: string, documents: unknown, options: TaskOptions = {}) {
    const { output } = await this.#jobs.run(
      'flow.run',
      { flow: 'search-report', input: { question, documents } },
      options,
    );
    return output as { readonly answer: string; readonly citations: readonly object[]; readonly isSupported: boolean };
  }

  /** Rejects with `task-unavailable`: nothing that the product brings translates. The message says what would. */
  translate(): Promise<never> {
    return this.#unavailable('translate');
  }

  /** Rejects with `task-unavailable` likewise. */
  rewrite(): Promise<never> {
    return this.#unavailable('rewrite');
  }

  #unavailable(task: string): Promise<never> {
    return Promise.reject(new SottoError('task-unavailable', `To ${task}, install ${NEEDS_A_MODEL[task]}.`));
  }
}
