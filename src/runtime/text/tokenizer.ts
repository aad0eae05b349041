import type { GgufFile } from '../../formats/gguf/index.ts';
import type { PromptPiece } from '../../protocol/index.ts';
import { createEncoding } from './encodings/index.ts';
import { SpecialTokens } from './special-tokens.ts';
import { readVocabulary, TOKEN } from './vocabulary/index.ts';

/** Text ↔ tokens of one model. Stateless: one tokenizer serves many generations. */
export interface Tokenizer {
  readonly vocabularySize: number;
  readonly beginTokenId: number | undefined;
  readonly endTokenId: number | undefined;
  /** Texts of the begin and end token; empty where the file names none. */
  readonly beginToken: string;
  readonly endToken: string;
  /** Ids that end a generation: end of text, end of turn, end of message. */
  readonly endTokenIds: ReadonlySet<number>;
  /** Whether `encode` puts the begin token in front of a prompt that does not begin with it. */
  readonly addsBeginToken: boolean;
  /** Texts of control tokens ("<|im_start|>"). */
  readonly controlTokens: readonly string[];
  /** A prompt as token ids. Control tokens are recognised in template pieces only. */
  encode(pieces: readonly PromptPiece[]): number[];
  /** The same, some tokens at a time, so that a long prompt can be left before its end and other work can run between. */
  encodeSteps(pieces: readonly PromptPiece[]): Iterable<readonly number[]>;
  /**
   * A whole document as token ids, with the tokens the model expects around it ("[CLS]" … "[SEP]"): what encoders read.
   * A prompt never ends with an end token, because it is to be continued.
   */
  encodeDocument(text: string): number[];
  /**
   * The bytes a token stands for; none for control tokens and for ids outside the vocabulary. After `previous`, if that
   * is a special token, without the space that the tokenizer itself writes there.
   */
  tokenBytes(id: number, previous?: number): Uint8Array;
}

/**
 * The tokenizer a GGUF file carries.
 * Throws `tokenizer-unsupported` for unknown kinds and pre-tokenizers, `gguf-invalid` for contradictions.
 */
export function createTokenizer(gguf: Pick<GgufFile, 'metadata'>): Tokenizer {
  return new GgufTokenizer(gguf);
}

const encoder = new TextEncoder();
const NO_BYTES = new Uint8Array(0);
const SPACE_BYTE = 0x20;

class GgufTokenizer implements Tokenizer {
  readonly #vocabulary;
  readonly #encoding;
  readonly #frame;
  readonly #special: SpecialTokens;
  readonly controlTokens: readonly string[];

  constructor(gguf: Pick<GgufFile, 'metadata'>) {
    this.#vocabulary = readVocabulary(gguf);
    const { encoding, frame } = createEncoding(this.#vocabulary);
    this.#encoding = encoding;
    this.#frame = frame;
    this.#special = new SpecialTokens(this.#vocabulary);
    const { tokens, kinds } = this.#vocabulary;
    this.controlTokens = tokens.filter((_, id) => ((kinds[id] ?? 0) & (TOKEN.control | TOKEN.unknown)) !== 0);
  }

  get vocabularySize(): number {
    return this.#vocabulary.tokens.length;
  }
  get beginTokenId(): number | undefined {
    return this.#vocabulary.beginId;
  }
  get endTokenId(): number | undefined {
    return this.#vocabulary.endId;
  }
  get beginToken(): string {
    return this.#textOf(this.beginTokenId);
  }
  get endToken(): string {
    return this.#textOf(this.endTokenId);
  }
  get endTokenIds(): ReadonlySet<number> {
    return this.#vocabulary.endIds;
  }
  get addsBeginToken(): boolean {
    return this.#frame.addsBegin && this.beginTokenId !== undefined;
  }

  encode(pieces: readonly PromptPiece[]): number[] {
    const ids: number[] = [];
    for (const step of this.encodeSteps(pieces)) for (const id of step) ids.push(id);
    return ids;
  }

  *encodeSteps(pieces: readonly PromptPiece[]): Generator<readonly number[]> {
    const { beginId } = this.#vocabulary;
    let isFirst = true;
    let mayNeedBegin = this.addsBeginToken;
    for (const segment of this.#special.segments(pieces)) {
      const isBegin = segment.kind === 'token' && segment.id === beginId;
      if (mayNeedBegin && !isBegin && beginId !== undefined) yield [beginId];
      mayNeedBegin = false;
      if (segment.kind === 'token') yield [segment.id];
      else yield* this.#encoding.encode(segment.text, isFirst);
      isFirst = segment.kind === 'token';
    }
  }

  encodeDocument(text: string): number[] {
    const { beginId, endId, separatorId } = this.#vocabulary;
    const ids: number[] = [];
    if (this.#frame.addsBegin && beginId !== undefined) ids.push(beginId);
    let isFirst = true;
    for (const segment of this.#special.segments([{ kind: 'text', text }])) {
      if (segment.kind === 'token') ids.push(segment.id);
      else for (const step of this.#encoding.encode(segment.text, isFirst)) for (const id of step) ids.push(id);
      isFirst = segment.kind === 'token';
    }
    if (this.#frame.addsEnd && endId !== undefined) ids.push(endId);
    else if (this.#frame.addsSeparator && separatorId !== undefined) ids.push(separatorId);
    return ids;
  }

  tokenBytes(id: number, previous?: number): Uint8Array {
    const { tokens, kinds, shownIds } = this.#vocabulary;
    const token = tokens[id];
    const kind = kinds[id] ?? 0;
    if (token === undefined) return NO_BYTES;
    if ((kind & (TOKEN.control | TOKEN.unknown)) !== 0) return shownIds.has(id) ? encoder.encode(token) : NO_BYTES;
    if ((kind & TOKEN.userDefined) !== 0) return encoder.encode(token);
    if ((kind & TOKEN.byte) !== 0) return byteOf(token);
    if ((kind & TOKEN.normal) === 0) return NO_BYTES;
    const bytes = this.#encoding.bytesOf(token);
    const isPrefixed = this.#encoding.addsSpacePrefix && previous !== undefined && this.#isSpecial(previous);
    return isPrefixed && bytes[0] === SPACE_BYTE ? bytes.subarray(1) : bytes;
  }

  #isSpecial(id: number): boolean {
    return ((this.#vocabulary.kinds[id] ?? 0) & (TOKEN.control | TOKEN.unknown | TOKEN.userDefined)) !== 0;
  }

  #textOf(id: number | undefined): string {
    return id === undefined ? '' : (this.#vocabulary.tokens[id] ?? '');
  }
}

/** The byte of a byte token ("<0x0A>"). */
function byteOf(token: string): Uint8Array {
  const value = Number.parseInt(token.slice(3, 5), 16);
  return Number.isNaN(value) ? NO_BYTES : Uint8Array.of(value);
}
