import type { DecoderBackend } from '../decoder-backend.ts';

/** Tokens timed with each number of threads, in turns: the first are slower, for the browser still compiles the kernels. */
const TRIAL_TOKENS = 3;
/** A large model is not kept waiting: what was not tried by then is not chosen. */
const MOST_MS = 800;
/** Fewer threads must be so much faster, else more are used. */
const MARGIN = 0.93;

/**
 * The number of threads that decodes fastest here: all, half of them, or one. Takes some twenty tokens and leaves the KV cache
 * empty. Rejects with what the engine rejects with.
 */
export async function probeThreads(
  backend: DecoderBackend,
  now: () => number = () => performance.now(),
): Promise<number> {
  const { threads: most } = backend;
  const started = now();
  const least = new Map(
    [...new Set([most, Math.ceil(most / 2), 1])].map((threads) => [threads, Number.POSITIVE_INFINITY]),
  );
  for (let round = 0; round < TRIAL_TOKENS; round++) {
    for (const [threads, time] of least) {
      if (now() - started > MOST_MS) break;
      backend.useThreads?.(threads);
      // The first token of each wakes the threads.
      await backend.forward([0]);
      const before = now();
      await backend.forward([0]);
      least.set(threads, Math.min(time, now() - before));
    }
  }
  let best = most;
  for (const [threads, time] of least) if (time < MARGIN * least.get(best)!) best = threads;
  backend.truncate(0);
  backend.park();
  backend.useThreads?.(best);
  return best;
}
