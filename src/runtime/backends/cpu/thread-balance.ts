import { BALANCE_BYTES, BALANCE_START, BALANCE_WAITED } from './plan-fields.ts';

/** Passes of which the middle one counts: a thread that was held up once is no slower for it. */
const PASSES = 5;
/** What a round of waiting takes, about: a few instructions on any processor. Where it is longer, only greater differences are evened out. */
const MILLISECONDS_A_ROUND = 0.5e-6;
/** The part of a pass, about, whose work is split by these shares. */
const BALANCED_PART = 0.6;
/** Smaller differences between threads are noise: threads that are alike differ by 0.04 now and then. */
const LEAST_ERROR = 0.06;
const MOST_ERROR = 0.25;
/** How fast a thread may be said to be; 1 is the mean. */
const [LEAST_SPEED, MOST_SPEED] = [0.1, 4];
const WHOLE = 65_536;

/**
 * How threads split work that is split beforehand: by how fast each of them is. Processors have fast and slow cores, two threads
 * may have to share one core, and with even shares everybody waits for the slowest. Shares change no result.
 */
export class ThreadBalance {
  readonly #address: number;
  readonly #words: () => Int32Array;
  readonly #speeds: number[];
  #threads = 0;
  /** Times of the last passes, and the rounds that each thread waited in them. */
  #passes: { readonly milliseconds: number; readonly waited: readonly number[] }[] = [];

  /**
   * @param address Of BALANCE in `words`, the engine's memory, which an adapter may grow.
   * @param speeds Of threads, relative to one another; kept up to date here.
   */
  constructor(address: number, words: () => Int32Array, speeds: number[]) {
    this.#address = address;
    this.#words = words;
    this.#speeds = speeds;
  }

  /** So many threads work from now on. Not while a job runs. */
  use(threads: number): void {
    if (threads === this.#threads) return;
    this.#threads = threads;
    this.#write();
  }

  /** Records a pass over one token. */
  record(milliseconds: number): void {
    if (this.#threads < 2) return;
    const words = this.#words();
    const at = Array.from({ length: this.#threads }, (_, thread) => this.#word(thread, BALANCE_WAITED));
    this.#passes.push({ milliseconds, waited: at.map((word) => words[word]!) });
    for (const word of at) words[word] = 0;
    if (this.#passes.length === PASSES) this.#settle();
  }

  #settle(): void {
    const time = median(this.#passes.map(({ milliseconds }) => milliseconds));
    const waits = Array.from({ length: this.#threads }, (_, thread) =>
      median(this.#passes.map(({ waited }) => waited[thread]!)),
    );
    this.#passes = [];
    const errors = waits.map((rounds) => ((mean(waits) - rounds) * MILLISECONDS_A_ROUND) / (BALANCED_PART * time));
    if (errors.every((error) => Math.abs(error) < LEAST_ERROR)) return;
    const speeds = errors.map((error, thread) => this.#speeds[thread]! * (1 - clamp(error, -MOST_ERROR, MOST_ERROR)));
    for (const [thread, speed] of speeds.entries()) {
      this.#speeds[thread] = clamp(speed / mean(speeds), LEAST_SPEED, MOST_SPEED);
    }
    this.#write();
  }

  #write(): void {
    this.#passes = [];
    const words = this.#words();
    const speeds = this.#speeds.slice(0, this.#threads);
    let before = 0;
    for (const [thread, speed] of speeds.entries()) {
      words[this.#word(thread, BALANCE_START)] = Math.round((WHOLE * before) / (mean(speeds) * speeds.length));
      words[this.#word(thread, BALANCE_WAITED)] = 0;
      before += speed;
    }
  }

  #word(thread: number, offset: number): number {
    return (this.#address + thread * BALANCE_BYTES + offset) / 4;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
