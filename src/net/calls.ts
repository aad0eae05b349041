/** The calls in progress: each can be stopped by its id, and all that concern one model together. */
export class Calls {
  readonly #running = new Map<
    string,
    { readonly modelId: string; readonly controller: AbortController; readonly end: Promise<unknown> }
  >();

  /** Runs a body under an id. A second call of the same id replaces the first as the one that `abort` reaches. */
  async run<T>(callId: string, modelId: string, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const result = body(controller.signal);
    const call = { modelId, controller, end: result.catch(() => {}) };
    this.#running.set(callId, call);
    try {
      return await result;
    } finally {
      if (this.#running.get(callId) === call) this.#running.delete(callId);
    }
  }

  /** Stops a call; unknown ids are ignored. */
  abort(callId: string): void {
    this.#running.get(callId)?.controller.abort();
  }

  /** Stops every call that concerns a model, and resolves when they have ended. */
  async abortModel(modelId: string): Promise<void> {
    const calls = [...this.#running.values()].filter((call) => call.modelId === modelId);
    for (const { controller } of calls) controller.abort();
    await Promise.all(calls.map(({ end }) => end));
  }
}
