/** A pass over so many tokens is bound by arithmetic, and long enough that nothing is lost by waiting at its barriers. */
const MANY_TOKENS = 16;
/** Tokens whose times are compared, after one that lets the threads wake up. */
const TRIAL_TOKENS = 3;
/**
 * Long waits within so many tokens that make it worth looking whether fewer threads do better. With another process on one of two
 * processors there are some 70; with none 5 to 30, for the page itself and its browser need a processor now and then.
 */
const WINDOW_TOKENS = 32;
const MANY_LATE_WAITS = 16;
/** Of the first tokens nothing is concluded: the browser compiles the kernels a second time beside them, on the same processors. */
const FIRST_TOKENS = 32;
/** Tokens after a trial that kept all threads before there is another one. */
const RETURN_TOKENS = 256;
/** Tokens that fewer threads compute before a trial looks whether the machine is calm again; twice as many each time that it is not. */
const FEWEST_TOKENS = 64;
const MOST_TOKENS = 512;
/** Fewer threads must be so much faster. */
const MARGIN = 0.95;

/**
 * How many threads compute. All that there are, unless the machine is busy with other things: then threads that decode wait
 * for those that do not get a processor, two can be slower than one, and only a trial tells. The number changes no result.
 */
export class ThreadGovernor {
  readonly #most: number;
  #threads: number;
  /** Since the last trial. */
  #tokens = 0;
  #lateWaits = 0;
  /** Tokens before a trial may begin. */
  #patience = FIRST_TOKENS;
  /** Whether the last trial found that fewer threads do better. */
  #wasFewer = false;
  /** Times of the trial under way, by the number of threads. */
  #trial: Map<number, number[]> | undefined;

  constructor(threads: number) {
    this.#most = threads;
    this.#threads = threads;
  }

  /**
   * Threads of a pass over `tokens`. What a trial found holds for passes that wait for memory, which a second thread may not
   * bring sooner; many tokens are arithmetic, and whoever comes late to it takes fewer items.
   */
  threadsFor(tokens: number): number {
    return tokens < MANY_TOKENS ? this.#threads : this.#most;
  }

  /** So many threads for single tokens, until a trial says otherwise. */
  use(threads: number): void {
    this.#threads = Math.min(this.#most, Math.max(1, Math.floor(threads)));
    this.#wasFewer = this.#threads < this.#most;
    this.#patience = FIRST_TOKENS;
    this.#trial = undefined;
    this.#tokens = 0;
  }

  /** Records a pass over one token and the long waits in it, of all threads: where one is held up, all others wait. */
  record(milliseconds: number, lateWaits: number): void {
    if (this.#most === 1) return;
    this.#tokens += 1;
    this.#lateWaits += lateWaits / Math.max(1, this.#threads - 1);
    if (this.#trial !== undefined) this.#recordTrial(this.#trial, milliseconds);
    else if (this.#isTimeForTrial()) this.#beginTrial();
    if (this.#tokens % WINDOW_TOKENS === 0) this.#lateWaits = 0;
  }

  #isTimeForTrial(): boolean {
    if (this.#tokens < this.#patience) return false;
    return this.#threads < this.#most || this.#lateWaits >= MANY_LATE_WAITS;
  }

  #beginTrial(): void {
    const counts = new Set([1, 2, 4].map((share) => Math.ceil(this.#most / share)));
    this.#trial = new Map([...counts].map((count) => [count, []]));
    this.#threads = this.#most;
  }

  #recordTrial(trial: Map<number, number[]>, milliseconds: number): void {
    const times = trial.get(this.#threads) ?? [];
    times.push(milliseconds);
    if (times.length <= TRIAL_TOKENS) return;
    const next = [...trial].find(([, { length }]) => length <= TRIAL_TOKENS);
    if (next !== undefined) {
      this.#threads = next[0];
      return;
    }
    let [best, least] = [this.#most, median(trial.get(this.#most) ?? [])];
    for (const [count, measured] of trial) {
      const time = median(measured);
      if (time < least * MARGIN) [best, least] = [count, time];
    }
    const isFewer = best < this.#most;
    this.#patience = isFewer
      ? Math.min(MOST_TOKENS, this.#wasFewer ? 2 * this.#patience : FEWEST_TOKENS)
      : RETURN_TOKENS;
    this.#wasFewer = isFewer;
    this.#threads = best;
    this.#trial = undefined;
    this.#tokens = 0;
  }
}

/** Of all but the first, in which threads wake up. */
function median([, ...values]: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.POSITIVE_INFINITY;
}
