import type { Vocabulary } from '../vocabulary/index.ts';
import { spaceCutter } from './cut-words.ts';
import { mergeSymbols } from './merge-symbols.ts';
import { byteToken, escapeSpaces, SPACE, type TextEncoding, unescapedBytes } from './text-encoding.ts';
import { WordCache } from './word-cache.ts';

const encoder = new TextEncoder();

/**
 * SentencePiece's byte-pair encoding: neighbours join to whichever token has the best score; what the vocabulary cannot
 * write becomes byte tokens. Spaces are written U+2581, and a text that opens a prompt gets one in front.
 */
export class SentencePieceEncoding implements TextEncoding {
  readonly addsSpacePrefix: boolean;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #scores: ArrayLike<number> | undefined;
  readonly #unknownId: number | undefined;
  readonly #cut: (text: string) => Iterable<string>;
  readonly #cache = new WordCache();

  constructor({ fields, tokens, textIds, unknownId }: Vocabulary) {
    this.#ids = textIds;
    this.#scores = fields.numbers('scores', tokens.length);
    this.#unknownId = unknownId;
    this.#cut = spaceCutter(textIds.keys());
    this.addsSpacePrefix = fields.flag('add_space_prefix') ?? true;
  }

  *encode(text: string, isFirst: boolean): Generator<readonly number[]> {
    const escaped = (this.addsSpacePrefix && isFirst ? SPACE : '') + escapeSpaces(text);
    for (const word of this.#cut(escaped)) yield this.#cache.get(word, (value) => this.#encodeWord(value));
  }

  bytesOf(token: string): Uint8Array {
    return unescapedBytes(token);
  }

  #encodeWord(word: string): readonly number[] {
    const ids: number[] = [];
    const pieces = mergeSymbols(word, (text, start, _middle, end) => {
      const id = this.#ids.get(text.slice(start, end));
      return id === undefined ? undefined : -(this.#scores?.[id] ?? 0);
    });
    for (const piece of pieces) {
      const id = this.#ids.get(piece);
      if (id === undefined) for (const byte of encoder.encode(piece)) this.#pushByte(byte, ids);
      else ids.push(id);
    }
    return ids;
  }

  #pushByte(byte: number, ids: number[]): void {
    const id = this.#ids.get(byteToken(byte)) ?? this.#unknownId;
    if (id !== undefined) ids.push(id);
  }
}
