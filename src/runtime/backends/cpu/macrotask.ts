/**
 * Resolves after the event loop has had a turn, so that messages (an abort, above all) come in between two stretches of
 * computing. A microtask would not let them, `setTimeout` waits 4 ms when nested, a channel costs a few microseconds.
 */
export class MacrotaskQueue {
  readonly #channel = new MessageChannel();
  #resolve: (() => void) | undefined;
  #isClosed = false;

  constructor() {
    this.#channel.port1.onmessage = () => this.#resolve?.();
  }

  /** One call at a time. */
  turn(): Promise<void> {
    // A caller that waited for something else meanwhile comes here after the end: it sees for itself that it is over.
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#channel.port2.postMessage(null);
    });
  }

  /** A turn that is awaited ends at once: a closed channel would never end it. */
  dispose(): void {
    this.#isClosed = true;
    this.#channel.port1.close();
    this.#resolve?.();
  }
}
