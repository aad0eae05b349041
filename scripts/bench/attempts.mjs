/**
 * What did not work, with the rest going on: an hour's run must not be lost to one engine.
 * @typedef {{ readonly engine: string, readonly threads: number, readonly what: string, readonly reason: string }} BenchFailure
 */

/** The slowest call, a peer that reads 4,000 tokens on one thread of a slow machine, takes some six minutes. */
const CALL_LIMIT_MS = 20 * 60_000;
/** An engine that failed so often (its page has crashed, say) is not asked again. */
const MOST_FAILURES = 3;

/** Why a run ends before its end. */
export const TIME_IS_OVER = 'the time was over';

/**
 * Runs the calls of engines, one number of threads.
 * @param {{ threads: number, report: (line: string) => void, failures: BenchFailure[], limitMs?: number, signal?: AbortSignal,
 *   stop?: (engine: string) => void }} options `signal`: aborted when the time is over; `stop` ends an engine that goes on
 *   computing where nobody waits for it any more, so that it disturbs no other.
 */
export function createAttempts({ threads, report, failures, limitMs = CALL_LIMIT_MS, signal, stop = () => {} }) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  const isOut = (/** @type {string} */ engine) => (counts.get(engine) ?? 0) >= MOST_FAILURES;
  return {
    /**
     * What `work` gives, or undefined where it failed or took too long.
     * @template T
     * @param {string} engine
     * @param {string} what
     * @param {() => Promise<T>} work
     * @param {{ isFinal?: boolean }} [options] `isFinal`: an engine that fails in this is not asked again.
     * @returns {Promise<T | undefined>}
     */
    async attempt(engine, what, work, { isFinal = false } = {}) {
      if (isOut(engine) || signal?.aborted) return undefined;
      /** @type {NodeJS.Timeout | undefined} */
      let timer;
      let isStuck = false;
      /** @type {() => void} */
      let onAbort = () => {};
      try {
        const late = new Promise((_, reject) => {
          const giveUp = (/** @type {string} */ reason) => () => {
            isStuck = true;
            reject(new Error(reason));
          };
          onAbort = giveUp(TIME_IS_OVER);
          signal?.addEventListener('abort', onAbort);
          timer = setTimeout(giveUp(`no answer within ${limitMs / 1000} s`), limitMs);
        });
        const working = work();
        working.catch(() => {});
        return await Promise.race([working, /** @type {Promise<never>} */ (late)]);
      } catch (error) {
        counts.set(engine, isFinal || isStuck ? MOST_FAILURES : (counts.get(engine) ?? 0) + 1);
        if (isStuck) stop(engine);
        const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
        failures.push({ engine, threads, what, reason });
        report(`${engine} is left out of "${what}": ${reason}`);
        return undefined;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}
