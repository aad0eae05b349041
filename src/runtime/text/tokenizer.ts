import { BPE } from '@huggingface/tokenizers';
import type { GgufFile } from '../../formats/gguf/index.ts';
import type { PromptPiece } from '../../protocol/index.ts';
import { fromByteLevel, toByteLevel } from './byte-level.ts';
import { type GgufVocabulary, readGgufVocabulary } from './gguf-vocabulary.ts';
import { splitWords } from './pre-tokenizers.ts';
import { createTextMatcher, cutAt, promptSegments } from './prompt-segments.ts';

/**
 * Longest stretch, in UTF-16 code units, that is merged as one word. Merging costs n log n with some microseconds a
 * letter, so a megabyte without a space would stop the thread for seconds; no written word comes near this.
 */
export const LONGEST_WORD = 4_096;

/** Text ↔ tokens of one model. Stateless: one tokenizer serves many generations. */
export interface Tokenizer {
  readonly vocabularySize: number;
  /** Bytes of the longest token: a text of `n` bytes has at least `n / longestTokenBytes` tokens. */
  readonly longestTokenBytes: number;
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
  /** The bytes a token stands for; none for control tokens and for ids outside the vocabulary. */
  tokenBytes(id: number): Uint8Array;
}

/**
 * The tokenizer a GGUF file carries: byte-level BPE from its own vocabulary and merges.
 * Throws `tokenizer-unsupported` for other kinds and unknown pre-tokenizers, `gguf-invalid` for contradictions.
 */
export function createTokenizer(gguf: Pick<GgufFile, 'metadata'>): Tokenizer {
  return new ByteLevelTokenizer(readGgufVocabulary(gguf));
}

const encoder = new TextEncoder();
const NO_BYTES = new Uint8Array(0);

class ByteLevelTokenizer implements Tokenizer {
  readonly #vocabulary: GgufVocabulary;
  readonly #model: BPE;
  readonly #control;
  readonly #userDefined;
  readonly vocabularySize: number;
  readonly longestTokenBytes: number;
  readonly controlTokens: readonly string[];

  constructor(vocabulary: GgufVocabulary) {
    const { tokens, merges, preTokenizer, controlIds, userDefinedIds } = vocabulary;
    const withText = (ids: ReadonlySet<number>) => [...ids].map((id) => [tokens[id] ?? '', id] as const);
    this.#vocabulary = vocabulary;
    this.#control = createTextMatcher(withText(controlIds));
    this.#userDefined = createTextMatcher(withText(userDefinedIds));
    this.controlTokens = withText(controlIds).map(([text]) => text);
    this.vocabularySize = tokens.length;
    this.longestTokenBytes = tokens.reduce((longest, token, id) => {
      const isPlain = controlIds.has(id) || userDefinedIds.has(id);
      return Math.max(longest, isPlain ? encoder.encode(token).length : token.length);
    }, 1);
    // Without a prototype, so that a token called "__proto__" is a key like any other.
    const vocab: Record<string, number> = Object.create(null);
    for (const [id, token] of tokens.entries()) vocab[token] = id;
    this.#model = new BPE({
      type: 'BPE',
      vocab,
      merges: merges as [string, string][],
      ignore_merges: preTokenizer.ignoreMerges,
      unk_token: null,
    });
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
    return this.#vocabulary.addBeginToken;
  }

  encode(pieces: readonly PromptPiece[]): number[] {
    const ids: number[] = [];
    for (const step of this.encodeSteps(pieces)) ids.push(...step);
    return ids;
  }

  *encodeSteps(pieces: readonly PromptPiece[]): Generator<readonly number[]> {
    const { beginId, addBeginToken } = this.#vocabulary;
    let mayNeedBegin = addBeginToken;
    for (const segment of promptSegments(pieces, this.#control)) {
      const isBegin = segment.kind === 'token' && segment.id === beginId;
      if (mayNeedBegin && !isBegin && beginId !== undefined) yield [beginId];
      mayNeedBegin = false;
      if (segment.kind === 'token') yield [segment.id];
      else yield* this.#encodeText(segment.text);
    }
  }

  tokenBytes(id: number): Uint8Array {
    const { tokens, controlIds, userDefinedIds } = this.#vocabulary;
    const token = tokens[id];
    if (token === undefined || controlIds.has(id)) return NO_BYTES;
    return userDefinedIds.has(id) ? encoder.encode(token) : fromByteLevel(token);
  }

  *#encodeText(text: string): Generator<readonly number[]> {
    for (const segment of cutAt(withoutLoneSurrogates(text), this.#userDefined)) {
      if (segment.kind === 'token') yield [segment.id];
      else for (const word of splitWords(segment.text, this.#vocabulary.preTokenizer)) yield* this.#encodeWord(word);
    }
  }

  *#encodeWord(word: string): Generator<readonly number[]> {
    for (const part of cutLongWord(word)) {
      const ids: number[] = [];
      for (const token of this.#model.encode([toByteLevel(part)])) {
        const id = this.#model.tokens_to_ids.get(token);
        if (id !== undefined) ids.push(id);
      }
      yield ids;
    }
  }

  #textOf(id: number | undefined): string {
    return id === undefined ? '' : (this.#vocabulary.tokens[id] ?? '');
  }
}

/** Half a surrogate pair has no UTF-8: it is read as U+FFFD, as every encoder of the platform does. */
function withoutLoneSurrogates(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

function* cutLongWord(word: string): Generator<string> {
  let start = 0;
  while (word.length - start > LONGEST_WORD) {
    const last = word.codePointAt(start + LONGEST_WORD - 1) ?? 0;
    const end = start + LONGEST_WORD - (last > 0xffff ? 1 : 0);
    yield word.slice(start, end);
    start = end;
  }
  yield word.slice(start);
}
