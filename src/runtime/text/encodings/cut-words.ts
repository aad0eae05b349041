import { SPACE } from './text-encoding.ts';

/**
 * Longest stretch, in UTF-16 code units, that is merged as one word. Merging costs n log n with some microseconds a
 * letter, so a megabyte without a space would stop the thread for seconds; no written word comes near this.
 */
export const LONGEST_WORD = 4_096;

/** The parts of a word that are short enough to be merged, cut between characters. */
export function* cutLongWord(word: string): Generator<string> {
  let start = 0;
  while (word.length - start > LONGEST_WORD) {
    const last = word.codePointAt(start + LONGEST_WORD - 1) ?? 0;
    const end = start + LONGEST_WORD - (last > 0xffff ? 1 : 0);
    yield word.slice(start, end);
    start = end;
  }
  if (start < word.length) yield word.slice(start);
}

/**
 * Cuts text before a space, wherever no token of the vocabulary reaches over that place: nothing merges across it, so
 * the words may be merged one by one. Spaces are those of SentencePiece.
 */
export function spaceCutter(tokens: Iterable<string>): (text: string) => Iterable<string> {
  const beforeSpace = new Set<string>();
  for (const token of tokens) {
    for (let at = token.indexOf(SPACE, 1); at !== -1; at = token.indexOf(SPACE, at + 1)) {
      beforeSpace.add(token[at - 1] ?? '');
    }
  }
  return function* cut(text) {
    let start = 0;
    for (let at = text.indexOf(SPACE, 1); at !== -1; at = text.indexOf(SPACE, at + 1)) {
      if (beforeSpace.has(text[at - 1] ?? '')) continue;
      yield* cutLongWord(text.slice(start, at));
      start = at;
    }
    yield* cutLongWord(text.slice(start));
  };
}
