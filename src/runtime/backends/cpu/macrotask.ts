/**
 * Resolves after the event loop has had a turn, so that messages (an abort, above all) come in between two stretches of
 * computing. A microtask would not let them, `setTimeout` waits 4 ms when nested, a channel costs a few microseconds.
 */
export class MacrotaskQueue {
  readonly #channel = new MessageChannel();
  #resolve: (() => void) | undefined;

  constructor() {
    this.#channel.port1.onmessage = () => this.#resolve?.();
  }

  /** One call at a time. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#channel.port2.postMessage(null);
    });
  }

  /** A turn that is awaited ends at once: a closed channel would never end it. */
  dispose(): void {
    this.#channel.port1.close();
    this.#resolve?.();
  }
}
