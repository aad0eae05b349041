import type { Frame, Item, Position, Pushdown, State } from './pushdown.ts';
import type { TokenTrie } from './token-trie.ts';

/** What is known of one place regardless of where its rule was called from. */
interface LocalMask {
  /** Tokens that stay within what was looked at. */
  readonly mask: Uint32Array;
  /** Nodes of the trie at which it may end: what follows there depends on the rest of the stack. */
  readonly exits: readonly number[];
}

/** With more exits than this, more of the stack is looked at at once: it is cheaper than to go on from each of them. */
const MOST_EXITS = 1_500;
/** Frames of the stack that one local mask may look at. */
const DEEPEST_LOOK = 4;
/** Whole masks kept (6 kB each at 49,000 tokens); local ones are kept for good. */
const MOST_MASKS = 512;

/**
 * The tokens that are possible in a state, as bits. Almost all of the work depends on the current rule alone (all the tokens
 * that can go on inside a JSON string, say), is done once for it, and is shared by every state that stands there; the few
 * tokens that go beyond the rule's end are then followed for the state itself.
 */
export class TokenMasks {
  readonly #pushdown: Pushdown;
  readonly #trie: TokenTrie;
  /** Words of a mask. */
  readonly words: number;
  readonly #local = new Map<string, LocalMask>();
  readonly #masks = new Map<State, Uint32Array>();
  /** The states on the way to a node of the trie, by depth; shared by all walks, of which one runs at a time. */
  readonly #path: State[] = [];

  constructor(pushdown: Pushdown, trie: TokenTrie) {
    this.#pushdown = pushdown;
    this.#trie = trie;
    this.words = Math.ceil(trie.vocabularySize / 32);
  }

  /** Bits of the tokens that are possible in a state. Not to be changed. */
  of(state: State): Uint32Array {
    const known = this.#masks.get(state);
    if (known) return known;
    const mask = this.#compute(state);
    if (this.#masks.size >= MOST_MASKS) this.#masks.clear();
    this.#masks.set(state, mask);
    return mask;
  }

  #compute(state: State): Uint32Array {
    let own: Uint32Array | undefined;
    let single: Uint32Array | undefined;
    for (const item of state.items) {
      const { local, rest } = this.#look(item);
      if (state.items.length === 1 && rest === undefined) single = local.mask;
      own ??= new Uint32Array(this.words);
      for (let word = 0; word < own.length; word++) own[word]! |= local.mask[word]!;
      if (rest === undefined) continue;
      for (const node of local.exits) this.#walk(node, rest, own, undefined);
    }
    return single ?? own ?? new Uint32Array(this.words);
  }

  /** The local mask of an item, and the state beyond its exits if anything can be read there. */
  #look({ position, frame }: Item): { local: LocalMask; rest: State | undefined } {
    const seen: Position[] = [];
    let below: Frame = frame;
    for (;;) {
      const isBottom = below === this.#pushdown.bottom;
      const local = this.#localMask(position, seen, isBottom);
      if (local.exits.length === 0 || isBottom) return { local, rest: undefined };
      if (local.exits.length <= MOST_EXITS || seen.length >= DEEPEST_LOOK) {
        const rest = this.#pushdown.stateOf([{ position: below.position!, frame: below.parent! }]);
        return { local, rest: rest.items.length > 0 ? rest : undefined };
      }
      seen.push(below.position!);
      below = below.parent!;
    }
  }

  /** The mask of a place with some frames of its stack, innermost first. */
  #localMask(position: Position, frames: readonly Position[], isBottom: boolean): LocalMask {
    const pushdown = this.#pushdown;
    const places = [position, ...frames].map((place) => pushdown.alike(place, this.#trie.longest));
    const key = `${places.map(({ id }) => id).join()}${isBottom ? '.' : ''}`;
    const known = this.#local.get(key);
    if (known) return known;
    let frame = pushdown.unknown;
    for (const place of places.slice(1).reverse()) frame = pushdown.push(frame, place);
    const mask = new Uint32Array(this.words);
    const exits: number[] = [];
    const state = pushdown.stateOf([{ position: places[0]!, frame }]);
    this.#walk(0, state, mask, isBottom ? undefined : exits);
    const local = { mask, exits };
    this.#local.set(key, local);
    return local;
  }

  /** Sets the bits of all tokens below a node that can be read from a state; collects where the state may be left. */
  #walk(node: number, from: State, mask: Uint32Array, exits: number[] | undefined): void {
    const { bytes, depths, ends, tokens, twins } = this.#trie;
    const pushdown = this.#pushdown;
    const path = this.#path;
    path[depths[node]!] = from;
    const end = ends[node]!;
    for (let index = node + 1; index < end; ) {
      const depth = depths[index]!;
      const before = path[depth - 1]!;
      let state = before.next[bytes[index]!];
      if (state === undefined) state = pushdown.step(before, bytes[index]!);
      if (state === null) {
        index = ends[index]!;
        continue;
      }
      path[depth] = state;
      for (let token = tokens[index]!; token >= 0; token = twins[token]!) mask[token >>> 5]! |= 1 << (token & 31);
      if (exits !== undefined && state.isLeaving) exits.push(index);
      index += 1;
    }
  }
}
