import { abortError, type Clock, isAbortError, SottoError } from '../shared/index.ts';

/** How long a server may be (almost) silent. */
export interface StallLimits {
  /** Milliseconds of a window. */
  readonly windowMs: number;
  /** Bytes that must arrive in a window: a server that drips one byte a second is not sending a model. */
  readonly leastBytes: number;
}

/**
 * Watches a body for silence. `wait` passes a promise through, or rejects with `download-stalled` once a window has ended with
 * fewer bytes than `leastBytes`; `count` reports what arrived. Time between two waits (storing, hashing) is not held against
 * the server.
 */
export class StallGuard {
  readonly #clock: Clock;
  readonly #limits: StallLimits;
  #leftMs: number;
  #bytes = 0;

  constructor(clock: Clock, limits: StallLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#leftMs = limits.windowMs;
  }

  count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#limits.leastBytes) return;
    this.#bytes = 0;
    this.#leftMs = this.#limits.windowMs;
  }

  async wait<T>(arrival: Promise<T>, signal: AbortSignal): Promise<T> {
    arrival.catch(() => {}); // It may lose the race, or nobody may wait for it: then its failure is nobody's.
    if (signal.aborted) throw abortError();
    const start = this.#clock.now();
    const timer = new AbortController();
    const onAbort = () => timer.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    const silence = this.#clock.sleep(Math.max(0, this.#leftMs), timer.signal).then(
      () => {
        throw new SottoError('download-stalled', 'The server has stopped sending.', {
          details: { silentMs: this.#limits.windowMs },
        });
      },
      (error: unknown) => {
        throw isAbortError(error) ? abortError() : error;
      },
    );
    silence.catch(() => {}); // So may this, and most of the time it does.
    try {
      return await Promise.race([arrival, silence]);
    } finally {
      this.#leftMs -= this.#clock.now() - start;
      signal.removeEventListener('abort', onAbort);
      timer.abort();
    }
  }
}
