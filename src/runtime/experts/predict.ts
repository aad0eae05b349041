import type { ExpertEvaluation, ExpertPrediction, LabelledRow } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { LoadedExpert } from './artefact.ts';
import type { Embedder } from './embedder.ts';
import { featuresOf } from './features.ts';
import { scoresOf, softmax } from './linear-head.ts';
import { classMetrics, confusionOf, macroF1 } from './metrics.ts';

/** Rejects with `expert-invalid` where the vectors come from another model than the expert learned from. */
export async function predict(
  expert: LoadedExpert,
  texts: readonly string[],
  embedder: Embedder,
  signal: AbortSignal,
  onProgress?: (done: number) => void,
): Promise<ExpertPrediction[]> {
  const { artefact } = expert;
  if (artefact.task === 'entities')
    throw new SottoError('expert-invalid', `"${artefact.id}" finds names in texts: use sotto.experts.find.`);
  if (embedder.hash !== artefact.embedding.hash) {
    const message = `"${artefact.id}" learned from ${artefact.embedding.modelId}, not from ${embedder.modelId}. Train it again.`;
    throw new SottoError('expert-invalid', message);
  }
  const vectors = await embedder.embed(texts, signal, onProgress);
  return texts.map((text, index) => judge(expert, text, vectors[index] ?? new Float32Array(embedder.dimensions)));
}

function judge({ artefact, head, centroids }: LoadedExpert, text: string, vector: Float32Array): ExpertPrediction {
  const row = featuresOf(text, vector, artefact.settings);
  const probabilities = softmax(scoresOf(head, row), artefact.temperature);
  const scores = artefact.labels
    .map((label, index) => ({ label, score: probabilities[index] ?? 0 }))
    .sort((a, b) => b.score - a.score);
  const best = scores[0] ?? { label: '', score: 0 };
  const familiarity = nearest(vector, centroids);
  const isKnown = text.trim() !== '' && best.score >= artefact.unknownBelow && familiarity >= artefact.unfamiliarBelow;
  const model = `${artefact.id}@${artefact.version}`;
  return { label: isKnown ? best.label : null, score: best.score, scores, familiarity, model };
}

/** Highest cosine of a unit vector to any of the class means. */
export function nearest(vector: Float32Array, centroids: Float32Array): number {
  const { length } = vector;
  let best = -1;
  for (let start = 0; start < centroids.length; start += length) {
    let dot = 0;
    let norm = 0;
    for (let at = 0; at < length; at++) {
      const value = centroids[start + at] ?? 0;
      dot += value * (vector[at] ?? 0);
      norm += value * value;
    }
    best = Math.max(best, dot / Math.sqrt(norm || 1));
  }
  return best;
}

/** How an expert does on rows it has not seen; "unknown" counts as wrong. */
export async function evaluate(
  expert: LoadedExpert,
  rows: readonly LabelledRow[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<ExpertEvaluation> {
  const { labels } = expert.artefact;
  const strange = rows.find(({ label }) => !labels.includes(label));
  if (strange !== undefined) throw new SottoError('task-input', `The expert knows no label "${strange.label}".`);
  const predictions = await predict(
    expert,
    rows.map(({ text }) => text),
    embedder,
    signal,
  );
  const targets = rows.map(({ label }) => labels.indexOf(label));
  const guesses = predictions.map(({ label }) => (label === null ? -1 : labels.indexOf(label)));
  const classes = classMetrics(labels, confusionOf(targets, guesses, labels.length), targets);
  const wrong = rows.flatMap(({ text, label }, index) => {
    const prediction = predictions[index];
    if (prediction === undefined || prediction.label === label) return [];
    return [{ text, label, predicted: prediction.label, score: prediction.score }];
  });
  return {
    rows: rows.length,
    accuracy: rows.length === 0 ? 0 : 1 - wrong.length / rows.length,
    macroF1: macroF1(classes),
    unknown: guesses.filter((guess) => guess === -1).length,
    classes,
    wrong,
  };
}
