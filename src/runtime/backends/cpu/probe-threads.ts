import type { DecoderBackend } from '../decoder-backend.ts';

/** Tokens timed with each number of threads, after one that wakes them. */
const TRIAL_TOKENS = 3;
/** A large model is not kept waiting: what was not tried by then is not chosen. */
const MOST_MS = 800;
/** Fewer threads must be so much faster, else all are used. */
const MARGIN = 0.93;

/**
 * The number of threads that decodes fastest here: all, half of them, or one. Takes some ten tokens and leaves the KV cache
 * empty. Rejects with what the engine rejects with.
 */
export async function probeThreads(
  backend: DecoderBackend,
  now: () => number = () => performance.now(),
): Promise<number> {
  const { threads: most } = backend;
  const started = now();
  let [best, least] = [most, Number.POSITIVE_INFINITY];
  for (const threads of new Set([most, Math.ceil(most / 2), 1])) {
    if (now() - started > MOST_MS) break;
    backend.useThreads?.(threads);
    const times: number[] = [];
    for (let token = 0; token <= TRIAL_TOKENS; token++) {
      const before = now();
      await backend.forward([0]);
      times.push(now() - before);
    }
    const time = Math.min(...times.slice(1));
    if (time < least * (threads === most ? 1 : MARGIN)) [best, least] = [threads, time];
  }
  backend.truncate(0);
  backend.park();
  backend.useThreads?.(best);
  return best;
}
