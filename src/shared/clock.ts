import { abortError } from './error.ts';

/** Time as a port: what waits or measures takes it, so that a test need not wait. */
export interface Clock {
  /** Milliseconds that only grow; unrelated to the time of day, which people and networks set back. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with AbortError as soon as the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The platform's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortError());
      const onAbort = () => {
        clearTimeout(timer);
        reject(abortError());
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
