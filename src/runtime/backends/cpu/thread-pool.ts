import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import type { ComputeThreadStart } from './compute-thread.ts';
import {
  JOB_EXIT,
  JOB_GENERATION,
  JOB_KIND,
  LATE_WAITS,
  PARKED,
  PLAN,
  PRESENT,
  RESUME_GENERATION,
  THREADS,
} from './plan-fields.ts';

/** What the pool needs of a `Worker`; injected, because only entry files know where worker scripts are. */
export interface ComputeThread {
  postMessage(start: ComputeThreadStart): void;
  terminate(): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
}

/** Compiling a module twice on a slow phone takes seconds; a script that is not there fails through its event at once. */
const START_PATIENCE_MS = 20_000;
const START_POLL_MS = 4;

/** The compute threads beside the driver. They live in WASM, so all talk after the start goes through shared memory. */
export class ThreadPool {
  readonly #threads: readonly ComputeThread[];
  readonly #memory: WebAssembly.Memory;
  #failure: string | undefined;

  /** Starts `count` threads at once; await `ready` before the first job. */
  constructor(
    count: number,
    createThread: (name: string) => ComputeThread,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
  ) {
    this.#memory = memory;
    this.#threads = Array.from({ length: count }, (_, index) => {
      const thread = createThread(`sotto-compute-${index + 1}`);
      const fail = (event: Event) => {
        // Handled here: left alone it would rise to the page as an error of its own.
        event.preventDefault();
        this.#failure = (event as Partial<ErrorEvent>).message ?? event.type;
      };
      thread.addEventListener('error', fail);
      thread.addEventListener('messageerror', fail);
      thread.postMessage({ module, memory, thread: index + 1 });
      return thread;
    });
  }

  /** Made anew each time: an adapter grows the memory, and memory that is not shared leaves old views empty. */
  get #words(): Int32Array {
    return new Int32Array(this.#memory.buffer);
  }

  /** Why a thread died, or undefined while all are well. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Resolves when every thread waits for jobs. Throws `worker-load-failed`. */
  async ready(signal: AbortSignal | undefined): Promise<void> {
    const deadline = performance.now() + START_PATIENCE_MS;
    while (Atomics.load(this.#words, (PLAN + PRESENT) / 4) < this.#threads.length) {
      throwIfAborted(signal);
      if (this.#failure !== undefined || performance.now() > deadline) {
        const reason = this.#failure ?? 'it did not answer in time';
        throw new SottoError('worker-load-failed', `A compute thread did not start: ${reason}.`);
      }
      await new Promise((resolve) => setTimeout(resolve, START_POLL_MS));
    }
  }

  /** Idle threads stop spinning and sleep until the next job. */
  park(): void {
    if (this.#threads.length > 0) Atomics.store(this.#words, (PLAN + PARKED) / 4, 1);
  }

  /** From the next job on so many threads work, the driver included; the others sleep. Not while a job runs. */
  use(count: number): void {
    if (this.#threads.length === 0) return;
    const generation = Atomics.load(this.#words, (PLAN + JOB_GENERATION) / 4);
    Atomics.store(this.#words, (PLAN + RESUME_GENERATION) / 4, generation);
    Atomics.store(this.#words, (PLAN + THREADS) / 4, Math.min(Math.max(1, count), this.#threads.length + 1));
    Atomics.notify(this.#words, (PLAN + THREADS) / 4);
  }

  /** How often a thread waited so long for another one that it went to sleep. */
  get lateWaits(): number {
    return Atomics.load(this.#words, (PLAN + LATE_WAITS) / 4);
  }

  dispose(): void {
    if (this.#threads.length === 0) return;
    this.use(this.#threads.length + 1);
    // Threads that still listen leave by themselves, so that nothing spins until termination arrives.
    Atomics.store(this.#words, (PLAN + JOB_KIND) / 4, JOB_EXIT);
    Atomics.add(this.#words, (PLAN + JOB_GENERATION) / 4, 1);
    Atomics.notify(this.#words, (PLAN + JOB_GENERATION) / 4);
    for (const thread of this.#threads) thread.terminate();
  }
}
