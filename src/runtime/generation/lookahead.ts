import { throwIfAborted } from '../../shared/index.ts';
import type { ExactLogits, LogitRows } from '../backends/decoder-backend.ts';
import type { Seat } from './seats/index.ts';
import type { Draft, Drafter, SpeculationPace, SpeculationTally } from './speculation/index.ts';

/** Guesses and how many of them pay. */
export interface Speculation {
  readonly drafter: Drafter;
  readonly pace: SpeculationPace;
  readonly tally: SpeculationTally;
}

export interface LookaheadOptions {
  readonly contextLength: number;
  readonly speculation: Speculation | undefined;
  readonly engine: Seat;
  readonly signal: AbortSignal | undefined;
}

interface Guesses {
  readonly tokens: readonly number[];
  /** What follows the token before the guesses, then what follows each of them. */
  readonly rows: LogitRows;
  taken: number;
}

/** A pass that says what one of so many tokens costs, with all that is done until the next one begins. */
interface TimedPass {
  readonly tokens: number;
  readonly started: number;
}

/**
 * Computes tokens of an answer, guessed ones behind them in the same pass. A guess that turns out to be the next token
 * (`take`) has its logits already; the others are taken out of the cache.
 */
export class Lookahead {
  readonly #options: LookaheadOptions;
  #guesses: Guesses | undefined;
  /** What was guessed last, read or not, and how much of it is known to be right. */
  #offered: { readonly draft: Draft; known: number } | undefined;
  #timed: TimedPass | undefined;

  constructor(options: LookaheadOptions) {
    this.#options = options;
  }

  /** Tokens in the cache, guesses that are still open left out. */
  get length(): number {
    const open = this.#guesses === undefined ? 0 : this.#guesses.tokens.length - this.#guesses.taken;
    return this.#options.engine.cache.tokens.length - open;
  }

  /** True when `token` is the next guess: it need not be computed. */
  take(token: number): boolean {
    this.#learn(token);
    const guesses = this.#guesses;
    if (guesses === undefined || guesses.tokens[guesses.taken] !== token) return false;
    guesses.taken += 1;
    this.#options.speculation?.drafter.append([token]);
    return true;
  }

  /** The logits that follow the last token that was taken, of which `exact` decide. */
  async follow(exact: ExactLogits | undefined): Promise<Float32Array> {
    const guesses = this.#guesses!;
    const logits = guesses.rows.at(guesses.taken, exact);
    if (logits !== undefined) return logits;
    // Another answer had a pass meanwhile: the token is computed once more, by itself.
    this.discard();
    this.#timed = undefined;
    const { engine, signal } = this.#options;
    const { cache } = engine;
    const last = cache.tokens.at(-1)!;
    cache.truncate(cache.tokens.length - 1);
    return cache.forward([last], { exact, signal });
  }

  /**
   * Appends tokens to the cache, others let on before it where they wait; gives back the logits that follow, of which `exact` decide.
   * At most `most` tokens are guessed.
   */
  async compute(tokens: readonly number[], most: number, exact: ExactLogits | undefined): Promise<Float32Array> {
    this.discard();
    this.#recordPass();
    this.#offered = undefined;
    const { contextLength, engine, speculation, signal } = this.#options;
    // The one place where no logits are waited for: those of another answer may overwrite them.
    if (engine.isOver) await engine.giveWay(signal);
    const { cache } = engine;
    if (speculation === undefined) return cache.forward(tokens, { exact, signal });
    const { drafter, tally } = speculation;
    drafter.append(tokens);
    const room = Math.min(most - 1, contextLength - cache.tokens.length - tokens.length);
    const started = performance.now();
    // A pass that several answers share is full without guesses.
    const { isShared } = engine;
    // Behind several forced tokens their own logits would be computed for nothing.
    const canGuess = tokens.length === 1 && room > 0 && !isShared && !tally.hasFailed;
    const draft = canGuess ? await this.#guess(speculation, room) : undefined;
    if (draft !== undefined) this.#offered = { draft, known: 0 };
    if (draft === undefined || draft.count === 0) {
      // Nor does a guesser that failed, and took its time over it, say what a pass costs.
      if (tokens.length === 1 && !isShared && !tally.hasFailed) this.#timed = { tokens: 1, started };
      return cache.forward(tokens, { exact, signal });
    }
    const guessed = draft.tokens.slice(0, draft.count);
    const rows = await cache.forwardRows([...tokens, ...guessed], signal);
    this.#timed = { tokens: 1 + guessed.length, started };
    this.#guesses = { tokens: guessed, rows, taken: 0 };
    return this.follow(exact);
  }

  /** With the choice of its tokens: of guesses there are several to choose, and the logits of the later ones to compute. */
  #recordPass(): void {
    const timed = this.#timed;
    this.#timed = undefined;
    if (timed !== undefined)
      this.#options.speculation?.tally.recordPass(timed.tokens, performance.now() - timed.started);
  }

  /** The answer is the model's own: where guessing fails it goes on without, and says so in its timings. */
  async #guess({ drafter, pace, tally }: Speculation, room: number): Promise<Draft | undefined> {
    try {
      return await drafter.draft((grades) => Math.min(room, pace.best(grades)));
    } catch (error) {
      throwIfAborted(this.#options.signal);
      tally.recordFailure(error);
      return undefined;
    }
  }

  /** Takes open guesses out of the cache. */
  discard(): void {
    const guesses = this.#guesses;
    if (guesses === undefined) return;
    this.#options.speculation?.tally.recordDraft(guesses.tokens.length, guesses.taken);
    const { length } = this;
    this.#guesses = undefined;
    this.#options.engine.cache.truncate(length);
  }

  /** What comes next tells whether a guess is right, even one that was not worth a pass: so rates are learnt at no cost. */
  #learn(token: number): void {
    const offered = this.#offered;
    const guess = offered?.draft.tokens[offered.known];
    if (offered === undefined || guess === undefined) return;
    this.#options.speculation?.tally.recordGuess(offered.draft.grades[offered.known]!, guess === token);
    if (guess === token) offered.known += 1;
    else this.#offered = undefined;
  }
}
