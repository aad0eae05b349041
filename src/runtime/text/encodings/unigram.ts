import { invalid, TOKEN, type Vocabulary } from '../vocabulary/index.ts';
import { CharacterMap } from './character-map.ts';
import { SPACE, type TextEncoding, unescapedBytes } from './text-encoding.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const SPACE_BYTE = 0x20;

/** What an unknown character costs below the least likely token. */
const UNKNOWN_PENALTY = 10;

/**
 * SentencePiece's unigram model: of all ways to write a text as tokens, the likeliest, found by Viterbi's algorithm.
 * The text is normalised first, by the map the file carries.
 */
export class UnigramEncoding implements TextEncoding {
  readonly addsSpacePrefix: boolean;
  readonly #ids = new Map<string, number>();
  readonly #scores: Float64Array;
  /** Longest token, in UTF-16 code units, by its first code unit. */
  readonly #longest = new Map<number, number>();
  readonly #unknownId: number;
  readonly #unknownScore: number;
  readonly #map: CharacterMap | undefined;
  /** Beginnings of user-defined tokens, byte by byte: such text is never normalised. */
  readonly #keptPrefixes = new Set<string>();
  readonly #mergesSpaces: boolean;
  /** Whether spaces at the end count as one: the tokenizers library says so where it merges them, llama.cpp never does. */
  readonly #keepsLastSpace: boolean;

  constructor({ fields, tokens, kinds, unknownId }: Vocabulary) {
    const scores = fields.numbers('scores', tokens.length);
    if (!scores) throw invalid('scores', 'is missing');
    if (unknownId === undefined) throw invalid('unknown_token_id', 'is missing');
    this.#unknownId = unknownId;
    this.#scores = Float64Array.from(tokens, (_, id) => scores[id] ?? 0);
    let least = Number.POSITIVE_INFINITY;
    for (const [id, token] of tokens.entries()) {
      const kind = kinds[id] ?? 0;
      if ((kind & TOKEN.normal) !== 0) least = Math.min(least, this.#scores[id] ?? 0);
      if ((kind & TOKEN.userDefined) !== 0) {
        this.#scores[id] = 0;
        for (let length = 1; length <= token.length; length++) this.#keptPrefixes.add(token.slice(0, length));
      }
      if ((kind & (TOKEN.control | TOKEN.unknown)) !== 0) continue;
      if ((kind & (TOKEN.normal | TOKEN.userDefined | TOKEN.unused)) !== 0) this.#add(token, id);
    }
    this.#unknownScore = Math.fround(least - UNKNOWN_PENALTY);
    const map = fields.get('precompiled_charsmap');
    this.#map = map === undefined ? undefined : new CharacterMap(asBytes(map));
    this.addsSpacePrefix = fields.flag('add_space_prefix') ?? false;
    this.#mergesSpaces = fields.flag('remove_extra_whitespaces') ?? false;
    this.#keepsLastSpace = fields.flag('keep_last_whitespace') ?? false;
  }

  *encode(text: string): Generator<readonly number[]> {
    const normalised = this.#normalise(text);
    if (normalised !== '') yield this.#likeliest(normalised);
  }

  bytesOf(token: string): Uint8Array {
    return unescapedBytes(token);
  }

  #add(token: string, id: number): void {
    this.#ids.set(token, id);
    const first = token.charCodeAt(0);
    this.#longest.set(first, Math.max(token.length, this.#longest.get(first) ?? 0));
  }

  #likeliest(text: string): number[] {
    const { length } = text;
    const best = new Float64Array(length + 1).fill(-Number.MAX_VALUE);
    const tokenAt = new Int32Array(length + 1).fill(this.#unknownId);
    const startOf = new Int32Array(length + 1);
    best[0] = 0;
    const offer = (end: number, start: number, id: number, score: number) => {
      if (score <= (best[end] ?? 0)) return;
      best[end] = score;
      tokenAt[end] = id;
      startOf[end] = start;
    };
    for (let start = 0; start < length; ) {
      const character = (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
      const here = best[start] ?? 0;
      const longest = Math.min(this.#longest.get(text.charCodeAt(start)) ?? 0, length - start);
      let hasCharacter = false;
      for (let size = 1; size <= longest; size++) {
        const id = this.#ids.get(text.slice(start, start + size));
        if (id === undefined) continue;
        if (size === character) hasCharacter = true;
        offer(start + size, start, id, here + (this.#scores[id] ?? 0));
      }
      if (!hasCharacter) offer(start + character, start, this.#unknownId, here + this.#unknownScore);
      start += character;
    }
    const ids: number[] = [];
    for (let end = length; end > 0; end = startOf[end] ?? 0) {
      const id = tokenAt[end] ?? this.#unknownId;
      // A run of unknown characters is one unknown token.
      if (id !== this.#unknownId || ids.at(-1) !== this.#unknownId) ids.push(id);
    }
    return ids.reverse();
  }

  #normalise(text: string): string {
    const bytes = encoder.encode(text);
    const result: number[] = [];
    const space = [...encoder.encode(SPACE)];
    let isPrepended = false;
    let isInWord = false;
    for (let position = 0; position < bytes.length; ) {
      const { length, written } = this.#normaliseAt(bytes, position);
      for (const byte of written) {
        if (byte === SPACE_BYTE) {
          isInWord = false;
          if (!this.#mergesSpaces) result.push(...space);
          continue;
        }
        if (!isInWord) {
          isInWord = true;
          if ((this.addsSpacePrefix && !isPrepended) || this.#mergesSpaces) {
            result.push(...space);
            isPrepended = true;
          }
        }
        result.push(byte);
      }
      position += length;
    }
    if (this.#keepsLastSpace && !isInWord && bytes.length > 0) result.push(...space);
    return decoder.decode(Uint8Array.from(result));
  }

  #normaliseAt(bytes: Uint8Array, position: number): { length: number; written: Uint8Array } {
    const kept = this.#keptLength(bytes, position);
    if (kept > 0) return { length: kept, written: bytes.subarray(position, position + kept) };
    const match = this.#map?.longestMatch(bytes, position);
    if (match) return { length: match.length, written: match.replacement };
    const length = characterLength(bytes[position] ?? 0);
    return { length, written: bytes.subarray(position, position + length) };
  }

  #keptLength(bytes: Uint8Array, position: number): number {
    if (this.#keptPrefixes.size === 0) return 0;
    let length = 0;
    let text = '';
    while (position + length < bytes.length) {
      const size = characterLength(bytes[position + length] ?? 0);
      text += decoder.decode(bytes.subarray(position + length, position + length + size));
      if (!this.#keptPrefixes.has(text)) break;
      length += size;
    }
    return length;
  }
}

function characterLength(firstByte: number): number {
  if (firstByte < 0x80) return 1;
  if (firstByte < 0xe0) return 2;
  return firstByte < 0xf0 ? 3 : 4;
}

function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof Int8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw invalid('precompiled_charsmap', 'is not a list of bytes');
}
