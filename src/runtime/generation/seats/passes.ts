import { nextTurn, throwIfAborted } from '../../../shared/index.ts';
import type { Lane, Lanes } from '../../backends/decoder-backend.ts';
import type { Priority } from './engine-turns.ts';
import { PassPace } from './pass-pace.ts';

/** Turns of the event loop that a pass waits for answers that are about to take part. */
const GATHERING_TURNS = 3;

interface Run {
  readonly priority: Priority;
  readonly begin: () => Promise<void>;
}

interface Step {
  readonly lane: Lane;
  readonly token: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (logits: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What an engine with several lanes computes next. Answers that are being written go on together, a token each a pass;
 * everything else (a prompt, copies) runs by itself in between, and they share the time.
 */
export class Passes {
  readonly #lanes: Lanes;
  readonly #pace: PassPace;
  readonly #writing = new Map<Lane, Priority>();
  readonly #prompts: Run[] = [];
  readonly #answers: Run[] = [];
  #steps: Step[] = [];
  #isBusy = false;
  /** Milliseconds that answers may go on for before the next prompt. */
  #credit = 0;

  constructor(lanes: Lanes, pace = new PassPace()) {
    this.#lanes = lanes;
    this.#pace = pace;
  }

  /** Whether several answers are being written, that of `lane` among them. */
  isShared(lane: Lane): boolean {
    return this.#writing.size > 1 && this.#writing.has(lane);
  }

  /** From now on passes wait for the next token of this lane. */
  beginWriting(lane: Lane, priority: Priority): void {
    this.#writing.set(lane, priority);
  }

  endWriting(lane: Lane): void {
    this.#writing.delete(lane);
  }

  /** Runs work that has the engine for itself. */
  run<T>(lane: Lane | undefined, priority: Priority, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const queue = lane !== undefined && this.#writing.has(lane) ? this.#answers : this.#prompts;
      queue.push({ priority, begin: () => work().then(resolve, reject) });
      this.#wake();
    });
  }

  /** Appends a token in the next pass; gives back the logits that follow. Rejects with AbortError before it, never after. */
  step(lane: Lane, token: number, signal: AbortSignal | undefined): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#steps.push({ lane, token, signal, resolve, reject });
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    void this.#work();
  }

  get #waitingAnswers(): number {
    return this.#answers.length + this.#steps.length;
  }

  async #work(): Promise<void> {
    while (this.#prompts.length + this.#waitingAnswers > 0) {
      if (this.#prompts.length === 0 || this.#credit > 0) await this.#gather();
      const started = performance.now();
      if (this.#waitingAnswers > 0 && (this.#prompts.length === 0 || this.#credit > 0)) {
        const answer = this.#answers.shift();
        await (answer === undefined ? this.#pass() : answer.begin());
        this.#credit = Math.max(0, this.#credit - (performance.now() - started));
      } else if (this.#prompts.length > 0) {
        const prompt = this.#nextPrompt();
        await prompt.begin();
        this.#credit = (performance.now() - started) * this.#shareBeside(prompt.priority);
      }
    }
    this.#isBusy = false;
  }

  #nextPrompt(): Run {
    const interactive = this.#prompts.findIndex(({ priority }) => priority === 'interactive');
    return this.#prompts.splice(Math.max(0, interactive), 1)[0]!;
  }

  /** For each millisecond of a prompt, how many the answers get: one in the background may not hold up what is read. */
  #shareBeside(priority: Priority): number {
    if (this.#writing.size === 0) return 0;
    const isRead = [...this.#writing.values()].includes('interactive');
    if (isRead) return priority === 'interactive' ? 1 : 3;
    return priority === 'interactive' ? 0 : 1;
  }

  /** Lets answers come that are written too: one that let messages in, for example, is back a moment later. */
  async #gather(): Promise<void> {
    for (let turn = 0; turn < GATHERING_TURNS && this.#waitingAnswers < this.#writing.size; turn++) await nextTurn();
  }

  async #pass(): Promise<void> {
    const steps = this.#steps;
    this.#steps = [];
    const open: Step[] = [];
    for (const step of steps) {
      try {
        throwIfAborted(step.signal);
        open.push(step);
      } catch (error) {
        step.reject(error);
      }
    }
    if (open.length === 0) return;
    if (this.#pace.joins(open.length) && (await this.#together(open))) return;
    for (const step of open) await this.#together([step]);
  }

  /** False where several did not go together: a fault in one text is none of the others', so each is tried by itself. */
  async #together(steps: readonly Step[]): Promise<boolean> {
    const started = performance.now();
    try {
      const logits = await this.#lanes.step(steps);
      this.#pace.record(steps.length, performance.now() - started);
      for (const [index, step] of steps.entries()) step.resolve(logits[index]!);
    } catch (error) {
      if (steps.length > 1) return false;
      steps[0]?.reject(error);
    }
    return true;
  }
}
