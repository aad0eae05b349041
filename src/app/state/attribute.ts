import type { Citation } from '../../storage/chats/index.ts';

/** Share of a sentence's words that its passage has to hold. */
const LEAST_SHARE = 0.5;
/** A sentence of fewer words says too little to be traced. */
const LEAST_WORDS = 3;

const MARK = /\[\d{1,2}(?:\s?[,;]\s?\d{1,2})*\]/;
const FENCE = /^\s*(```|~~~)/;
/** Tables, headings, quotations, rules: marks would break their form. */
const NOT_PROSE = /^\s*(\||#|>|[-*_=]{3,}\s*$)/;
const SENTENCE_END = /([.!?。！？؟]+["”’)\]]*)(\s+|$)/gu;

/**
 * An answer from passages in which the model named none: each sentence gets the number of the passage that holds most of
 * its words, and none where no passage holds enough of them. An answer that names passages stays as it is.
 */
export function attributeSentences(text: string, citations: readonly Citation[]): string {
  if (citations.length === 0 || MARK.test(text)) return text;
  const passages = citations.map(({ passage }) => new Set(wordsOf(passage)));
  let isCode = false;
  const lines = text.split('\n').map((line) => {
    if (FENCE.test(line)) {
      isCode = !isCode;
      return line;
    }
    return isCode || NOT_PROSE.test(line) ? line : attributeLine(line, passages);
  });
  return lines.join('\n');
}

function attributeLine(line: string, passages: readonly ReadonlySet<string>[]): string {
  const ends = [...line.matchAll(SENTENCE_END)].map(({ index, 1: end = '' }) => index + end.length);
  if (ends.at(-1) !== line.trimEnd().length) ends.push(line.trimEnd().length);
  let result = '';
  let start = 0;
  for (const end of ends) {
    const sentence = line.slice(start, end);
    const source = bestOf(wordsOf(sentence), passages);
    result += source === null ? sentence : `${sentence} [${source}]`;
    start = end;
  }
  return result + line.slice(start);
}

/** 1-based number of the passage that holds most of the words, or null. */
function bestOf(words: readonly string[], passages: readonly ReadonlySet<string>[]): number | null {
  if (words.length < LEAST_WORDS) return null;
  const shares = passages.map((passage) => words.filter((word) => passage.has(word)).length / words.length);
  const most = Math.max(...shares);
  return most < LEAST_SHARE ? null : shares.indexOf(most) + 1;
}

/** Words that say something: four letters or a figure; pairs of letters where a script has no spaces. */
function wordsOf(text: string): readonly string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).flatMap((word) => {
    if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(word)) {
      const letters = [...word];
      return letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
    }
    return word.length >= 4 || /\p{N}/u.test(word) ? [word] : [];
  });
}
