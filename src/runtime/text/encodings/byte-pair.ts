import type { Vocabulary } from '../vocabulary/index.ts';
import { fromByteLevel, toByteLevel } from './byte-level.ts';
import { cutLongWord, spaceCutter } from './cut-words.ts';
import { mergeSymbols } from './merge-symbols.ts';
import { type PreTokenizer, splitWords } from './pre-tokenizers.ts';
import { byteToken, escapeSpaces, type TextEncoding, unescapedBytes } from './text-encoding.ts';
import { WordCache } from './word-cache.ts';

const encoder = new TextEncoder();

/**
 * Byte-pair encoding: words are cut out by a pattern, then joined pair by pair in the order of the file's merges.
 * Words are written in the byte-level alphabet, or, where the pre-tokenizer says so, as plain text with U+2581 for
 * spaces and byte tokens for what the vocabulary lacks.
 */
export class BytePairEncoding implements TextEncoding {
  readonly addsSpacePrefix = false;
  readonly #ids: ReadonlyMap<string, number>;
  /** Place of each merge in the file, by the line the file writes: two texts and a space between. */
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #preTokenizer: PreTokenizer;
  readonly #cache = new WordCache();
  readonly #cutPlain: ((text: string) => Iterable<string>) | undefined;

  constructor({ fields, textIds }: Vocabulary, preTokenizer: PreTokenizer) {
    this.#ids = textIds;
    this.#preTokenizer = preTokenizer;
    const ranks = new Map<string, number>();
    // Of a line that stands there twice the first counts.
    for (const [rank, merge] of fields.texts('merges').entries()) if (!ranks.has(merge)) ranks.set(merge, rank);
    this.#ranks = ranks;
    if (preTokenizer.writesPlainText) this.#cutPlain = spaceCutter(textIds.keys());
  }

  *encode(text: string): Generator<readonly number[]> {
    const cutPlain = this.#cutPlain;
    for (const word of splitWords(cutPlain ? escapeSpaces(text) : text, this.#preTokenizer)) {
      for (const part of cutPlain ? cutPlain(word) : cutLongWord(word)) {
        yield this.#cache.get(part, (value) => this.#encodeWord(cutPlain ? value : toByteLevel(value)));
      }
    }
  }

  bytesOf(token: string): Uint8Array {
    return this.#preTokenizer.writesPlainText ? unescapedBytes(token) : fromByteLevel(token);
  }

  #encodeWord(word: string): readonly number[] {
    const whole = this.#ids.get(word);
    const isLineBreaks = this.#preTokenizer.writesPlainText && /^\n+$/u.test(word);
    if (whole !== undefined && (this.#preTokenizer.ignoreMerges || isLineBreaks)) return [whole];
    const ranks = this.#ranks;
    const ids: number[] = [];
    for (const piece of mergeSymbols(word, (text, start, middle, end) =>
      ranks.get(`${text.slice(start, middle)} ${text.slice(middle, end)}`),
    )) {
      const id = this.#ids.get(piece);
      if (id === undefined) ids.push(...this.#singleBytes(piece));
      else ids.push(id);
    }
    return ids;
  }

  /** A piece that is no token, byte by byte. Bytes without a token are left out, as llama.cpp does. */
  #singleBytes(piece: string): number[] {
    const texts = this.#preTokenizer.writesPlainText ? Array.from(encoder.encode(piece), byteToken) : Array.from(piece);
    return texts.map((text) => this.#ids.get(text)).filter((id) => id !== undefined);
  }
}
