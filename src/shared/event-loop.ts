/** How long a thread may compute before messages, an abort among them, get their turn. Each turn costs 0.2 ms. */
const SLICE_MS = 32;

/** When this thread's messages had their last turn that was asked for here. */
let lastTurn = Number.NEGATIVE_INFINITY;

/** Lets messages in, for whoever computes for long, if their last turn is long enough ago. */
export async function letMessagesIn(): Promise<void> {
  if (performance.now() - lastTurn >= SLICE_MS) await nextTurn();
}

/**
 * Resolves when messages that wait by now have been heard. A microtask would not let them in, and browsers stretch nested timers
 * to 4 ms: a message channel costs microseconds.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      lastTurn = performance.now();
      resolve();
    };
    port2.postMessage(null);
  });
}
