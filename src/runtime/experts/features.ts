import type { ExpertSettings } from '../../protocol/index.ts';
import { fnv1a } from '../../shared/index.ts';
import { POLARITY_BUCKETS, polarityOf } from './polarity.ts';

/** A row's features: the dense sentence vector, and the buckets that its words and pieces of words fall into. */
export interface RowFeatures {
  readonly dense: Float32Array;
  readonly buckets: Uint16Array;
  readonly values: Float32Array;
}

/** Counts beside the vector: it knows meanings, they know names, codes and the words of other languages. */
export const NGRAM_WEIGHT = 0.9;
/** What it was before experts said it. */
const UNSAID_NGRAM_WEIGHT = 0.6;

/** How strongly approval and disapproval in the words count. */
const POLARITY_WEIGHT = 0.5;

/** Features of a text whose unit sentence vector is given. */
export function featuresOf(
  text: string,
  dense: Float32Array,
  { ngramBuckets, ngramWeight = UNSAID_NGRAM_WEIGHT }: Pick<ExpertSettings, 'ngramBuckets' | 'ngramWeight'>,
): RowFeatures {
  const counts = new Map<number, number>();
  if (ngramBuckets > 0) {
    for (const gram of ngrams(text)) {
      const bucket = fnv1a(gram) % ngramBuckets;
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    }
  }
  const damped = [...counts].map(([bucket, count]) => [bucket, 1 + Math.log(count)] as const);
  const norm = Math.hypot(...damped.map(([, value]) => value)) || 1;
  const polarity = ngramBuckets === 0 ? [] : polarityOf(text);
  return {
    dense,
    buckets: Uint16Array.from([
      ...damped.map(([bucket]) => bucket),
      ...polarity.map((_, index) => ngramBuckets + index),
    ]),
    values: Float32Array.from([
      ...damped.map(([, value]) => (ngramWeight * value) / norm),
      ...polarity.map((value) => POLARITY_WEIGHT * value),
    ]),
  };
}

/** Buckets of a head: those of pieces of words, and those of approval and disapproval behind them. */
export function bucketCount(ngramBuckets: number): number {
  return ngramBuckets === 0 ? 0 : ngramBuckets + POLARITY_BUCKETS;
}

/** Words, pairs of words, and pieces of four letters; figures count as one sign each, so that amounts are alike. */
function* ngrams(text: string): Generator<string> {
  const plain = text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '').replace(/\d/g, '0');
  const words = plain.match(/[\p{L}\p{N}]+|[$€£!%@#]/gu)?.slice(0, 600) ?? [];
  for (const [index, word] of words.entries()) {
    yield `w ${word}`;
    const next = words[index + 1];
    if (next !== undefined) yield `p ${word} ${next}`;
    const marked = `_${word}_`;
    for (let at = 0; at + 4 <= marked.length; at++) yield `c ${marked.slice(at, at + 4)}`;
  }
}
