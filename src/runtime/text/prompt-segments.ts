import type { PromptPiece } from '../../protocol/index.ts';

/** A stretch of a prompt: one token known by its id, or text that is still to be cut into tokens. */
export type PromptSegment =
  | { readonly kind: 'token'; readonly id: number }
  | { readonly kind: 'text'; readonly text: string };

/** Finds fixed texts; of several that begin at one place the longest wins. */
export interface TextMatcher {
  readonly expression: RegExp;
  readonly ids: ReadonlyMap<string, number>;
}

/** A matcher for the texts of these tokens, or undefined if there are none. */
export function createTextMatcher(tokens: readonly (readonly [text: string, id: number])[]): TextMatcher | undefined {
  const ids = new Map(tokens.filter(([text]) => text !== ''));
  if (ids.size === 0) return undefined;
  const texts = [...ids.keys()].sort((a, b) => b.length - a.length).map(escapeText);
  return { expression: new RegExp(texts.join('|'), 'gu'), ids };
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}

/** Cuts a text at the places the matcher finds. */
export function* cutAt(text: string, matcher: TextMatcher | undefined): Generator<PromptSegment> {
  let end = 0;
  for (const match of matcher ? text.matchAll(matcher.expression) : []) {
    const id = matcher?.ids.get(match[0]);
    if (id === undefined) continue;
    if (match.index > end) yield { kind: 'text', text: text.slice(end, match.index) };
    yield { kind: 'token', id };
    end = match.index + match[0].length;
  }
  if (end < text.length) yield { kind: 'text', text: text.slice(end) };
}

/**
 * A prompt as segments. Control tokens are looked for in template pieces only, so that the same letters written by a
 * person stay letters; everything between two of them is one text, wherever the pieces met, because a word may
 * begin in the template and end in what a person wrote.
 */
export function* promptSegments(
  pieces: readonly PromptPiece[],
  control: TextMatcher | undefined,
): Generator<PromptSegment> {
  let pending = '';
  for (const { kind, text } of joinNeighbours(pieces)) {
    if (kind === 'text') {
      pending += text;
      continue;
    }
    for (const segment of cutAt(text, control)) {
      if (segment.kind === 'text') {
        pending += segment.text;
        continue;
      }
      if (pending !== '') yield { kind: 'text', text: pending };
      pending = '';
      yield segment;
    }
  }
  if (pending !== '') yield { kind: 'text', text: pending };
}

function* joinNeighbours(pieces: readonly PromptPiece[]): Generator<PromptPiece> {
  let current: PromptPiece | undefined;
  for (const piece of pieces) {
    if (current?.kind === piece.kind) current = { kind: piece.kind, text: current.text + piece.text };
    else {
      if (current) yield current;
      current = piece;
    }
  }
  if (current) yield current;
}
