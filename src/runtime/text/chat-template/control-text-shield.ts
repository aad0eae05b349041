import type { JsonValue, PromptPiece } from '../../../protocol/index.ts';
import { SottoError } from '../../../shared/index.ts';

/** The private use area of the basic plane: no character there has a meaning of its own. */
const PRIVATE_FIRST = 0xe000;
const PRIVATE_LAST = 0xf8ff;

/**
 * Hides control tokens inside what people write while a template runs, so that they can be told from the template's own.
 *
 * Each hidden text becomes one private-use character that occurs nowhere else in the request. Hidden are whole control
 * tokens and, at the end of a content, every beginning of one: otherwise "<|im_" in one message and "end|>" at the start
 * of the next would join to a control token. Everything else reaches the template as it is, so trimming, comparing and
 * splitting work.
 */
export class ControlTextShield {
  readonly #controlTexts: readonly string[];
  readonly #whole: RegExp | undefined;
  readonly #used: ReadonlySet<string>;
  readonly #characters = new Map<string, string>();
  #next = PRIVATE_FIRST;

  /** `texts` is everything the template can see: its own source and every content. */
  constructor(controlTexts: readonly string[], texts: readonly string[]) {
    this.#controlTexts = controlTexts.filter((text) => text !== '').sort((a, b) => b.length - a.length);
    this.#whole = anyOf(this.#controlTexts);
    this.#used = new Set(texts.flatMap((text) => text.match(/[\ue000-\uf8ff]/gu) ?? []));
  }

  /** The content with its control tokens hidden. */
  hide(content: string): string {
    const hidden = this.#whole ? content.replace(this.#whole, (text) => this.#characterFor(text)) : content;
    const start = this.#openEnd(hidden);
    return start === hidden.length ? hidden : hidden.slice(0, start) + this.#characterFor(hidden.slice(start));
  }

  /** A value with the control tokens in all its texts hidden. Names of fields are left: templates ask for them. */
  hideIn(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.hide(value);
    if (Array.isArray(value)) return value.map((item: JsonValue) => this.hideIn(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.hideIn(item)]));
  }

  /** A rendered prompt with what was hidden put back as text pieces. */
  reveal(rendered: string): PromptPiece[] {
    const original = new Map([...this.#characters].map(([text, character]) => [character, text]));
    const hidden = anyOf([...original.keys()]);
    const pieces: PromptPiece[] = [];
    let end = 0;
    for (const match of hidden ? rendered.matchAll(hidden) : []) {
      if (match.index > end) pieces.push({ kind: 'template', text: rendered.slice(end, match.index) });
      pieces.push({ kind: 'text', text: original.get(match[0]) ?? '' });
      end = match.index + match[0].length;
    }
    if (end < rendered.length) pieces.push({ kind: 'template', text: rendered.slice(end) });
    return pieces;
  }

  /** Where the longest suffix begins that a control token begins with. */
  #openEnd(content: string): number {
    const longest = this.#controlTexts[0]?.length ?? 0;
    for (let start = Math.max(0, content.length - longest + 1); start < content.length; start++) {
      const suffix = content.slice(start);
      if (this.#controlTexts.some((text) => text.startsWith(suffix))) return start;
    }
    return content.length;
  }

  #characterFor(text: string): string {
    const known = this.#characters.get(text);
    if (known !== undefined) return known;
    while (this.#used.has(String.fromCharCode(this.#next))) this.#next += 1;
    if (this.#next > PRIVATE_LAST) {
      throw new SottoError('template-rejected', 'The conversation uses every private-use character there is.');
    }
    const character = String.fromCharCode(this.#next++);
    this.#characters.set(text, character);
    return character;
  }
}

function anyOf(texts: readonly string[]): RegExp | undefined {
  if (texts.length === 0) return undefined;
  return new RegExp(texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&')).join('|'), 'gu');
}
