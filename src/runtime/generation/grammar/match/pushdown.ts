import type { CompiledGrammar, CompiledRule } from '../../../../protocol/index.ts';
import { SottoError } from '../../../../shared/index.ts';

/** A place in a rule. Places of counted repetitions are made as they are reached. */
export interface Position {
  readonly id: number;
  readonly rule: number;
  /** State of the automaton, or how often the repetition has been read. */
  readonly state: number;
  /** Whether the rule may end here, calls that may read nothing included. */
  readonly canEnd: boolean;
  /** Whether there is anything more to read. */
  readonly hasMore: boolean;
  /** Triples of low, high, state. */
  readonly edges: readonly number[];
}

/** Where to go on when a rule has been read: a stack as a linked list, shared by all that lies above it. */
export class Frame {
  readonly id: number;
  readonly position: Position | undefined;
  readonly parent: Frame | undefined;
  readonly #children = new Map<Position, Frame>();

  constructor(id: number, position?: Position, parent?: Frame) {
    this.id = id;
    this.position = position;
    this.parent = parent;
  }

  push(position: Position, newId: () => number): Frame {
    let frame = this.#children.get(position);
    if (frame === undefined) {
      frame = new Frame(newId(), position, this);
      this.#children.set(position, frame);
    }
    return frame;
  }
}

export interface Item {
  readonly position: Position;
  readonly frame: Frame;
}

/** All places an answer can be at. Equal sets are one object, so that what is known of one is known for good. */
export interface State {
  readonly items: readonly Item[];
  /** The whole answer may end here. */
  readonly isAccepting: boolean;
  /** The piece of grammar that was looked at alone may end here. */
  readonly isLeaving: boolean;
  /** By byte: the next state, null where the byte is impossible, undefined where nobody has asked yet. */
  readonly next: (State | null | undefined)[];
  /** Every place a byte can be read from, once it was needed. */
  readers: readonly Item[] | undefined;
}

/** A grammar this ambiguous is at this many places at once; real ones are at a handful. */
const MOST_ITEMS = 2_048;
/** States kept; beyond that all are forgotten and made again as they are met. */
const MOST_STATES = 20_000;

/** Runs a grammar byte by byte. All it works out is kept, so each thing is worked out once. */
export class Pushdown {
  readonly #rules: readonly CompiledRule[];
  readonly #positions: Map<number, Position>[];
  readonly #nullable: readonly boolean[];
  #states = new Map<string, State>();
  #ids = 0;
  /** Below it lies nothing: the end of the answer. */
  readonly bottom = new Frame(this.#newId());
  /** Below it lies what is not looked at. */
  readonly unknown = new Frame(this.#newId());

  constructor({ rules }: CompiledGrammar) {
    this.#rules = rules;
    this.#positions = rules.map(() => new Map());
    this.#nullable = nullableRules(rules);
  }

  /** The state before the first byte. */
  start(): State {
    return this.stateOf([{ position: this.position(0, 0), frame: this.bottom }]);
  }

  /** The state at these places, and at all that are reached when rules end there. */
  stateOf(places: readonly Item[]): State {
    const items = new Map<number, Item>();
    let isAccepting = false;
    let isLeaving = false;
    const add = (position: Position, frame: Frame): void => {
      if (position.hasMore) {
        const key = position.id * 2 ** 26 + frame.id;
        if (items.has(key)) return;
        if (items.size >= MOST_ITEMS) throw tooAmbiguous();
        items.set(key, { position, frame });
      }
      if (!position.canEnd) return;
      if (frame === this.bottom) isAccepting = true;
      else if (frame === this.unknown) isLeaving = true;
      else add(frame.position!, frame.parent!);
    };
    for (const { position, frame } of places) add(position, frame);
    const keys = [...items.keys()].sort((a, b) => a - b);
    const key = `${isAccepting ? 'a' : ''}${isLeaving ? 'l' : ''}${keys.join()}`;
    let state = this.#states.get(key);
    if (state === undefined) {
      if (this.#states.size >= MOST_STATES) this.#states = new Map();
      state = { items: [...items.values()], isAccepting, isLeaving, next: [], readers: undefined };
      this.#states.set(key, state);
    }
    return state;
  }

  /** A stack with one more place to go on at. */
  push(frame: Frame, position: Position): Frame {
    return frame.push(position, () => this.#newId());
  }

  /** The state after one more byte, or null where it is impossible. */
  step(state: State, byte: number): State | null {
    const known = state.next[byte];
    if (known !== undefined) return known;
    const places: Item[] = [];
    for (const { position, frame } of this.readers(state)) {
      const { edges, rule } = position;
      for (let index = 0; index < edges.length; index += 3) {
        if (edges[index]! > byte) break;
        if (edges[index + 1]! >= byte) places.push({ position: this.position(rule, edges[index + 2]!), frame });
      }
    }
    const next = places.length === 0 ? null : this.stateOf(places);
    if (state.next.length === 0) state.next.length = 256;
    state.next[byte] = next;
    return next;
  }

  /** The byte that must come next, where it is only one. */
  onlyByte(state: State): number | undefined {
    let only: number | undefined;
    for (const { position } of this.readers(state)) {
      for (let index = 0; index < position.edges.length; index += 3) {
        const low = position.edges[index]!;
        if (low !== position.edges[index + 1] || (only ?? low) !== low) return undefined;
        only = low;
      }
    }
    return only;
  }

  /** The places of a state from which a byte is read, those in called rules included. */
  readers(state: State): readonly Item[] {
    if (state.readers) return state.readers;
    const readers: Item[] = [];
    const seen = new Set<number>();
    const enter = (position: Position, frame: Frame): void => {
      const key = position.id * 2 ** 26 + frame.id;
      if (seen.has(key)) return;
      if (seen.size >= MOST_ITEMS) throw tooAmbiguous();
      seen.add(key);
      if (position.edges.length > 0) readers.push({ position, frame });
      const isRepeat = this.#rules[position.rule]!.kind === 'repeat';
      for (const [called, after] of this.#calls(position)) {
        // A call at the very end of a rule needs no way back: lists that call themselves at their end stay flat.
        const inner = after.hasMore || !after.canEnd ? this.push(frame, after) : frame;
        enter(this.position(called, 0), inner);
        // A repetition gains nothing from a round that reads nothing, and could go through a million of them.
        if (this.#nullable[called] && !isRepeat) enter(after, frame);
      }
    };
    for (const { position, frame } of state.items) enter(position, frame);
    state.readers = readers;
    return readers;
  }

  /** A place by rule and state (or count). */
  position(rule: number, state: number): Position {
    const compiled = this.#rules[rule]!;
    // Counting on beyond the minimum tells nothing where there is no maximum.
    const at = compiled.kind === 'repeat' && compiled.maximum < 0 ? Math.min(state, compiled.minimum) : state;
    const known = this.#positions[rule]!.get(at);
    if (known) return known;
    const position = { id: this.#newId(), rule, state: at, ...placeOf(compiled, at, this.#nullable) };
    this.#positions[rule]!.set(at, position);
    return position;
  }

  /**
   * A place from which the same texts of up to `length` bytes can be read as from this one. In a long counted repetition
   * almost all counts are alike that way, and what is known of one serves them all.
   */
  alike(position: Position, length: number): Position {
    const compiled = this.#rules[position.rule]!;
    if (compiled.kind !== 'repeat') return position;
    const { minimum, maximum } = compiled;
    const { state } = position;
    const isFarFromMinimum = state + length < minimum;
    const isFarFromMaximum = maximum < 0 || state + length < maximum;
    if (!isFarFromMaximum) return position;
    if (isFarFromMinimum) return this.position(position.rule, 0);
    return state >= minimum ? this.position(position.rule, minimum) : position;
  }

  #calls(position: Position): (readonly [rule: number, after: Position])[] {
    const compiled = this.#rules[position.rule]!;
    if (compiled.kind === 'repeat') {
      if (!position.hasMore) return [];
      return [[compiled.rule, this.position(position.rule, position.state + 1)]];
    }
    const { calls } = compiled.states[position.state]!;
    const result: (readonly [number, Position])[] = [];
    for (let index = 0; index < calls.length; index += 2) {
      result.push([calls[index]!, this.position(position.rule, calls[index + 1]!)]);
    }
    return result;
  }

  #newId(): number {
    return this.#ids++;
  }
}

function placeOf(rule: CompiledRule, at: number, nullable: readonly boolean[]) {
  if (rule.kind === 'repeat') {
    return { edges: [], hasMore: rule.maximum < 0 || at < rule.maximum, canEnd: at >= rule.minimum };
  }
  const { edges, calls } = rule.states[at]!;
  return { edges, hasMore: edges.length + calls.length > 0, canEnd: canEnd(rule, at, nullable) };
}

/** Whether an automaton may end at a state, be it by calls that read nothing. */
function canEnd(
  { states }: Extract<CompiledRule, { kind: 'automaton' }>,
  state: number,
  nullable: readonly boolean[],
): boolean {
  const reached = new Set([state]);
  for (const index of reached) {
    const { isFinal, calls } = states[index]!;
    if (isFinal) return true;
    for (let call = 0; call < calls.length; call += 2) if (nullable[calls[call]!]) reached.add(calls[call + 1]!);
  }
  return false;
}

function nullableRules(rules: readonly CompiledRule[]): readonly boolean[] {
  const nullable = rules.map(() => false);
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    for (const [index, rule] of rules.entries()) {
      const is = rule.kind === 'repeat' ? rule.minimum === 0 || nullable[rule.rule]! : canEnd(rule, 0, nullable);
      if (!is || nullable[index]) continue;
      nullable[index] = true;
      hasChanged = true;
    }
  }
  return nullable;
}

function tooAmbiguous(): SottoError {
  const message = `The grammar can be read in more than ${MOST_ITEMS} ways at once: make its alternatives begin differently.`;
  return new SottoError('grammar-too-complex', message);
}
