import { abortError, throwIfAborted } from '../../../shared/index.ts';

/** `interactive`: somebody waits for it. `background`: it may take its time. */
export type Priority = 'interactive' | 'background';

/** How long one answer may be written while another of the same priority waits. */
const SLICE_MS = 200;
/** A background call that has waited so long is treated like any other, so that it is not starved. */
const PATIENCE_MS = 10_000;

interface Waiting {
  readonly priority: Priority;
  readonly isAlone: boolean;
  readonly since: number;
  readonly begin: () => void;
}

/**
 * Hands the places of one engine to any number of calls, in turns: interactive ones first, of equals the one that has waited
 * longest. Calls that hold a place at the same time are computed side by side.
 */
export class EngineTurns {
  readonly #waiting: Waiting[] = [];
  /** Who holds a place, longest first. */
  readonly #holding = new Set<EngineTurn>();
  #places: number;
  /** Places given away whose turns have not been made yet. */
  #begun = 0;
  #isAlone = false;
  #lastBegin = 0;

  constructor(places = 1) {
    this.#places = places;
  }

  /** From now on there are so many places; who holds one keeps it. */
  limit(places: number): void {
    this.#places = places;
  }

  /** Resolves when it is this call's turn. An abort takes it out of the queue at once. `isAlone`: with all places. */
  async take(priority: Priority, signal: AbortSignal | undefined, isAlone = false): Promise<EngineTurn> {
    const current = await this.enter(priority, signal, isAlone);
    return new EngineTurn(this, { priority, isAlone }, current);
  }

  /** Whether a call should let another one on. @internal */
  isWanted(turn: EngineTurn): boolean {
    if (this.#waiting.length === 0) return false;
    const now = performance.now();
    const urgent = this.#waiting.some((other) => isUrgent(other, now));
    const next = this.#waiting[this.#nextIndex(now)];
    // One that wants all places is let on by all; for the others one place is enough: that of the least urgent.
    if (next?.isAlone !== true && this.#firstToGo() !== turn) return false;
    if (turn.current === 'background' && urgent) return true;
    return now - this.#lastBegin >= SLICE_MS && (turn.current === 'background' || urgent);
  }

  /** Resolves with the priority of this turn: one that has waited long has the higher one. @internal */
  enter(priority: Priority, signal: AbortSignal | undefined, isAlone: boolean): Promise<Priority> {
    throwIfAborted(signal);
    if (this.#waiting.length === 0 && this.#isFree(isAlone)) {
      this.#note(isAlone);
      return Promise.resolve(priority);
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        const index = this.#waiting.indexOf(waiting);
        if (index === -1) return; // Its turn has come already; whoever has it looks at the signal.
        this.#waiting.splice(index, 1);
        this.#fill();
        reject(abortError());
      };
      const begin = () => {
        signal?.removeEventListener('abort', leave);
        resolve(isUrgent(waiting, performance.now()) ? 'interactive' : 'background');
      };
      const waiting: Waiting = { priority, isAlone, since: performance.now(), begin };
      this.#waiting.push(waiting);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** A turn that was entered begins. @internal */
  hold(turn: EngineTurn): void {
    this.#begun -= 1;
    this.#holding.add(turn);
  }

  /** @internal */
  leave(turn: EngineTurn): void {
    this.#holding.delete(turn);
    if (this.#taken === 0) this.#isAlone = false;
    this.#fill();
  }

  get #taken(): number {
    return this.#holding.size + this.#begun;
  }

  #isFree(isAlone: boolean): boolean {
    if (this.#isAlone) return false;
    return isAlone ? this.#taken === 0 : this.#taken < this.#places;
  }

  #note(isAlone: boolean): void {
    this.#begun += 1;
    this.#isAlone = isAlone;
    this.#lastBegin = performance.now();
  }

  /** Gives free places to those who wait. One that wants all of them is not overtaken by those behind it. */
  #fill(): void {
    while (this.#waiting.length > 0) {
      const index = this.#nextIndex(performance.now());
      const next = this.#waiting[index]!;
      if (!this.#isFree(next.isAlone)) return;
      this.#waiting.splice(index, 1);
      this.#note(next.isAlone);
      next.begin();
    }
  }

  #nextIndex(now: number): number {
    return Math.max(
      this.#waiting.findIndex((waiting) => isUrgent(waiting, now)),
      0,
    );
  }

  #firstToGo(): EngineTurn | undefined {
    const turns = [...this.#holding];
    return turns.find(({ current }) => current === 'background') ?? turns[0];
  }
}

function isUrgent({ priority, since }: Waiting, now: number): boolean {
  return priority === 'interactive' || now - since >= PATIENCE_MS;
}

/** One call's hold on the engine, until `end`. */
export class EngineTurn {
  readonly #turns: EngineTurns;
  readonly #wanted: { readonly priority: Priority; readonly isAlone: boolean };
  #current: Priority;
  #isHeld = true;

  constructor(
    turns: EngineTurns,
    wanted: { readonly priority: Priority; readonly isAlone: boolean },
    current: Priority,
  ) {
    this.#turns = turns;
    this.#wanted = wanted;
    this.#current = current;
    turns.hold(this);
  }

  /** The priority it has just now. */
  get current(): Priority {
    return this.#current;
  }

  /** Whether another call should have the place now. */
  get isOver(): boolean {
    return this.#turns.isWanted(this);
  }

  /**
   * Lets others on and waits for the next turn, which it asks for when `passed` resolves; what the engine holds may be another
   * then. Rejects with AbortError.
   */
  async giveWay(signal: AbortSignal | undefined, passed?: Promise<void>): Promise<void> {
    // Entered before the place is given on, so that it is not given back at once.
    let next = passed ? undefined : this.#enter(signal);
    this.#isHeld = false;
    this.#turns.leave(this);
    await passed;
    next ??= this.#enter(signal);
    this.#current = await next;
    this.#isHeld = true;
    this.#turns.hold(this);
  }

  /** Gives the place back; more than once does no harm. */
  end(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#turns.leave(this);
  }

  #enter(signal: AbortSignal | undefined): Promise<Priority> {
    return this.#turns.enter(this.#wanted.priority, signal, this.#wanted.isAlone);
  }
}
