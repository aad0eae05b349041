import type { Vocabulary } from '../vocabulary/index.ts';
import { SPACE, type TextEncoding, unescapedBytes } from './text-encoding.ts';
import { WordCache } from './word-cache.ts';

const WHITE_SPACE = /\p{White_Space}/u;
const ACCENT = /\p{M}/u;
/** Controls of all kinds; unassigned characters are none. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]/u;
const STANDS_ALONE = /\p{P}|[$+<=>^`|~]/u;
/** Ideographs are words of their own (source: BERT's tokenizer; the last two blocks are off by some, as there). */
const IDEOGRAPH =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/u;

/**
 * BERT's WordPiece: words are lower-cased and freed of accents, punctuation stands alone, and each word becomes the
 * longest tokens that fit, left to right; a word that cannot be written whole is one unknown token.
 * Files write the beginning of a word with U+2581 in front and its other pieces bare.
 */
export class WordPieceEncoding implements TextEncoding {
  readonly addsSpacePrefix = false;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #unknownId: number | undefined;
  readonly #longest: number;
  readonly #lowersCase: boolean;
  readonly #stripsAccents: boolean;
  readonly #cache = new WordCache();

  constructor({ fields, tokens, textIds, unknownId }: Vocabulary) {
    this.#ids = textIds;
    this.#unknownId = unknownId;
    this.#longest = tokens.reduce((longest, { length }) => Math.max(longest, length), 0);
    this.#lowersCase = fields.flag('normalizer.lowercase') ?? true;
    this.#stripsAccents = fields.flag('normalizer.strip_accents') ?? this.#lowersCase;
  }

  *encode(text: string): Generator<readonly number[]> {
    for (const word of this.#words(text)) yield this.#cache.get(word, (value) => this.#encodeWord(value));
  }

  bytesOf(token: string): Uint8Array {
    return unescapedBytes(token);
  }

  *#words(text: string): Generator<string> {
    let word = '';
    for (const original of text) {
      // The base alone, as llama.cpp does: what is written with several parts keeps the first.
      const character = this.#stripsAccents ? firstOf(original.normalize('NFD')) : original;
      if (WHITE_SPACE.test(character)) {
        if (word !== '') yield word;
        word = '';
        continue;
      }
      if (CONTROL.test(character) || (this.#stripsAccents && ACCENT.test(character))) continue;
      const written = this.#lowersCase ? firstOf(character.toLowerCase()) : character;
      if (STANDS_ALONE.test(character) || IDEOGRAPH.test(character)) {
        if (word !== '') yield word;
        word = '';
        yield written;
      } else {
        word += written;
      }
    }
    if (word !== '') yield word;
  }

  #encodeWord(word: string): readonly number[] {
    const text = SPACE + word;
    const ids: number[] = [];
    for (let start = 0; start < text.length; ) {
      let end = Math.min(text.length, start + this.#longest);
      let id: number | undefined;
      for (; end > start; end--) {
        id = this.#ids.get(text.slice(start, end));
        if (id !== undefined) break;
      }
      if (id === undefined) return this.#unknownId === undefined ? [] : [this.#unknownId];
      ids.push(id);
      start = end;
    }
    return ids;
  }
}

function firstOf(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}
