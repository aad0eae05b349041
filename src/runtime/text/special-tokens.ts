import type { PromptPiece } from '../../protocol/index.ts';
import { TOKEN, type Vocabulary } from './vocabulary/index.ts';

/** A stretch of a prompt: one token known by its text, or text that is still to be cut into tokens. */
export type PromptSegment =
  | { readonly kind: 'token'; readonly id: number }
  | { readonly kind: 'text'; readonly text: string };

interface Special {
  readonly id: number;
  readonly text: string;
  /** Bytes of UTF-8: of tokens that overlap, the longest counts. */
  readonly byteLength: number;
  readonly kind: number;
}

interface Found {
  readonly id: number;
  /** Where it stands, the white space that goes with it included. */
  readonly start: number;
  readonly end: number;
}

/** A letter of a tree of texts, and what follows it. */
interface Letter {
  readonly next: Map<number, Letter>;
  special?: Special;
}

const SPECIAL = TOKEN.control | TOKEN.userDefined | TOKEN.unknown;
const NEVER_IN_WRITTEN_TEXT = TOKEN.control | TOKEN.unknown;
/** White space as C's `isspace` knows it. */
const SPACE = /[\t\n\v\f\r ]/u;

const encoder = new TextEncoder();

/**
 * Finds tokens that stand for fixed texts. Of those that overlap the longest wins, of equals the first; control tokens are
 * looked for in template pieces only, so that the same letters written by a person stay letters.
 */
export class SpecialTokens {
  readonly #tree: Letter = { next: new Map() };

  constructor({ tokens, kinds }: Pick<Vocabulary, 'tokens' | 'kinds'>) {
    for (const [id, text] of tokens.entries()) {
      const kind = kinds[id] ?? 0;
      if ((kind & SPECIAL) !== 0) this.#add({ id, text, kind, byteLength: encoder.encode(text).length });
    }
  }

  /** A prompt as segments. Text between two special tokens is one segment, wherever the pieces met. */
  *segments(pieces: readonly PromptPiece[]): Generator<PromptSegment> {
    const text = withoutLoneSurrogates(pieces.map((piece) => piece.text).join(''));
    let position = 0;
    for (const { id, start, end } of this.#choose(text, pieces)) {
      if (start > position) yield { kind: 'text', text: text.slice(position, start) };
      yield { kind: 'token', id };
      position = end;
    }
    if (position < text.length) yield { kind: 'text', text: text.slice(position) };
  }

  #add(special: Special): void {
    let letter = this.#tree;
    for (let index = 0; index < special.text.length; index++) {
      const code = special.text.charCodeAt(index);
      const known = letter.next.get(code);
      const next = known ?? { next: new Map() };
      if (!known) letter.next.set(code, next);
      letter = next;
    }
    letter.special = special;
  }

  /** The tokens that count, in the order of the text. */
  #choose(text: string, pieces: readonly PromptPiece[]): Found[] {
    const occurring = [...this.#occurring(text)].sort((a, b) => b.byteLength - a.byteLength);
    if (occurring.length === 0) return [];
    const isWritten = writtenMask(text.length, pieces);
    const taken = new Uint8Array(text.length);
    const chosen: Found[] = [];
    for (const special of occurring) {
      const { length } = special.text;
      const needsTemplate = (special.kind & NEVER_IN_WRITTEN_TEXT) !== 0;
      for (let start = text.indexOf(special.text); start !== -1; ) {
        const end = start + length;
        // Tokens taken before are at least as long: one that overlaps covers the first or the last place.
        const isFree = !taken[start] && !taken[end - 1] && !(needsTemplate && isWritten(start, end));
        if (isFree) {
          const found = withStripped(special, text, start, end, taken);
          taken.fill(1, found.start, found.end);
          chosen.push(found);
        }
        start = text.indexOf(special.text, isFree ? end : start + 1);
      }
    }
    return chosen.sort((a, b) => a.start - b.start);
  }

  /** All tokens whose text stands anywhere in a text. */
  #occurring(text: string): Set<Special> {
    const found = new Set<Special>();
    for (let start = 0; start < text.length; start++) {
      let letter = this.#tree.next.get(text.charCodeAt(start));
      for (let index = start + 1; letter; index++) {
        if (letter.special) found.add(letter.special);
        letter = index < text.length ? letter.next.get(text.charCodeAt(index)) : undefined;
      }
    }
    return found;
  }
}

/** Tells whether any of a stretch was written by a person. */
function writtenMask(length: number, pieces: readonly PromptPiece[]): (start: number, end: number) => boolean {
  if (pieces.every(({ kind }) => kind === 'template')) return () => false;
  const written = new Uint8Array(length);
  let position = 0;
  for (const { kind, text } of pieces) {
    if (kind === 'text') written.fill(1, position, position + text.length);
    position += text.length;
  }
  return (start, end) => written.subarray(start, end).includes(1);
}

/** A token with the free white space that it takes with it. */
function withStripped({ id, kind }: Special, text: string, start: number, end: number, taken: Uint8Array): Found {
  const isFreeSpace = (place: number) => !taken[place] && SPACE.test(text[place] ?? '');
  let first = start;
  let last = end;
  if ((kind & TOKEN.stripsLeft) !== 0) while (isFreeSpace(first - 1)) first -= 1;
  if ((kind & TOKEN.stripsRight) !== 0) while (isFreeSpace(last)) last += 1;
  return { id, start: first, end: last };
}

/** Half a surrogate pair has no UTF-8: it is read as U+FFFD, as every encoder of the platform does. */
function withoutLoneSurrogates(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}
