import { nextTurn } from '../../../shared/index.ts';
import type { AdapterChoice, DecoderBackend } from '../../backends/decoder-backend.ts';
import { commonPrefix, LiveCache, type PrefixTree } from '../cache/index.ts';
import { type EngineTurn, EngineTurns, type Priority } from './engine-turns.ts';
import type { Hold } from './hold.ts';
import { Passes } from './passes.ts';
import { SharedLane } from './shared-lane.ts';

/** A text in the engine's memory, for one call at a time. */
interface Place {
  readonly cache: LiveCache;
  /** Absent where the engine has one text only. */
  readonly lane: SharedLane | undefined;
  isTaken: boolean;
}

/** Who wants to use the engine, and for what. */
export interface SeatRequest {
  readonly priority: Priority;
  /** What will be read: a place that holds its beginning already is the best one. */
  readonly prompt: readonly number[];
  readonly adapters: readonly AdapterChoice[];
  readonly signal: AbortSignal | undefined;
  /** Absent: nothing holds it. */
  readonly hold?: Hold | undefined;
}

/**
 * The engine's places and who has them. An engine with several lanes has several: memory for one more is taken when a call
 * comes and all are in use. Adapters change what every lane computes, so a call with any has the engine alone.
 */
export class Seats {
  readonly #engine: DecoderBackend;
  readonly #tree: PrefixTree;
  readonly #turns: EngineTurns;
  readonly #passes: Passes | undefined;
  readonly #places: Place[] = [];

  constructor(engine: DecoderBackend, tree: PrefixTree) {
    this.#engine = engine;
    this.#tree = tree;
    this.#turns = new EngineTurns(engine.lanes?.most ?? 1);
    this.#passes = engine.lanes && new Passes(engine.lanes);
    this.#add(engine);
  }

  /** How many calls have a place. */
  get taken(): number {
    return this.#places.filter(({ isTaken }) => isTaken).length;
  }

  /** Resolves when the call may use the engine. Rejects with AbortError, and with what the engine rejects with. */
  async take({ priority, prompt, adapters, signal, hold }: SeatRequest): Promise<Seat> {
    await hold?.passed(signal);
    const isAlone = adapters.length > 0 && this.#passes !== undefined;
    const turn = await this.#turns.take(priority, signal, isAlone);
    try {
      return new Seat(this, turn, hold, await this.sit(turn, prompt, adapters, signal));
    } catch (error) {
      turn.end();
      throw error;
    }
  }

  /** Lets the engine's threads sleep where nobody has a place. @internal */
  rest(): void {
    if (this.taken === 0) this.#engine.park();
  }

  /** A free place with these adapters. @internal */
  async sit(
    turn: EngineTurn,
    text: readonly number[],
    adapters: readonly AdapterChoice[],
    signal: AbortSignal | undefined,
  ): Promise<Place> {
    let place = this.#nearest(text) ?? (await this.#open());
    while (place === undefined) {
      // The memory is used up: there are as many places as there are lanes.
      this.#turns.limit(this.#places.length);
      await turn.giveWay(signal);
      place = this.#nearest(text);
    }
    place.isTaken = true;
    if (place.lane) place.lane.priority = turn.current;
    try {
      // What others hold is forgotten with the adapters it was computed with.
      if (!place.cache.hasAdapters(adapters)) {
        for (const { cache } of this.#places) await cache.park();
        for (const { cache } of this.#places) await cache.useAdapters(adapters);
      }
      await this.#borrow(place, text);
      return place;
    } catch (error) {
      place.isTaken = false;
      throw error;
    }
  }

  /** Of the free places the one whose text begins most like this one. */
  #nearest(text: readonly number[]): Place | undefined {
    const free = this.#places.filter(({ isTaken }) => !isTaken);
    const shared = free.map(({ cache }) => commonPrefix(cache.tokens, text));
    return free[shared.indexOf(Math.max(...shared))];
  }

  /** What somebody else is working on may begin alike: it is copied and not read once more. */
  async #borrow({ cache }: Place, text: readonly number[]): Promise<void> {
    const own = cache.held(text);
    const others = this.#places.filter((other) => other.cache !== cache && other.isTaken);
    const lender = others.find((other) => LiveCache.isWorthCopying(commonPrefix(other.cache.tokens, text) - own));
    await lender?.cache.park();
  }

  async #open(): Promise<Place | undefined> {
    const { lanes } = this.#engine;
    const lane = await this.#passes?.run(undefined, 'interactive', async () => {
      // Logits of the pass before are views of memory that may move now: whoever asked for them has read them by then.
      await nextTurn();
      return lanes?.open();
    });
    return lane && this.#add(lane);
  }

  #add(lane: Parameters<Passes['isShared']>[0]): Place {
    const shared = this.#passes && new SharedLane(this.#engine, lane, this.#passes);
    const place = { cache: new LiveCache(shared ?? this.#engine, this.#tree), lane: shared, isTaken: false };
    this.#places.push(place);
    return place;
  }
}

/** One call's hold on the engine and on the text it works on, until `end`. */
export class Seat {
  readonly #seats: Seats;
  readonly #turn: EngineTurn;
  readonly #hold: Hold | undefined;
  #place: Place;
  #isSeated = true;
  #isWriting = false;

  constructor(seats: Seats, turn: EngineTurn, hold: Hold | undefined, place: Place) {
    this.#seats = seats;
    this.#turn = turn;
    this.#hold = hold;
    this.#place = place;
  }

  /** The text that this call works on; another one after `giveWay`. */
  get cache(): LiveCache {
    return this.#place.cache;
  }

  /** Whether the place should be given on now: another call wants it, or this one is held. */
  get isOver(): boolean {
    return this.#hold?.isHeld === true || this.#turn.isOver;
  }

  /** Whether other calls work on texts of their own. */
  get hasCompany(): boolean {
    return this.#seats.taken > 1;
  }

  /** Whether other answers are written in the same passes. */
  get isShared(): boolean {
    return this.#place.lane?.isShared ?? false;
  }

  /** From now on, until `endWriting`, the next token is asked for as soon as there are logits. */
  beginWriting(): void {
    this.#isWriting = true;
    this.#place.lane?.beginWriting();
  }

  endWriting(): void {
    this.#isWriting = false;
    this.#place.lane?.endWriting();
  }

  /** Lets other calls use the place; afterwards `cache` holds what it held before. */
  async giveWay(signal: AbortSignal | undefined): Promise<void> {
    const tokens = [...this.cache.tokens];
    const { adapters } = this.cache;
    this.#leave();
    const hold = this.#hold?.isHeld ? this.#hold : undefined;
    if (hold) this.#seats.rest();
    await this.#turn.giveWay(signal, hold?.passed(signal));
    this.#place = await this.#seats.sit(this.#turn, tokens, adapters, signal);
    this.#isSeated = true;
    const kept = await this.cache.reuse(tokens, tokens.length);
    if (kept < tokens.length) await this.cache.forward(tokens.slice(kept), { logits: 'none', signal });
    if (this.#isWriting) this.#place.lane?.beginWriting();
  }

  /** Forgets what the place holds, after a fault. */
  forget(): void {
    if (this.#isSeated) this.cache.forget();
  }

  /** Gives the place back; more than once does no harm. */
  end(): void {
    this.#leave();
    this.#turn.end();
  }

  #leave(): void {
    if (!this.#isSeated) return;
    this.#isSeated = false;
    this.#place.lane?.endWriting();
    this.#place.isTaken = false;
  }
}
