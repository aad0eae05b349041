/** Words that say nothing of what a text is about, in the languages of the interface that part words by spaces. */
const STOP = new Set(
  `a an and are as at be but by can did do does for from had has have how i if come get often must may much take in into is it its me my no not of on or our
  so that the their then there these they this to us was we were what when where which who why will with would you your
  der die das den dem des ein eine einen einem einer und oder ist sind war im in zu zum zur von mit auf für wie was wer wo
  le la les un une des du de et ou est sont dans pour que qui quoi comment sur avec
  el los las una uno y o es son en por para que como cual con del al`.split(/\s+/),
);

/** Scripts that part no words: only these need the dictionary, which is many times slower than a pattern. */
const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const WORD = /[\p{L}\p{N}]+/gu;
const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The words of a text as they are compared: without case and accents; scripts without spaces are parted by dictionary. */
export function wordsOf(text: string): readonly string[] {
  const folded = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  if (!UNPARTED.test(folded)) return (folded.match(WORD) ?? []).map(stem);
  const words: string[] = [];
  for (const { segment, isWordLike } of SEGMENTER.segment(folded)) if (isWordLike) words.push(stem(segment));
  return words;
}

/** The words that a question is about. All of them where it has no others. */
export function contentWordsOf(text: string): readonly string[] {
  const words = [...new Set(wordsOf(text))];
  const content = words.filter((word) => !STOP.has(word));
  return content.length > 0 ? content : words;
}

/** Plurals and the commonest endings of English; other languages pass unchanged, and are found by their beginnings. */
function stem(word: string): string {
  if (word.length < 5 || !/^[a-z]+$/.test(word)) return word;
  return word
    .replace(/(?:ies)$/, 'y')
    .replace(/(?<=[^s])s$/, '')
    .replace(/(?:ing|ed)$/, (ending, at) => (at >= 4 ? '' : ending));
}
