/** How long work may go on before messages, an abort among them, get their turn. */
const SLICE_MS = 12;

/**
 * Lets waiting messages in now and then, so that an abort arrives in the middle of long work. A message channel is used
 * because browsers stretch nested timers to 4 ms.
 */
export class EventLoopPause {
  #last = performance.now();

  /** Waits one turn of the event loop if the last one is long enough ago. */
  async ifDue(): Promise<void> {
    if (performance.now() - this.#last < SLICE_MS) return;
    await nextTurn();
    this.#last = performance.now();
  }
}

/** Resolves when messages that wait by now have been heard. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
