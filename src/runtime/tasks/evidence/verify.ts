import type { Embedder } from '../../experts/index.ts';
import { sentencesOf } from '../text/sentences.ts';
import { cosine } from '../text/summary.ts';
import { wordsOf } from '../text/words.ts';
import { type ClaimMeasures, chanceSaid } from './claim-head.ts';
import { differencesOf, isTopic, recall } from './differences.ts';
import type { SourceDocument } from './search.ts';

export interface VerifiedClaim {
  readonly text: string;
  readonly verdict: 'supported' | 'contradicted' | 'unsupported';
  /** How likely it is that the best sentence says it, 0 to 1. */
  readonly score: number;
  readonly evidence: { readonly document: string; readonly quote: string } | null;
  /** Why it is not supported: the number, name or word that differs. */
  readonly reasons: readonly string[];
  /** What the verdict rests on. */
  readonly measures: Partial<ClaimMeasures>;
}

/** Sentences that are looked at closely for each claim. */
const CLOSEST = 4;

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
      around: `${own[index - 1]?.text ?? ''} ${sentence.text}`.trim(),
    }));
  });
  if (sentences.length === 0) {
    return claims.map((text) => ({
      text,
      verdict: 'unsupported',
      score: 0,
      evidence: null,
      reasons: ['there is no text to hold it against'],
      measures: {},
    }));
  }
  const vectors = await embedder.embed([...claims, ...sentences.map(({ quote }) => quote)], signal);
  const verdicts: VerifiedClaim[] = [];
  for (const [index, claim] of claims.entries()) {
    const vector = vectors[index] ?? new Float32Array(embedder.dimensions);
    const ranked = sentences
      .map((sentence, at) => {
        const meaning = cosine(vector, vectors[claims.length + at] ?? vector);
        const shared = recall(claim, sentence.around);
        return { ...sentence, meaning, shared, rank: 0.55 * meaning + 0.45 * shared };
      })
      .sort((a, b) => b.rank - a.rank)
      .slice(0, CLOSEST);
    const measured = await measureClaim(claim, vector, ranked, embedder, signal);
    verdicts.push(judge(claim, measured));
  }
  return verdicts;
}

interface Candidate {
  readonly document: string;
  readonly quote: string;
  readonly around: string;
  readonly meaning: number;
  /** Of the claim's words of topic, in the sentence and the one before. */
  readonly shared: number;
}

interface MeasuredCandidate extends Candidate {
  readonly reasons: readonly string[];
  readonly measures: ClaimMeasures;
  readonly chance: number;
}

async function measureClaim(
  claim: string,
  vector: Float32Array,
  candidates: readonly Candidate[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<MeasuredCandidate[]> {
  const wide = await embedder.embed(
    candidates.map(({ around }) => around),
    signal,
  );
  const words = [wordsOf(claim), ...candidates.map(({ around }) => wordsOf(around))].map((list) => list.slice(0, 70));
  const seen = await embedder.embedWords(words, signal);
  return candidates.map((candidate, index) => {
    // The sentence before says what "it" is, no more: a sentence that has nothing of the claim says nothing of it.
    const here = recall(claim, candidate.quote);
    const isOwn = candidate.meaning >= 0.4 || here >= 0.34;
    const reasons = differencesOf(claim, candidate.quote, candidate.around);
    const matches = matchesOf(words[0] ?? [], seen[0] ?? [], seen[index + 1] ?? []);
    const measures: ClaimMeasures = {
      meaning: candidate.meaning,
      wide: cosine(vector, wide[index] ?? vector),
      shared: candidate.shared,
      here,
      match: matches.reduce((sum, value) => sum + value, 0) / Math.max(1, matches.length),
      weakest: Math.min(1, ...matches),
    };
    return { ...candidate, reasons, measures, chance: isOwn ? chanceSaid(measures) : 0 };
  });
}

/** How near each word of topic comes to a word of the evidence, as the encoder sees both in their sentences. */
function matchesOf(
  words: readonly string[],
  vectors: readonly Float32Array[],
  others: readonly Float32Array[],
): number[] {
  return words.flatMap((word, index) => {
    const vector = vectors[index];
    if (vector === undefined || !isTopic(word)) return [];
    return [others.reduce((best, other) => Math.max(best, cosine(vector, other)), 0)];
  });
}

/** Below this a sentence is taken to speak of something else. */
const LEAST_CHANCE = 0.7;
/** A sentence that much less likely than the nearest one does not outvote it. */
const MOST_BEHIND = 0.15;

/** One sentence that says it, with nothing that differs, is enough; else the nearest that speaks of it denies it. */
function judge(text: string, candidates: readonly MeasuredCandidate[]): VerifiedClaim {
  const nearest = candidates.toSorted((a, b) => b.chance - a.chance);
  const speaking = nearest.filter(({ chance }) => chance >= LEAST_CHANCE);
  const [first] = speaking;
  const best =
    speaking.find(({ reasons, chance }) => reasons.length === 0 && chance > (first?.chance ?? 0) - MOST_BEHIND) ??
    nearest[0];
  if (best === undefined) return { text, verdict: 'unsupported', score: 0, evidence: null, reasons: [], measures: {} };
  const { document, quote, chance, measures } = best;
  const said = { text, score: best.reasons.length === 0 ? chance : 1 - chance, measures };
  const evidence = { document, quote };
  if (chance < LEAST_CHANCE) {
    // Too far from everything to be shown as a passage.
    const isNear = chance >= 0.2;
    return {
      ...said,
      score: chance,
      verdict: 'unsupported',
      evidence: isNear ? evidence : null,
      reasons: ['no sentence says this'],
    };
  }
  return {
    ...said,
    verdict: best.reasons.length === 0 ? 'supported' : 'contradicted',
    evidence,
    reasons: best.reasons,
  };
}
