import { abortError, SottoError } from '../../shared/index.ts';

/**
 * The calls that wait or run, each abortable by its name. Calls that share the model run side by side; one that changes it
 * waits for all before it, and all after it wait for it.
 */
export class Calls {
  readonly #controllers = new Map<string, AbortController>();
  readonly #sharing = new Set<Promise<unknown>>();
  #exclusive: Promise<unknown> = Promise.resolve();

  /** Runs `body` beside others. */
  share<T>(callId: string, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#run(callId, this.#exclusive, body, (end) => {
      this.#sharing.add(end);
      void end.then(() => this.#sharing.delete(end));
    });
  }

  /** Runs `body` alone. */
  alone<T>(callId: string, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#run(callId, this.#all(), body, (end) => {
      this.#exclusive = end;
    });
  }

  /** Aborts a call; unknown names are ignored. */
  abort(callId: string): void {
    this.#controllers.get(callId)?.abort();
  }

  /** Aborts all calls and runs `body` when they have ended. */
  async end(body: () => void): Promise<void> {
    for (const controller of this.#controllers.values()) controller.abort();
    this.#exclusive = this.#all().then(body);
    await this.#exclusive;
  }

  #all(): Promise<unknown> {
    return Promise.all([this.#exclusive, ...this.#sharing]);
  }

  /** Runs `body` after `before`. An abort takes a call that waits out of the queue at once. */
  async #run<T>(
    callId: string,
    before: Promise<unknown>,
    body: (signal: AbortSignal) => Promise<T>,
    register: (end: Promise<unknown>) => void,
  ): Promise<T> {
    if (this.#controllers.has(callId)) {
      throw new SottoError('invalid-option', `A call named "${callId}" runs already.`, {
        details: { option: 'callId' },
      });
    }
    const controller = new AbortController();
    const { signal } = controller;
    this.#controllers.set(callId, controller);
    const turn = before.then(() => (signal.aborted ? Promise.reject(abortError()) : body(signal)));
    register(turn.catch(() => {}));
    let hasBegun = false;
    void before.then(() => {
      hasBegun = true;
    });
    const left = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => hasBegun || reject(abortError()), { once: true });
    });
    try {
      return await Promise.race([turn, left]);
    } finally {
      this.#controllers.delete(callId);
    }
  }
}
