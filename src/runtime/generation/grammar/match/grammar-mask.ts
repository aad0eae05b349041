import { SottoError } from '../../../../shared/index.ts';
import type { Pushdown, State } from './pushdown.ts';
import type { TokenMasks } from './token-masks.ts';

/** One grammar over one vocabulary, and all that was worked out about them so far. */
export interface GrammarEngine {
  readonly pushdown: Pushdown;
  readonly masks: TokenMasks;
  /** Tokens that the masks know nothing of, and their bytes. */
  readonly extra: ReadonlyMap<number, Uint8Array>;
  readonly tokenBytes: (id: number) => Uint8Array;
  readonly endTokenIds: readonly number[];
  /** Text → tokens the way the model has learnt to write it. */
  readonly encode: (text: string) => readonly number[];
}

/** Bytes of forced text that are looked ahead at once. */
const LONGEST_FORCED = 512;

/**
 * Keeps one answer within a grammar: says which tokens may come next and follows those that were chosen.
 * The end token is possible exactly where the answer is complete.
 */
export class GrammarMask {
  readonly #engine: GrammarEngine;
  readonly #history: State[];
  readonly #allowed: Uint32Array;

  constructor(engine: GrammarEngine, history: readonly State[] = [engine.pushdown.start()]) {
    this.#engine = engine;
    this.#history = [...history];
    this.#allowed = new Uint32Array(engine.masks.words);
  }

  /** True where the answer so far is complete. */
  get isComplete(): boolean {
    return this.#state.isAccepting;
  }

  /** Tokens accepted so far. */
  get length(): number {
    return this.#history.length - 1;
  }

  /**
   * Tokens that must come next, whatever the model thinks: the text the grammar leaves no choice about, without its last
   * token, which could be the beginning of a longer one. The end token where nothing but the end is left.
   */
  forced(): readonly number[] {
    const { pushdown, endTokenIds, tokenBytes, encode } = this.#engine;
    let state = this.#state;
    if (state.isAccepting && state.items.length === 0) return endTokenIds.slice(0, 1);
    const bytes: number[] = [];
    while (bytes.length < LONGEST_FORCED && !state.isAccepting) {
      const byte = pushdown.onlyByte(state);
      if (byte === undefined) break;
      bytes.push(byte);
      state = pushdown.step(state, byte)!;
    }
    if (bytes.length < 2) return [];
    const isOver = state.isAccepting && state.items.length === 0;
    const text = wholeCharacters(bytes);
    // A begin token that the tokenizer puts in front stands for no bytes.
    const tokens = encode(text).filter((token) => tokenBytes(token).length > 0);
    const spelt = tokens.flatMap((token) => [...tokenBytes(token)]);
    if (spelt.length === 0 || spelt.some((byte, index) => byte !== bytes[index])) return [];
    if (isOver && spelt.length === bytes.length) return [...tokens, ...endTokenIds.slice(0, 1)];
    return tokens.slice(0, -1);
  }

  /** Bit `id & 31` of word `id >>> 5`: whether the token may come next. A view that the next call overwrites. */
  allowed(): Uint32Array {
    const state = this.#state;
    const { masks, extra, endTokenIds } = this.#engine;
    this.#allowed.set(masks.of(state));
    for (const [id, bytes] of extra) if (this.#after(bytes)) this.#allowed[id >>> 5]! |= 1 << (id & 31);
    if (state.isAccepting) for (const id of endTokenIds) this.#allowed[id >>> 5]! |= 1 << (id & 31);
    else if (this.#allowed.every((word) => word === 0)) {
      const message = 'No token of this model’s vocabulary can go on as the grammar asks.';
      throw new SottoError('grammar-unsupported', message);
    }
    return this.#allowed;
  }

  /** Moves on by a token. Throws `internal` where the token was not possible. */
  accept(token: number): void {
    const bytes = this.#engine.tokenBytes(token);
    const state = this.#after(bytes);
    if (state === null || bytes.length === 0) {
      throw new SottoError('internal', `Token ${token} is not possible where the grammar stands.`);
    }
    this.#history.push(state);
  }

  /** Takes the last tokens back: a guess that was wrong. */
  rollback(count: number): void {
    if (count > this.length) throw new RangeError(`cannot take back ${count} of ${this.length} tokens`);
    this.#history.length -= count;
  }

  /** A second mask that stands at the same place and goes its own way. */
  fork(): GrammarMask {
    return new GrammarMask(this.#engine, this.#history);
  }

  #after(bytes: Uint8Array): State | null {
    let state: State | null = this.#state;
    for (const byte of bytes) state = state && this.#engine.pushdown.step(state, byte);
    return state;
  }

  get #state(): State {
    return this.#history.at(-1)!;
  }
}

const decoder = new TextDecoder('utf-8');

/** Bytes as text, without a character that has only begun. */
function wholeCharacters(bytes: readonly number[]): string {
  return decoder.decode(Uint8Array.from(bytes)).replace(/\uFFFD+$/u, '');
}
