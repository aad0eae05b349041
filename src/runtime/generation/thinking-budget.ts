/** How many tokens a model may think before it must answer. */
export interface ThinkingLimit {
  readonly tokens: number;
  /** Whether the prompt has opened the thinking already; else the model may do so at the very beginning. */
  readonly isOpen: boolean;
  /** What the model writes before and behind its thinking. */
  readonly open: string;
  readonly close: string;
}

/** What is put where the budget is spent: the tag as models write it, on a line of its own. */
export function endOfThinking({ close }: ThinkingLimit): string {
  return `\n${close}\n\n`;
}

/** Bytes as characters: a token may hold a part of one only. */
const decoder = new TextDecoder('latin1');
const encoder = new TextEncoder();

/** Counts what a model thinks, and ends it where the budget is spent: the tag's tokens are then the only ones possible. */
export class ThinkingBudget {
  readonly #ending: readonly number[];
  readonly #open: string;
  readonly #close: string;
  #state: 'before' | 'thinking' | 'over';
  #left: number;
  /** The answer so far, or its end: as much as a tag may be in. */
  #text = '';
  #ended = 0;

  /** @param ending The tokens of `endOfThinking`. */
  constructor({ tokens, isOpen, open, close }: ThinkingLimit, ending: readonly number[]) {
    this.#open = decoder.decode(encoder.encode(open));
    this.#close = decoder.decode(encoder.encode(close));
    this.#ending = ending;
    this.#left = tokens;
    this.#state = isOpen ? 'thinking' : 'before';
  }

  /** True when the model thinks no more. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** The token that must come next; undefined while the model may go on. */
  get next(): number | undefined {
    return this.#state === 'thinking' && this.#left <= 0 ? this.#ending[this.#ended] : undefined;
  }

  accept(bytes: Uint8Array): void {
    if (this.#state === 'over') return;
    const wasForced = this.next !== undefined;
    this.#text += decoder.decode(bytes);
    if (this.#state === 'before') {
      const text = this.#text.trimStart();
      if (text.startsWith(this.#open)) this.#state = 'thinking';
      else if (!this.#open.startsWith(text)) this.#state = 'over';
      return;
    }
    if (wasForced) {
      this.#ended += 1;
      if (this.#ended === this.#ending.length) this.#state = 'over';
      return;
    }
    this.#left -= 1;
    if (this.#text.includes(this.#close)) this.#state = 'over';
    this.#text = this.#text.slice(1 - this.#close.length);
  }
}
