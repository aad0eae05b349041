import type { Embedder } from '../../experts/index.ts';
import { findDates, parseAmount } from '../entities/index.ts';
import { sentencesOf } from '../text/sentences.ts';
import { cosine } from '../text/summary.ts';
import { contentStems, STOP_WORDS, stem, wordsOf } from '../text/words.ts';
import type { SourceDocument } from './search.ts';

export interface VerifiedClaim {
  readonly text: string;
  readonly verdict: 'supported' | 'contradicted' | 'unsupported';
  /** How near the best sentence comes, 0 to 1. */
  readonly score: number;
  readonly evidence: { readonly document: string; readonly quote: string } | null;
  /** Why it is not supported: the number, name or word that differs. */
  readonly reasons: readonly string[];
}

const NEGATIONS =
  /\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|can't|won't|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|hasn't|haven't|unable|fails? to|failed to|excluded?|refus\w+|declin\w+ to|prohibit\w*|forbid\w*|forbidden|banned|(?:dropp?(?:ed|s)?|ended|removed|withdrew) support|discontinued)\b/gi;

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

/** Holds claims against documents, one by one: near in meaning, the same numbers and names, not turned around. */
export async function verifyClaims(
  claims: readonly string[],
  documents: readonly SourceDocument[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<VerifiedClaim[]> {
  const sentences = documents.flatMap(({ id, text }) => {
    const own = sentencesOf(text);
    // What a pronoun stands for is in the sentence before.
    return own.map((sentence, index) => ({
      document: id,
      quote: sentence.text,
      around: `${own[index - 1]?.text ?? ''} ${sentence.text}`,
    }));
  });
  if (sentences.length === 0) {
    return claims.map((text) => ({
      text,
      verdict: 'unsupported',
      score: 0,
      evidence: null,
      reasons: ['there is no text to hold it against'],
    }));
  }
  const vectors = await embedder.embed([...claims, ...sentences.map(({ quote }) => quote)], signal);
  return claims.map((claim, index) => {
    const vector = vectors[index] ?? new Float32Array(embedder.dimensions);
    const ranked = sentences
      .map((sentence, at) => {
        const meaning = cosine(vector, vectors[claims.length + at] ?? vector);
        const shared = recall(claim, sentence.around);
        const differences = differencesOf(claim, sentence.quote, sentence.around);
        return { ...sentence, meaning, shared, differences, score: 0.55 * meaning + 0.45 * shared };
      })
      .sort((a, b) => b.score - 0.12 * b.differences.length - (a.score - 0.12 * a.differences.length));
    return judge(claim, ranked[0]);
  });
}

interface Candidate {
  readonly document: string;
  readonly quote: string;
  readonly meaning: number;
  readonly shared: number;
  readonly score: number;
  readonly differences: readonly string[];
}

function judge(text: string, best: Candidate | undefined): VerifiedClaim {
  if (best === undefined) return { text, verdict: 'unsupported', score: 0, evidence: null, reasons: [] };
  const score = Math.max(0, Math.min(1, best.score));
  const evidence = { document: best.document, quote: best.quote };
  if (best.meaning < 0.45 || score < 0.5) {
    return {
      text,
      verdict: 'unsupported',
      score,
      evidence: score < 0.35 ? null : evidence,
      reasons: ['no sentence says this'],
    };
  }
  if (best.differences.length > 0) return { text, verdict: 'contradicted', score, evidence, reasons: best.differences };
  // Said of the same thing is not yet said: most of its words must be there, or nearly the same sentence.
  const isSupported = score >= 0.58 && (best.shared >= 0.65 || best.meaning >= 0.88);
  return {
    text,
    verdict: isSupported ? 'supported' : 'unsupported',
    score,
    evidence,
    reasons: isSupported ? [] : ['it is only touched upon'],
  };
}

/** Share of the claim's topic words that the evidence has, too. */
function recall(claim: string, evidence: string): number {
  const words = contentStems(claim);
  const there = new Set(contentStems(evidence));
  return words.length === 0 ? 0 : words.filter((word) => there.has(word)).length / words.length;
}

/** What the claim says and the evidence does not, or says the other way round. */
export function differencesOf(claim: string, evidence: string, around: string): string[] {
  const reasons: string[] = [];
  const numbers = numbersOf(around);
  for (const number of numbersOf(claim)) if (!numbers.has(number)) reasons.push(`the number ${number} is not there`);
  const there = new Set(wordsOf(around));
  const names = [...claim.matchAll(/(?<=\S\s)\p{Lu}[\p{L}’'-]{2,}/gu)].map(([name]) =>
    name.toLowerCase().replace(/['’]s$/, ''),
  );
  for (const name of new Set(names)) {
    if (!there.has(name) && ![...there].some((word) => stem(word) === stem(name)))
      reasons.push(`"${name}" is not there`);
  }
  const isTurned = (claim.match(NEGATIONS)?.length ?? 0) % 2 !== (evidence.match(NEGATIONS)?.length ?? 0) % 2;
  if (isTurned) reasons.push('one of them says "not"');
  for (const pair of OPPOSITES) {
    for (const [one, other] of [pair, [pair[1], pair[0]] as const]) {
      const has = (text: string, part: string) =>
        wordsOf(text).some((word) => word.startsWith(part) && !STOP_WORDS.has(`_${word}`));
      if (has(claim, one) && !has(claim, other) && has(evidence, other) && !has(evidence, one)) {
        reasons.push(`"${one}…" against "${other}…"`);
      }
    }
  }
  return reasons;
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
