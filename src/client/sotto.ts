import type { SottoError } from '../shared/index.ts';
import { ChatCompletions } from './chat-completions.ts';
import { CompletionRunner } from './completion-runner.ts';
import { Models } from './models.ts';
import { Completions } from './text-completions.ts';
import { createWorkers, type WorkerName, type Workers } from './workers.ts';

/** Told to listeners of `worker-lost`: which thread died and why. Its next call starts a new one. */
export interface WorkerLostEvent {
  readonly worker: WorkerName;
  readonly error: SottoError;
}

/**
 * The runtime: models, and answers from them, entirely on this device.
 * Threads start when they are first needed; everything is loaded from the page's own origin.
 */
export class Sotto {
  readonly models: Models;
  readonly chat: { readonly completions: ChatCompletions };
  readonly completions: Completions;
  readonly #workers: Workers;
  readonly #lostListeners = new Set<(event: WorkerLostEvent) => void>();

  private constructor() {
    this.#workers = createWorkers((worker, error) => {
      for (const listener of this.#lostListeners) listener({ worker, error });
    });
    this.models = new Models(this.#workers);
    const runner = new CompletionRunner(this.#workers, this.models);
    this.chat = { completions: new ChatCompletions(runner) };
    this.completions = new Completions(runner);
  }

  static async create(): Promise<Sotto> {
    return new Sotto();
  }

  /** Listens for a thread that died by itself; returns the function that stops listening. */
  on(_event: 'worker-lost', listener: (event: WorkerLostEvent) => void): () => void {
    this.#lostListeners.add(listener);
    return () => this.#lostListeners.delete(listener);
  }

  /** Ends all threads and gives their memory back; pending calls reject with `disposed`. A later call starts afresh. */
  dispose(): void {
    this.models.dispose();
    for (const worker of Object.values(this.#workers)) worker.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }
}
