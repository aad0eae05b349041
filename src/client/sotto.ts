/// <reference lib="esnext.disposable" preserve="true" />
import type { Policy } from '../policy/index.ts';
import type { SottoError } from '../shared/index.ts';
import type { BackgroundMode } from './background.ts';
import { ChatCompletions } from './chat-completions.ts';
import { CompletionRunner } from './completion-runner.ts';
import type { Embeddings } from './embeddings.ts';
import type { Lazy } from './lazily.ts';
import { lazyCompletions, lazyEmbeddings, lazyRetrieval } from './lazy-parts.ts';
import { type LazyLibrary, withLibrary } from './library/index.ts';
import { serveLocalApi } from './local-api/index.ts';
import { Models } from './models.ts';
import { checkOptions } from './options.ts';
import type { Retrieval } from './retrieval.ts';
import { type Sessions, sessionsOf } from './sessions/index.ts';
import { type LazyTasks, lazyTasks } from './tasks/index.ts';
import type { Completions } from './text-completions.ts';
import { createWorkers, type EngineRenewedEvent, type WorkerName, type Workers } from './workers.ts';

/** Told to listeners of `worker-lost`: which thread died and why. Its next call starts a new one. */
export interface WorkerLostEvent {
  readonly worker: WorkerName;
  readonly error: SottoError;
}

/** What can be listened to. */
export interface SottoEvents {
  readonly 'worker-lost': WorkerLostEvent;
  readonly 'engine-renewed': EngineRenewedEvent;
}

export interface SottoOptions {
  /**
   * Whether this page answers requests that pages of this origin send to its own `/v1`, through the service worker.
   * Default: true.
   */
  readonly servesLocalApi?: boolean;
  /**
   * Address of the folder with the library's threads and engines, on the page's own origin. Needed where a bundler put the
   * library into a file of the page; absent: the folder that the library was loaded from.
   */
  readonly runtime?: string;
  /** What answers do while this page is hidden; absent: `continue`. */
  readonly background?: BackgroundMode;
}

/**
 * The runtime: models, and answers from them, entirely on this device.
 * Threads start when they are first needed; everything is loaded from the page's own origin.
 */
export class Sotto {
  readonly models: Models & LazyLibrary;
  readonly chat: { readonly completions: ChatCompletions };
  readonly completions: Lazy<Completions>;
  readonly embeddings: Lazy<Embeddings>;
  /** Conversations, and what was read for them, kept across reloads. */
  readonly sessions: Sessions;
  /** ONNX models, by transformers.js on onnxruntime-web. */
  readonly onnx: LazyTasks['onnx'];
  /** Documents: read, cut into passages, and searched. */
  readonly retrieval: Lazy<Retrieval>;
  /** What people do with texts, one typed call each. */
  readonly tasks: LazyTasks['tasks'];
  /** Narrow models trained here. */
  readonly experts: LazyTasks['experts'];
  /** Pipelines of small models. */
  readonly flows: LazyTasks['flows'];
  readonly #workers: Workers;
  readonly #stopServing: () => void;
  readonly #listeners: { readonly [E in keyof SottoEvents]: Set<(event: SottoEvents[E]) => void> } = {
    'worker-lost': new Set(),
    'engine-renewed': new Set(),
  };

  private constructor({ servesLocalApi = true, runtime, background }: SottoOptions) {
    this.#workers = createWorkers(
      (worker, error) => this.#tell('worker-lost', { worker, error }),
      (event) => this.#tell('engine-renewed', event),
      runtime,
    );
    if (background !== undefined) this.background = background;
    this.models = withLibrary(new Models(this.#workers), this.#workers);
    const runner = new CompletionRunner(this.#workers, this.models);
    this.chat = { completions: new ChatCompletions(runner, () => this.flows) };
    this.completions = lazyCompletions(runner);
    this.embeddings = lazyEmbeddings(this.#workers);
    this.retrieval = lazyRetrieval(this.#workers);
    this.sessions = sessionsOf(this.#workers, this.models, this.chat.completions);
    const { onnx, tasks, experts, flows } = lazyTasks(this.#workers, this);
    this.onnx = onnx;
    this.tasks = tasks;
    this.experts = experts;
    this.flows = flows;
    const container = servesLocalApi ? navigator.serviceWorker : undefined;
    this.#stopServing = container === undefined ? () => {} : serveLocalApi(this, container);
  }

  /** What answers do while this page is hidden: `continue`, or `pause` until it is shown again. Throws `invalid-option`. */
  get background(): BackgroundMode {
    return this.#workers.background.mode;
  }

  set background(mode: BackgroundMode) {
    this.#workers.background.mode = mode;
  }

  /** Rejects with `invalid-option`; threads start, and can fail, when they are first needed. */
  static async create(options: SottoOptions = {}): Promise<Sotto> {
    checkOptions(options, { servesLocalApi: 'flag', runtime: 'text', background: ['continue', 'pause'] });
    return new Sotto(options);
  }

  /** What whoever runs this site allows (`sotto.policy.json`). Rejects with `policy-invalid`: then nothing is allowed. */
  policy(): Promise<Policy> {
    return this.#workers.download.call(({ port }) => port.policy());
  }

  /**
   * Listens for a thread that died by itself, or for an engine that was lost and made anew in mid-answer; returns the
   * function that stops listening.
   */
  on<E extends keyof SottoEvents>(event: E, listener: (event: SottoEvents[E]) => void): () => void {
    this.#listeners[event].add(listener);
    return () => this.#listeners[event].delete(listener);
  }

  #tell<E extends keyof SottoEvents>(name: E, event: SottoEvents[E]): void {
    for (const listener of this.#listeners[name]) listener(event);
  }

  /** Ends all threads and gives their memory back; pending calls reject with `disposed`. A later call starts afresh. */
  dispose(): void {
    this.#stopServing();
    this.#workers.background.dispose();
    this.models.dispose();
    const { inference, download, sandbox, ingest, tasks, embedding } = this.#workers;
    inference.leave();
    for (const worker of [download, sandbox, ingest, tasks, embedding]) worker.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }
}
