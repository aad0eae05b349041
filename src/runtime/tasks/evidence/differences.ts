import { findDates, parseAmount } from '../entities/index.ts';
import { STOP_WORDS, stem, wordsOf } from '../text/words.ts';
import { allMeanings, meaningsOf, OPPOSED } from './lexicon.ts';

const NEGATIONS =
  /\b(?:not|never|none|nobody|no one|nothing|neither|nor|cannot|can't|won't|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|hasn't|haven't|unable|fails? to|failed to|avoid\w*|hardly|excluded?|(?<!\d\s)out of(?!\s\d)|away from|unavailable|nicht|kein\w*|niemals|jamais|aucune?|nunca|ningún|ningun[oa]|nessun[oa]?|niet|geen|refus\w+|declin\w+ to|prohibit\w*|forbid\w*|forbidden|banned|(?:dropp?(?:ed|s)?|ended|removed|withdrew) support|discontinued)\b/gi;

/** Pairs that turn a statement into its opposite. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ['increas', 'decreas'],
  ['rose', 'fell'],
  ['rise', 'fall'],
  ['grew', 'shrank'],
  ['grow', 'shrink'],
  ['more', 'fewer'],
  ['more', 'less'],
  ['higher', 'lower'],
  ['high', 'low'],
  ['before', 'after'],
  ['above', 'below'],
  ['gain', 'los'],
  ['profit', 'loss'],
  ['open', 'clos'],
  ['accept', 'reject'],
  ['approv', 'reject'],
  ['allow', 'forbid'],
  ['allow', 'prohibit'],
  ['permitt', 'prohibit'],
  ['includ', 'exclud'],
  ['first', 'last'],
  ['best', 'worst'],
  ['improv', 'worsen'],
  ['succe', 'fail'],
  ['start', 'end'],
  ['begin', 'end'],
  ['buy', 'sell'],
  ['bought', 'sold'],
  ['cheap', 'expensiv'],
  ['free', 'paid'],
  ['indoor', 'outdoor'],
  ['mandator', 'optional'],
  ['requir', 'optional'],
  ['public', 'privat'],
  ['win', 'los'],
  ['won', 'lost'],
  ['faster', 'slower'],
  ['fast', 'slow'],
  ['north', 'south'],
  ['east', 'west'],
  ['smaller', 'larger'],
  ['small', 'larg'],
  ['older', 'younger'],
  ['hot', 'cold'],
  ['warm', 'cold'],
  ['wet', 'dry'],
  ['daily', 'weekly'],
  ['weekly', 'monthly'],
  ['monthly', 'annual'],
  ['minimum', 'maximum'],
  ['least', 'most'],
  ['doubl', 'halv'],
  ['early', 'late'],
  ['earlier', 'later'],
  ['safe', 'danger'],
  ['strong', 'weak'],
  ['positiv', 'negativ'],
  ['rare', 'common'],
  ['rarely', 'often'],
  ['temporar', 'permanent'],
  ['hired', 'dismissed'],
  ['legal', 'illegal'],
  ['guilty', 'innocent'],
  ['full', 'empty'],
  ['inside', 'outside'],
  ['easy', 'difficult'],
  ['long', 'short'],
  ['major', 'minor'],
  ['true', 'false'],
  ['alive', 'dead'],
  ['voluntar', 'compulsor'],
  ['internal', 'external'],
  ['import', 'export'],
  ['enabl', 'disabl'],
  ['raised', 'cut'],
  ['favour', 'against'],
  ['agree', 'disagree'],
  ['possible', 'impossible'],
  ['flat', 'steep'],
  ['front', 'last'],
  ['front', 'back'],
  ['married', 'brother'],
  ['missing', 'found'],
  ['brok', 'normal'],
  ['night', 'daylight'],
  ['night', 'day'],
];

const NUMBER_WORDS: Readonly<Record<string, number>> = {
  zero: 0,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
  hundred: 100,
};

/** Of these words a claim is not made. */
const NO_TOPIC = /^(?:nobody|none|nothing|cannot|neither|never)$/;

/** Share of the claim's topic words that the evidence has too, or says in a word of the same meaning. */
export function recall(claim: string, evidence: string): number {
  const words = wordsOf(plainly(claim)).filter(isTopic);
  const there = allMeanings(plainly(evidence));
  return words.length === 0
    ? 0
    : words.filter((word) => meaningsOf(word).some((meaning) => there.has(meaning))).length / words.length;
}

/** Words that say what a claim is about. */
export const isTopic = (word: string) => word.length > 1 && !STOP_WORDS.has(word) && !NO_TOPIC.test(word);

/** Turns of phrase that a list of words cannot know, in one word. */
function plainly(text: string): string {
  return text
    .replace(/\b(?:free of charge|for free|at no (?:cost|charge)|without charge|costs? nothing|no charge)\b/giu, 'free')
    .replace(/\b(?:on time|on schedule|punctual\w*)\b/giu, 'ontime')
    .replace(/\b(?:out of stock|not available|sold out)\b/giu, 'unavailable')
    .replace(/\b(?:half a year)\b/giu, 'six months')
    .replace(/\b(?:a|one) dozen\b/giu, 'twelve')
    .replace(/\bno longer supports?\b/giu, 'dropped support')
    .replace(/\bno more than\b/giu, 'at most')
    .replace(/\b(?:midday|noon)\b/giu, '12:00');
}

/** What the claim says and the evidence does not, or says the other way round; in words. */
export function differencesOf(claim: string, evidence: string, around: string): string[] {
  const [said, there, wide] = [plainly(claim), plainly(evidence), plainly(around)];
  const reasons: string[] = [];
  const numbers = numbersOf(wide);
  const missing = [...numbersOf(said)].filter((number) => !numbers.has(number));
  for (const number of missing) reasons.push(`the number ${number} is not there`);
  const words = new Set(wordsOf(wide));
  const stems = new Set([...words].map(stem));
  const strangers = [...new Set(namesOf(said))].filter((name) => !words.has(name) && !stems.has(stem(name)));
  for (const name of strangers) reasons.push(`"${name}" is not there`);
  const part = closestClause(said, there);
  if (areTurned(said, part)) reasons.push('one of them says "not"');
  for (const [one, other] of oppositesIn(said, part)) reasons.push(`"${one}…" against "${other}…"`);
  if (areSwapped(said, there)) reasons.push('who does it and to whom is the other way round');
  if (SCOPE.test(said) && !SCOPE.test(there)) reasons.push('it says more than is said');
  return reasons;
}

/** "No fever", "without tools": what is not there, by its meanings. */
const DENIED =
  /\b(?:no|without|free of|lacks?|lacking|instead of)\s(?:any\s|the\s|an?\s)?(?:\p{L}+(?:al|ous|ful|ive|ic|er)\s)?(\p{L}{3,})/giu;
/** "No deaths occurred" denies as "nobody died" does. */
const BEGINS_WITH_NO = /^\W*no\s/iu;

const isOdd = (text: string) => (text.match(NEGATIONS)?.length ?? 0) % 2 === 1;

/** Whether one of them says "not" and the other does not, of the whole or of a thing that both name. */
function areTurned(claim: string, evidence: string): boolean {
  const isOpen = BEGINS_WITH_NO.test(claim) || BEGINS_WITH_NO.test(evidence);
  if (!isOpen && isOdd(claim) !== isOdd(evidence)) return true;
  const deniedIn = (text: string) =>
    new Set(
      [...text.toLowerCase().matchAll(DENIED)].flatMap(([, word]) => (word === undefined ? [] : meaningsOf(word))),
    );
  const denies = (one: string, other: string) => {
    const [there, said] = [deniedIn(other), allMeanings(other)];
    const isNegated = isOdd(other);
    return [...deniedIn(one)].some((word) => said.has(word) && !there.has(word) && !isNegated);
  };
  return denies(claim, evidence) || denies(evidence, claim);
}

/** The part of a sentence that speaks of what the claim speaks of: "it is cheap, but not light" says two things. */
function closestClause(claim: string, sentence: string): string {
  const parts = sentence
    .split(/[;:,–]\s|\s(?:but|while|whereas|although|though|because|so)\s/iu)
    .filter((part) => /\p{L}\s\p{L}/u.test(part));
  const [best] = parts
    .map((part) => ({ part, share: recall(claim, part) }))
    .sort((one, other) => other.share - one.share || other.part.length - one.part.length);
  return best === undefined || best.share < 0.3 ? sentence : best.part;
}

/** Words that leave nothing out. */
const SCOPE =
  /\b(?:all|every|everybody|everyone|everything|always|only|never|nobody|none|both|any|entirely|completely)\b/iu;

/** Words with a capital that do not begin the text. */
function namesOf(text: string): string[] {
  return [...text.matchAll(/(?<=\S\s)\p{Lu}[\p{L}’'-]{2,}/gu)].map(([name]) =>
    name.toLowerCase().replace(/['’]s$/, ''),
  );
}

function oppositesIn(claim: string, evidence: string): (readonly [string, string])[] {
  const [said, there] = [wordsOf(claim), wordsOf(evidence)];
  const has = (words: readonly string[], part: string) =>
    words.some((word) => word.startsWith(part) || meaningsOf(word).includes(part));
  return [...OPPOSITES, ...OPPOSED].flatMap((pair) =>
    [pair, [pair[1], pair[0]] as const].filter(
      ([one, other]) => has(said, one) && !has(said, other) && has(there, other) && !has(there, one),
    ),
  );
}

const PASSIVE =
  /\b(?:was|were|is|are|been|be|being|gets?|got)\s(?:\w+ly\s)?\w+(?:ed|en|t|ght|ld|de)\b[^.]{0,20}\bby\b|\btook over from\b|\btakes over from\b/iu;

/** Whether two names that both have stand in another order, and no passive says why. */
function areSwapped(claim: string, evidence: string): boolean {
  const placesIn = (text: string, name: string) =>
    text.toLowerCase().search(new RegExp(`\\b${name.replace(/[^\p{L}]/gu, '.')}`, 'u'));
  const names = [...new Set(capitalsOf(claim))].filter((name) => placesIn(evidence, name) !== -1);
  const [first, second] = names;
  if (first === undefined || second === undefined) return false;
  // First and family name of one person stand side by side.
  const isOne = new RegExp(`\\b(?:${first}\\s${second}|${second}\\s${first})\\b`, 'iu');
  if (isOne.test(claim) || isOne.test(evidence)) return false;
  const isOther =
    placesIn(claim, first) < placesIn(claim, second) !== placesIn(evidence, first) < placesIn(evidence, second);
  return isOther !== (PASSIVE.test(claim) !== PASSIVE.test(evidence));
}

function capitalsOf(text: string): string[] {
  return [...text.matchAll(/\b\p{Lu}[\p{L}-]{2,}/gu)]
    .map(([name]) => name.toLowerCase())
    .filter((name) => !STOP_WORDS.has(name));
}

function numbersOf(text: string): Set<number> {
  const found = new Set<number>();
  let rest = text;
  for (const { text: date, iso } of findDates(text)) {
    rest = rest.replace(date, ' ');
    for (const part of iso.split('-')) found.add(Number(part));
  }
  for (const [part, scale] of [...rest.matchAll(/\d[\d.,]*(?:\s?(thousand|million|billion|k|m|bn))?\b/giu)].map(
    (match) => [match[0], match[1]] as const,
  )) {
    const value = parseAmount(part.replace(/[.,]+$/, ''));
    if (value === undefined) continue;
    const factor =
      { thousand: 1e3, k: 1e3, million: 1e6, m: 1e6, billion: 1e9, bn: 1e9 }[scale?.toLowerCase() ?? ''] ?? 1;
    found.add(value * factor);
  }
  for (const word of wordsOf(rest)) {
    for (const part of word.split('-')) {
      const value = Object.hasOwn(NUMBER_WORDS, part) ? NUMBER_WORDS[part] : undefined;
      // "One of them" counts nothing.
      if (value !== undefined && value > 1) found.add(value);
    }
  }
  return found;
}
