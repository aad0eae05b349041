import { abortError, throwIfAborted } from '../../shared/index.ts';

/** `interactive`: somebody waits for it. `background`: it may take its time. */
export type Priority = 'interactive' | 'background';

/** How long one answer may be written while another of the same priority waits. */
const SLICE_MS = 200;
/** A background call that has waited so long is treated like any other, so that it is not starved. */
const PATIENCE_MS = 10_000;

interface Waiting {
  readonly priority: Priority;
  readonly since: number;
  readonly begin: () => void;
}

/** Hands one engine to several calls, in turns: interactive ones first, of equals the one that has waited longest. */
export class EngineTurns {
  readonly #waiting: Waiting[] = [];
  #isTaken = false;

  /** Resolves when it is this call's turn. An abort takes it out of the queue at once. */
  async take(priority: Priority, signal: AbortSignal | undefined): Promise<EngineTurn> {
    return new EngineTurn(this, priority, await this.enter(priority, signal));
  }

  /** Whether a call that has had the engine since `since` should let another one on. @internal */
  isWanted(priority: Priority, since: number): boolean {
    const now = performance.now();
    const isOver = now - since >= SLICE_MS;
    return this.#waiting.some((other) => {
      if (priority === 'background' && isUrgent(other, now)) return true;
      return isOver && (priority === 'background' || isUrgent(other, now));
    });
  }

  /** Resolves with the priority of this turn: one that has waited long has the higher one. @internal */
  enter(priority: Priority, signal: AbortSignal | undefined): Promise<Priority> {
    throwIfAborted(signal);
    if (!this.#isTaken) {
      this.#isTaken = true;
      return Promise.resolve(priority);
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        const index = this.#waiting.indexOf(waiting);
        if (index === -1) return; // Its turn has come already; whoever has it looks at the signal.
        this.#waiting.splice(index, 1);
        reject(abortError());
      };
      const begin = () => {
        signal?.removeEventListener('abort', leave);
        resolve(isUrgent(waiting, performance.now()) ? 'interactive' : 'background');
      };
      const waiting: Waiting = { priority, since: performance.now(), begin };
      this.#waiting.push(waiting);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** @internal */
  leave(): void {
    const now = performance.now();
    const urgent = this.#waiting.findIndex((waiting) => isUrgent(waiting, now));
    const [next] = this.#waiting.splice(Math.max(urgent, 0), 1);
    if (next === undefined) this.#isTaken = false;
    else next.begin();
  }
}

function isUrgent({ priority, since }: Waiting, now: number): boolean {
  return priority === 'interactive' || now - since >= PATIENCE_MS;
}

/** One call's hold on the engine, until `end`. */
export class EngineTurn {
  readonly #turns: EngineTurns;
  readonly #priority: Priority;
  #current: Priority;
  #since = performance.now();
  #isHeld = true;

  constructor(turns: EngineTurns, priority: Priority, current: Priority) {
    this.#turns = turns;
    this.#priority = priority;
    this.#current = current;
  }

  /** Whether another call should have the engine now. */
  get isOver(): boolean {
    return this.#turns.isWanted(this.#current, this.#since);
  }

  /** Lets others on and waits for the next turn; what the engine holds may be another then. Rejects with AbortError. */
  async giveWay(signal: AbortSignal | undefined): Promise<void> {
    // Entered before the engine is given on, so that it is not given back at once.
    const next = this.#turns.enter(this.#priority, signal);
    this.#isHeld = false;
    this.#turns.leave();
    this.#current = await next;
    this.#isHeld = true;
    this.#since = performance.now();
  }

  /** Gives the engine back; more than once does no harm. */
  end(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#turns.leave();
  }
}
