import type { ExpertPrediction, LabelledRow } from '../../protocol/index.ts';
import type { Embedder } from './embedder.ts';

const MOST_NEAREST = 3;

/** Predictions with the examples that lie nearest in meaning. Vectors of what was learned from are known by then. */
export async function withNearest(
  predictions: readonly ExpertPrediction[],
  texts: readonly string[],
  examples: readonly LabelledRow[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<ExpertPrediction[]> {
  const vectors = await embedder.embed([...texts, ...examples.map(({ text }) => text)], signal);
  const known = vectors.slice(texts.length);
  return predictions.map((prediction, index) => {
    const vector = vectors[index] ?? new Float32Array(embedder.dimensions);
    const nearest = examples
      .map(({ text, label }, at) => ({ text, label, score: dot(vector, known[at] ?? vector) }))
      .filter(({ text }) => text !== texts[index])
      .sort((a, b) => b.score - a.score)
      .slice(0, MOST_NEAREST);
    return { ...prediction, nearest };
  });
}

/** The cosine of unit vectors. */
function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}
