import { type Span, sentencesOf } from './sentences.ts';
import { contentStems } from './words.ts';

export function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  for (let at = 0; at < a.length; at++) dot += (a[at] ?? 0) * (b[at] ?? 0);
  return dot;
}

export function meanVector(vectors: readonly Float32Array[], dimensions: number): Float32Array {
  const mean = new Float32Array(dimensions);
  for (const vector of vectors) for (let at = 0; at < dimensions; at++) mean[at] = (mean[at] ?? 0) + (vector[at] ?? 0);
  const norm = Math.hypot(...mean) || 1;
  return mean.map((value) => value / norm);
}

export interface ChosenSentence extends Span {
  readonly score: number;
}

/**
 * The sentences that say most of a text and repeat each other least (maximal marginal relevance, Carbonell & Goldstein 1998), in the
 * order of the text. `vectors` holds one unit vector a sentence.
 *
 * @param focus What to look for; absent: the text as a whole.
 */
export function chooseSentences(
  sentences: readonly Span[],
  vectors: readonly Float32Array[],
  most: number,
  focus?: Float32Array,
): ChosenSentence[] {
  const dimensions = vectors[0]?.length ?? 0;
  const centre = focus ?? meanVector(vectors, dimensions);
  const worth = sentences.map((sentence, index) => {
    const vector = vectors[index] ?? new Float32Array(dimensions);
    const words = contentStems(sentence.text).length;
    // Greetings and fragments say little; the beginning of a text says what it is about.
    const length = words < 3 ? -0.25 : 0;
    return cosine(vector, centre) + length + (focus === undefined && index === 0 ? 0.08 : 0);
  });
  const chosen: number[] = [];
  while (chosen.length < Math.min(most, sentences.length)) {
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (const [index, value] of worth.entries()) {
      if (chosen.includes(index)) continue;
      const repeats = chosen.map((other) => cosine(vectors[index] ?? centre, vectors[other] ?? centre));
      const score = 0.7 * value - 0.3 * Math.max(0, ...repeats);
      if (score > bestScore) [best, bestScore] = [index, score];
    }
    chosen.push(best);
  }
  return chosen.sort((a, b) => a - b).map((index) => ({ ...(sentences[index] as Span), score: worth[index] ?? 0 }));
}

/** Sentences of a text that are long enough to say something; the text itself where it has none. */
export function tellingSentences(text: string): Span[] {
  const sentences = sentencesOf(text);
  const telling = sentences.filter((sentence) => contentStems(sentence.text).length >= 2);
  return telling.length > 0 ? telling : sentences;
}
