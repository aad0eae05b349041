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
    /\b(?:i(?:'ll| will|'m going to| am going to)|we(?:'ll| will)|someone should)\s+(?:kill|hurt|beat|shoot|stab|burn|destroy|find)\s+(?:you|him|her|them|your)\b|\byou(?:'re| are) dead\b|\bwatch your back\b|\bich bring(?:e)? dich um\b|\bje vais te tuer\b|\bte voy a matar\b/giu,
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
    /\b(?:you(?:'re| are)?(?: such)?(?: an?| all)?\s+(?:\w+\s+)?(?:idiots?|morons?|stupid|imbeciles?|losers?|liars?|scum|pathetic|worthless|trash)|idiots?|morons?|assholes?|bastards?|bitch(?:es)?|dumbass(?:es)?|f+u+c+k(?:ing|er|ers)?(?: you| off)?|shut up|go to hell|arschl(?:o|ö)ch(?:er)?|vollidiot(?:en)?|connards?|imbécil(?:es)?|gilipollas)\b/giu,
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

/** What of a text should not go on as it is, each with its place. */
export function moderate(text: string) {
  const findings: Finding[] = PATTERNS.flatMap(([kind, reason, pattern, score]) =>
    [...text.matchAll(pattern)].map((match) => ({
      kind,
      reason,
      text: match[0],
      start: match.index,
      end: match.index + match[0].length,
      score,
    })),
  );
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
