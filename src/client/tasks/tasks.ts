import type { ExpertArtefact } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { checkOptions, type OptionKind, type OptionTable } from '../options.ts';
import type { JobRunner, TaskOptions } from './job-runner.ts';
import type { TableResult, TaskTable } from './task-table.ts';
import type {
  Answered,
  AnswerSettings,
  Classified,
  Entity,
  Extracted,
  ManyOptions,
  Moderated,
  Redacted,
  Summarised,
  SummarySettings,
  TaskResult,
  TaskSettings,
  TasksOfMany,
  Translated,
  WritingSettings,
} from './task-types.ts';

const WRITING: OptionTable<WritingSettings> = { model: 'text', leastParameters: 'count' };

/** What each call may be told beside its text. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, OptionKind>>>> = {
  'expert.classify': { expert: 'text', explain: 'flag' },
  'task.zero-shot': { labels: 'list' },
  'task.entities': { kinds: 'list', products: 'list' },
  'task.redact': { kinds: 'list', originals: 'flag' },
  'task.extract': { fields: 'list', schema: 'any' },
  'task.summarise': {
    ...WRITING,
    by: ['auto', 'model', 'sentences'],
    style: ['short', 'bullets'],
    sentences: 'count',
  } satisfies OptionTable<SummarySettings>,
  'task.translate': { ...WRITING, from: 'text', to: 'text' },
  'task.rewrite': { ...WRITING, how: 'text' },
  'task.autocomplete': { ...WRITING, count: 'count', maxTokens: 'count' },
  'task.cluster': { similarity: 'any' },
  'task.answer': { ...WRITING, by: ['sentences', 'model'] } satisfies OptionTable<AnswerSettings>,
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
    settings: TaskSettings = {},
    { experts = [], ...options }: TaskOptions & { readonly experts?: readonly ExpertArtefact[] } = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#jobs.run('task.run', { task, given, settings, experts }, options);
  }

  /** The same operation for many inputs: progress comes as `task-progress`, and an input that fails keeps no other from its result. */
  async many(
    task: string,
    inputs: TasksOfMany,
    settings: TaskSettings = {},
    { experts = [], ...options }: ManyOptions = {},
  ) {
    if (!Array.isArray(inputs)) throw new SottoError('task-input', '"inputs" must be a list of texts or records.');
    const records = inputs.map((one) => (typeof one === 'string' ? { text: one } : one));
    return this.#jobs.run('task.many', { task, inputs: records, settings, experts }, options);
  }

  /** The same for each row of a table: CSV in, CSV out. Broken rows are kept aside and listed. */
  async table(csv: string | Blob, request: TaskTable, options: ManyOptions = {}): Promise<TableResult> {
    const { runTable } = await import('./task-table.ts');
    return runTable(this, csv, request, options);
  }

  /**
   * By an expert of the product ("intent", "sentiment", "spam" …) or one's own. `explain`: the words or sentences it rests on, as
   * `evidence`.
   */
  classify(
    text: string,
    expert: string | ExpertArtefact,
    { explain, ...options }: TaskOptions & { readonly explain?: boolean } = {},
  ): TaskResult<Classified> {
    const [id, experts] = typeof expert === 'string' ? [expert, []] : [expert.id, [expert]];
    const settings = { expert: id, ...(explain === undefined ? {} : { explain }) };
    return this.#ask<Classified>('expert.classify', { text }, settings, { ...options, experts });
  }

  sentiment(text: string, options?: TaskOptions & { readonly explain?: boolean }): TaskResult<Classified> {
    return this.classify(text, 'sentiment', options);
  }

  intent(text: string, options?: TaskOptions & { readonly explain?: boolean }): TaskResult<Classified> {
    return this.classify(text, 'intent', options);
  }

  /** Legitimate, spam or fraud, with reasons. */
  async screen(text: string, options: TaskOptions = {}) {
    const { output } = await this.#jobs.run('flow.run', { flow: 'spam', input: text }, options);
    return output as {
      readonly label: string;
      readonly score: number;
      readonly reasons: readonly string[];
      readonly model: string;
    };
  }

  /** Among labels that were never learned: by likeness of meaning, which is a guess and scored as one. */
  zeroShot(text: string, labels: readonly string[], options?: TaskOptions) {
    return this.#ask<Omit<Classified, 'isKnown' | 'evidence'>>('task.zero-shot', { text }, { labels }, options);
  }

  language(text: string, options?: TaskOptions) {
    return this.#ask<{
      readonly language: string;
      readonly score: number;
    }>('task.language', { text }, {}, options);
  }

  entities(
    text: string,
    settings: { readonly kinds?: readonly string[]; readonly products?: readonly string[] } = {},
    options?: TaskOptions,
  ) {
    return this.#ask<{
      readonly entities: readonly Entity[];
    }>('task.entities', { text }, settings, options);
  }

  /** Personal data replaced by placeholders. What was taken out comes back only where `originals` asks for it. */
  redact(
    text: string,
    settings: { readonly kinds?: readonly string[]; readonly originals?: boolean } = {},
    options?: TaskOptions,
  ) {
    return this.#ask<Redacted>('task.redact', { text }, settings, options);
  }

  /** What should be looked at before a text is shown: threats, insults, deceit, personal data, each with its place. */
  moderate(text: string, options?: TaskOptions) {
    return this.#ask<Moderated>('task.moderate', { text }, {}, options);
  }

  /**
   * Fields by their labels and forms (a list of rules), or by JSON Schema with a language model. Either way nothing is kept that stands nowhere
   * in the text: `evidence` has the place of each value, `unsupported` what the model made up.
   */
  extract(
    text: string,
    what: readonly Readonly<Record<string, unknown>>[] | { readonly schema: Readonly<Record<string, unknown>> },
    options?: TaskOptions,
  ) {
    const settings = 'schema' in what ? what : { fields: what };
    return this.#ask<Extracted>('task.extract', { text }, settings, options);
  }

  /**
   * Few words for many; a long text part by part. `by`: `model` writes, `sentences` takes the sentences that say most, `auto` (the default)
   * writes where a model that is good enough is here. `style`: `short` or `bullets`.
   */
  summarise(text: string | readonly string[], settings: SummarySettings = {}, options?: TaskOptions) {
    return this.#ask<Summarised>('task.summarise', { text }, { by: 'auto', ...settings }, options);
  }

  /**
   * By the translation model that `sotto.onnx.load(…, 'translation')` made ready, else by a chat model that is good enough. Rejects with
   * `task-unavailable`, naming what would do, where none is stored here.
   */
  translate(
    text: string,
    settings: { readonly from?: string; readonly to: string } & WritingSettings,
    options?: TaskOptions,
  ) {
    return this.#ask<Translated>('task.translate', { text }, settings, options);
  }

  /** `how`: "shorter", "friendlier", "in plain language". Rejects with `task-unavailable` likewise. */
  rewrite(text: string, settings: { readonly how: string } & WritingSettings, options?: TaskOptions) {
    return this.#ask<{
      readonly text: string;
      /** Figures of the text that the new one lacks, and the other way round. */
      readonly lost: readonly string[];
      readonly added: readonly string[];
    }>('task.rewrite', { text }, settings, options);
  }

  /** Ways a text may go on. */
  autocomplete(
    text: string,
    settings: { readonly count?: number; readonly maxTokens?: number } & WritingSettings = {},
    options?: TaskOptions,
  ) {
    return this.#ask<{
      readonly text: string;
      readonly suggestions: readonly string[];
    }>('task.autocomplete', { text }, settings, options);
  }

  keyphrases(text: string, options?: TaskOptions) {
    return this.#ask<{
      readonly phrases: readonly { readonly text: string; readonly score: number }[];
    }>('task.keyphrases', { text }, {}, options);
  }

  similarity(a: string, b: string, options?: TaskOptions) {
    return this.#ask<{ readonly score: number }>('task.similarity', { a, b }, {}, options);
  }

  cluster(texts: readonly string[], settings: { readonly similarity?: number } = {}, options?: TaskOptions) {
    return this.#ask<{
      readonly clusters: readonly {
        readonly label: string;
        readonly size: number;
        readonly texts: readonly string[];
      }[];
    }>('task.cluster', { texts }, settings, options);
  }

  recommend(wish: string, items: readonly object[], options?: TaskOptions) {
    return this.#ask<{
      readonly items: readonly { readonly id: string; readonly name: string; readonly score: number }[];
    }>('task.recommend', { wish, items }, {}, options);
  }

  /**
   * An answer out of documents. `by`: `sentences` (the default) quotes them; `model` writes it, and every sentence that the documents do not
   * support is taken out and listed as `unsupported`.
   */
  async answer(
    question: string,
    documents: unknown,
    { signal, onEvent, ...settings }: TaskOptions & AnswerSettings = {},
  ): Promise<Answered> {
    const options = { signal, onEvent };
    const { passages } = await this.run('task.search', { query: question, documents }, { most: 5 }, options);
    return await this.#ask('task.answer', { question, passages }, { ...settings }, options);
  }

  async #ask<T>(
    task: string,
    given: Readonly<Record<string, unknown>>,
    settings: object,
    options: Parameters<Tasks['run']>[3],
  ): TaskResult<T> {
    checkOptions(settings as Readonly<Record<string, unknown>>, SETTINGS[task] ?? {});
    return this.run(task, given, { ...settings }, options) as Promise<unknown> as TaskResult<T>;
  }
}
