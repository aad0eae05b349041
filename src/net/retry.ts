import { type Clock, SottoError } from '../shared/index.ts';

/** How often, and with what pauses, a failing server is asked again. */
export interface RetryPolicy {
  /** Attempts that may fail one after the other without a byte kept in between. */
  readonly attempts: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

/** Six attempts over about 16 seconds: a router that restarts takes longer, a lost packet far less. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 6, firstWaitMs: 500, longestWaitMs: 15_000 };

/** Servers may ask for a longer pause; nobody waits longer than this in front of a page. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/** What a retry needs from outside; `random` gives numbers from 0 to 1. */
export interface RetryTools {
  readonly clock: Clock;
  readonly random: () => number;
  readonly policy: RetryPolicy;
  readonly onRetry?: (attempt: number, waitMs: number, reason: string) => void;
}

/** True where the same request may succeed later. Answers that say "no" (404, 403, wrong bytes) are final. */
export function isTransient(error: unknown): error is SottoError {
  if (!SottoError.isInstance(error)) return false;
  if (error.code === 'download-stalled') return true;
  if (error.code !== 'download-failed') return false;
  const { status } = error.details;
  return typeof status !== 'number' || status >= 500 || status === 408 || status === 425 || status === 429;
}

/**
 * Counts failures and waits between them: exponential, with jitter, so that many tabs behind one router do not come back
 * all at once.
 */
export class Retry {
  readonly #tools: RetryTools;
  #failures = 0;

  constructor(tools: RetryTools) {
    this.#tools = tools;
  }

  /** Something was gained: the count starts anew. */
  reset(): void {
    this.#failures = 0;
  }

  /** Waits before the next attempt, or rethrows the error where it is final or one too many. */
  async pause(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, random, policy, onRetry } = this.#tools;
    this.#failures += 1;
    if (!isTransient(error) || this.#failures >= policy.attempts) throw error;
    const wanted = policy.firstWaitMs * 2 ** (this.#failures - 1) * (0.5 + random());
    const asked = Math.min(Number(error.details['retryAfterMs'] ?? 0), LONGEST_RETRY_AFTER_MS);
    const waitMs = Math.round(Math.max(Math.min(wanted, policy.longestWaitMs), asked));
    onRetry?.(this.#failures, waitMs, error.message);
    await clock.sleep(waitMs, signal);
  }
}
