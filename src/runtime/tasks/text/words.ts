/** English words that carry no topic of their own. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again all also am an and any are as at be because been before being below between both but by can could did do
  does doing down during each even few for from further get got had has have having he her here hers him his how i if in into is it its
  just like made make many may me might more most much must my no nor not now of off on once only or other our out over own please
  really same she should so some such than that the their them then there these they this those through to too under until up us very
  was we were what when where which while who whom why will with would you your yours it's i'm don't`
    .split(/\s+/)
    .filter(Boolean),
);

/** Words in lower case, without what is no letter or figure. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
}

/** A word without the endings that change no topic: "refunds" and "refunded" are about one thing. */
export function stem(word: string): string {
  if (word.length < 5) return word.replace(/s$/, '');
  return word
    .replace(/(?:'s|’s)$/, '')
    .replace(/ies$/, 'y')
    .replace(/(?:sses)$/, 'ss')
    .replace(/(?<![su])s$/, '')
    .replace(/(?:ees|ee|ers|er|ing|edly|ed|ly)$/, '')
    .replace(/e$/, '');
}

/** Stems of the words that carry a topic. */
export function contentStems(text: string): string[] {
  return wordsOf(text)
    .filter((word) => word.length > 1 && !STOP_WORDS.has(word))
    .map(stem);
}

/** Phrases by how often their words meet in a text (RAKE, Rose et al. 2010), best first. */
export function keyphrasesOf(text: string, most = 8): { text: string; score: number }[] {
  const phrases = text
    .split(/[.,;:!?()[\]"“”\n\r\t|/]+|\s[-–—]\s/)
    .flatMap((part) => splitAtStopWords(wordsOf(part)))
    .filter((phrase) => phrase.length > 0 && phrase.length <= 4 && phrase.some((word) => /\p{L}{3}/u.test(word)));
  const frequency = new Map<string, number>();
  const degree = new Map<string, number>();
  for (const phrase of phrases) {
    for (const word of phrase) {
      frequency.set(word, (frequency.get(word) ?? 0) + 1);
      degree.set(word, (degree.get(word) ?? 0) + phrase.length);
    }
  }
  const scored = new Map<string, number>();
  for (const phrase of phrases) {
    const score = phrase.reduce((sum, word) => sum + (degree.get(word) ?? 0) / Math.sqrt(frequency.get(word) ?? 1), 0);
    const key = phrase.join(' ');
    scored.set(key, Math.max(scored.get(key) ?? 0, score));
  }
  return [...scored]
    .map(([phrase, score]) => ({ text: phrase, score }))
    .sort((a, b) => b.score - a.score || (a.text < b.text ? -1 : 1))
    .slice(0, most);
}

function splitAtStopWords(words: readonly string[]): string[][] {
  const phrases: string[][] = [[]];
  for (const word of words) {
    if (STOP_WORDS.has(word)) phrases.push([]);
    else phrases.at(-1)?.push(word);
  }
  return phrases;
}
