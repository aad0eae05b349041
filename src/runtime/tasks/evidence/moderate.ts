import { redact } from '../entities/index.ts';
import { warningSigns } from './warning-signs.ts';

/** Something that should be looked at before a text is shown or shared. */
export interface Finding {
  readonly kind: 'personal-data' | 'deceit' | 'insult' | 'threat' | 'hate' | 'self-harm' | 'sexual';
  readonly reason: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/** Plain cases, in the words in which people write them. A list knows no irony and no context: a finding is a reason to look. */
const PATTERNS: readonly (readonly [Finding['kind'], string, RegExp, number])[] = [
  [
    'threat',
    'threatens somebody',
    /\b(?:i(?:'ll| will|'m going to| am going to)|we(?:'ll| will)|someone should)\s+(?:kill|hurt|beat|shoot|stab|burn|destroy|find)\s+(?:you|u|ya|him|her|them|your)\b|\byou(?:'re| are) dead\b|\bwatch your back\b|\bich bring(?:e)? dich um\b|\bje vais te tuer\b|\bte voy a matar\b/giu,
    0.9,
  ],
  [
    'self-harm',
    'speaks of harming oneself',
    /\b(?:kill(?:ing)? myself|end(?:ing)? my life|want to die|suicid(?:e|al)|hurt(?:ing)? myself|self[- ]harm|mich umbringen|nicht mehr leben|me suicider|quiero morir)\b/giu,
    0.9,
  ],
  [
    'insult',
    'insults somebody',
    /\b(?:you(?:'re| are)?(?: such)?(?: an?| all)?\s+(?:\w+\s+)?(?:idiots?|morons?|stupid|dumb|imbeciles?|losers?|liars?|scum|pathetic|worthless|trash)|idiots?|morons?|assholes?|bastards?|bitch(?:es)?|dumbass(?:es)?|(?:f+u+c+k+|f[*#]{1,3}k?)(?:ing|er|ers)?(?: you| off)?|pieces? of sh[i*]t|hate (?:you|u)|cunts?|wankers?|retards?|shut up|go to hell|arschl(?:o|ö)ch(?:er)?|vollidiot(?:en)?|connards?|imbécil(?:es)?|gilipollas)\b/giu,
    0.7,
  ],
  [
    'hate',
    'speaks of a whole group of people with contempt',
    /\b(?:all|those|these|damn|dirty|filthy)\s+(?:\w+\s+)?(?:foreigners|immigrants|refugees|muslims|jews|christians|blacks|whites|gays|women|men|gypsies)\s+(?:are|should|must|deserve|need to|don't belong)\b|\b(?:ausländer raus|go back to (?:your|where you) (?:own )?(?:country|came from))\b/giu,
    0.8,
  ],
  [
    'sexual',
    'is sexual',
    /\b(?:porn\w*|xxx|nudes?|naked (?:pics?|pictures?|photos?)|sex (?:chat|cam|tape)s?|hot singles)\b/giu,
    0.7,
  ],
];

/** Figures and signs that stand for letters: "sh1t", "$tup1d". */
const LEET: Readonly<Record<string, string>> = {
  ...{
    '0': 'o',
    '1': 'i',
    '3': 'e',
    '4': 'a',
    '5': 's',
    '7': 't',
    '8': 'b',
    $: 's',
    '@': 'a',
    '!': 'i',
    '|': 'i',
    '€': 'e',
  },
};
/** Letters set apart by one sign each: "f.u.c.k", "i d i o t". */
const SPELT_OUT = /(?<![\p{L}\p{N}])\p{L}([.*_-]|\s)\p{L}(?:\1\p{L}){2,}(?![\p{L}\p{N}])/gu;

/** The text with letters where figures and signs stand for them, of the same length, so that places hold. */
function withoutDisguise(text: string): string {
  let isDisguised = false;
  const plain = text.replace(/(?<![\p{L}\p{N}$@€.,])[\p{L}\p{N}$@!|€*]*\p{L}[\p{L}\p{N}$@!|€*]*/gu, (word) => {
    // "b2b", "4th", "mp3" and "you!" are what they are.
    if (!/[\d$@|€]/.test(word.slice(1)) && !/^[$@\d|€]\p{L}/u.test(word)) return word;
    if (/^\d+(?:st|nd|rd|th|kg|g|mm|cm|m|km|ml|l|h|x|s|gb|mb|k|am|pm)$/iu.test(word)) return word;
    isDisguised = true;
    return word.replace(/[\d$@!|€]/g, (sign, at: number) =>
      sign === '!' && at === word.length - 1 ? sign : (LEET[sign] ?? sign),
    );
  });
  // "1 w1ll": where figures stand for letters, a lone one does too.
  return isDisguised ? plain.replace(/(?<=^|\s)1(?=\s\p{L})/gu, 'i').replace(/(?<=\s)u(?=\s|$)/gu, 'u') : plain;
}

function wordFindings(text: string): Finding[] {
  return PATTERNS.flatMap(([kind, reason, pattern, score]) =>
    [...text.matchAll(pattern)].map((match) => ({
      ...{ kind, reason, score },
      ...{ text: match[0], start: match.index, end: match.index + match[0].length },
    })),
  );
}

/** What of a text should not go on as it is, each with its place. */
export function moderate(text: string) {
  const findings = wordFindings(text);
  const add = (found: readonly Finding[]) => {
    for (const one of found) {
      const isKnown = findings.some(({ kind, start, end }) => kind === one.kind && start < one.end && one.start < end);
      if (!isKnown) findings.push({ ...one, text: text.slice(one.start, one.end) });
    }
  };
  add(wordFindings(withoutDisguise(text)));
  for (const match of text.matchAll(SPELT_OUT)) {
    const word = match[0].replace(/[^\p{L}]/gu, '');
    if (wordFindings(word).some(({ kind }) => kind === 'insult'))
      add([
        {
          ...{ kind: 'insult', reason: 'insults somebody', text: match[0], score: 0.7 },
          ...{ start: match.index, end: match.index + match[0].length },
        },
      ]);
  }
  for (const { kind, start, end, score } of redact(text).found) {
    findings.push({ kind: 'personal-data', reason: kind, text: text.slice(start, end), start, end, score });
  }
  for (const { reason, quote, weight } of warningSigns(text)) {
    if (weight < 0.6) continue;
    const start = Math.max(0, text.indexOf(quote));
    findings.push({ kind: 'deceit', reason, text: quote, start, end: start + quote.length, score: weight });
  }
  findings.sort((a, b) => a.start - b.start);
  const score = findings.reduce((most, finding) => Math.max(most, finding.score), 0);
  return { isFine: findings.length === 0, score, findings, kinds: [...new Set(findings.map(({ kind }) => kind))] };
}
