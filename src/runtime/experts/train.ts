import type {
  ExpertArtefact,
  ExpertMetrics,
  ExpertSettings,
  ExpertTraining,
  ExpertTrainRequest,
  LabelledRow,
} from '../../protocol/index.ts';
import { SottoError, throwIfAborted } from '../../shared/index.ts';
import { encodeFloats, hashRows, openExpert } from './artefact.ts';
import type { Embedder } from './embedder.ts';
import { bucketCount, featuresOf, NGRAM_WEIGHT, type RowFeatures } from './features.ts';
import { classWeightsOf, fitHead, scoresOf, softmax } from './linear-head.ts';
import { calibrationError, classMetrics, confusionOf, macroF1 } from './metrics.ts';
import { nearest, predict } from './predict.ts';
import { seededRandom, shuffled, stratifiedFolds } from './random.ts';
import { bestTemperature } from './temperature.ts';

export const DEFAULT_SETTINGS: ExpertSettings = {
  regularisation: 0.002,
  folds: 5,
  classWeights: 'balanced',
  ngramBuckets: 1024,
  ngramWeight: NGRAM_WEIGHT,
  testShare: 0.25,
  seed: 1,
};

const LEAST_ROWS = 8;
const MOST_ROWS = 5_000;
/** Of rows that it gets right, this share may be called unknown. */
const SPARED = 0.02;

/**
 * Learns to tell texts apart from examples. Deterministic: same rows, settings and embedding model, same expert.
 * Rejects with `expert-invalid` naming what the rows lack, or AbortError.
 */
export async function trainExpert(
  request: ExpertTrainRequest,
  embedder: Embedder,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<ExpertTraining> {
  const start = performance.now();
  const settings = { ...DEFAULT_SETTINGS, ...request.settings };
  const rows = checkRows(request.rows, settings);
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  const vectors = await embedder.embed(
    rows.map(({ text }) => text),
    signal,
    (done) => onProgress(done, rows.length),
  );
  const features = rows.map(({ text }, index) =>
    featuresOf(text, vectors[index] ?? new Float32Array(embedder.dimensions), settings),
  );
  const targets = rows.map(({ label }) => labels.indexOf(label));
  const shape = { labels: labels.length, dense: embedder.dimensions, buckets: bucketCount(settings.ngramBuckets) };
  const learn = (chosen: readonly number[]) => {
    const own = chosen.map((index) => targets[index] ?? 0);
    return fitHead(
      chosen.map((index) => features[index] as RowFeatures),
      own,
      shape,
      { regularisation: settings.regularisation, classWeights: classWeightsOf(own, labels.length, settings) },
    );
  };

  // Every row is judged once by a head that has not seen it.
  const smallest = Math.min(...labels.map((_, label) => targets.filter((target) => target === label).length));
  const foldCount = Math.max(2, Math.min(settings.folds, smallest));
  const folds = stratifiedFolds(targets, foldCount, settings.seed);
  const scores: Float32Array[] = [];
  for (let fold = 0; fold < foldCount; fold++) {
    throwIfAborted(signal);
    const head = learn(rows.flatMap((_, index) => (folds[index] === fold ? [] : [index])));
    for (const [index, row] of features.entries()) if (folds[index] === fold) scores[index] = scoresOf(head, row);
    // A thread that computes without a pause hears no abort.
    await new Promise((resolve) => setTimeout(resolve));
  }
  const temperature = bestTemperature(scores, targets);
  const probabilities = scores.map((row) => softmax(row, temperature));
  const guesses = probabilities.map((row) => row.indexOf(Math.max(...row)));
  const stated = probabilities.map((row) => Math.max(...row));
  const isRight = guesses.map((guess, index) => guess === targets[index]);

  const centroids = meansOf(vectors, targets, labels.length, embedder.dimensions);
  const metrics: ExpertMetrics = {
    rows: rows.length,
    accuracy: isRight.filter(Boolean).length / rows.length,
    ...judged(labels, targets, guesses),
    calibrationError: calibrationError(stated, isRight),
    learningCurve: learningCurve(features, targets, settings, learn),
  };
  const head = learn(rows.map((_, index) => index));
  const right = (values: readonly number[]) => values.filter((_, index) => isRight[index]).sort((a, b) => a - b);
  const spared = (values: readonly number[]) => right(values)[Math.floor(right(values).length * SPARED)] ?? 0;
  const familiarity = vectors.map((vector) => nearest(vector, centroids));
  const expert: ExpertArtefact = {
    expertVersion: 1,
    id: request.id,
    name: request.name ?? request.id,
    version: (request.previous?.version ?? 0) + 1,
    labels,
    embedding: { modelId: embedder.modelId, hash: embedder.hash, dimensions: embedder.dimensions },
    settings,
    dataHash: await hashRows(rows),
    rows: rows.length,
    metrics,
    temperature,
    unknownBelow: Math.min(spared(stated), 0.45),
    // Unseen rows lie a little farther out than those the means were made of.
    unfamiliarBelow: Math.max(0, spared(familiarity) * 0.4),
    weights: encodeFloats(head.weights),
    centroids: encodeFloats(centroids),
  };
  const mistakes = rows
    .map(({ text, label }, index) => ({
      text,
      label,
      predicted: labels[guesses[index] ?? 0] ?? '',
      score: stated[index] ?? 0,
    }))
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.score - a.score);
  const uncertain = await leastCertain(expert, request.unlabelled ?? [], embedder, signal);
  return { expert, mistakes, uncertain, trainMs: performance.now() - start };
}

function judged(labels: readonly string[], targets: readonly number[], guesses: readonly number[]) {
  const confusion = confusionOf(targets, guesses, labels.length);
  const classes = classMetrics(labels, confusion, targets);
  return { confusion, classes, macroF1: macroF1(classes) };
}

function checkRows(rows: readonly LabelledRow[], settings: ExpertSettings): readonly LabelledRow[] {
  const fail = (message: string): never => {
    throw new SottoError('expert-invalid', message);
  };
  if (!Array.isArray(rows)) return fail('"rows" must be a list of { text, label }.');
  for (const [index, row] of rows.entries()) {
    const isRow = typeof row?.text === 'string' && typeof row?.label === 'string';
    if (!isRow || row.text.trim() === '' || row.label.trim() === '') fail(`Row ${index + 1} lacks a text or a label.`);
  }
  const unique = [...new Map(rows.map((row) => [JSON.stringify([row.text, row.label]), row])).values()];
  if (unique.length < LEAST_ROWS) fail(`${unique.length} different rows are too few; ${LEAST_ROWS} are the least.`);
  if (unique.length > MOST_ROWS) fail(`${unique.length} rows are too many; ${MOST_ROWS} are the most.`);
  const counts = new Map<string, number>();
  for (const { label } of unique) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (counts.size < 2) fail('All rows have the same label: there is nothing to tell apart.');
  const rare = [...counts].find(([, count]) => count < 2);
  if (rare !== undefined) fail(`Label "${rare[0]}" has one row only; two are the least.`);
  const { regularisation, ngramBuckets, ngramWeight = NGRAM_WEIGHT, folds } = settings;
  if (
    !(regularisation > 0) ||
    !(folds >= 2) ||
    !Number.isInteger(ngramBuckets) ||
    ngramBuckets < 0 ||
    ngramBuckets > 65_536 ||
    !(ngramWeight > 0 && ngramWeight <= 1)
  ) {
    fail(
      'Settings: regularisation must be above 0, folds 2 or more, ngramBuckets 0 to 65,536, ngramWeight above 0 to 1.',
    );
  }
  return unique;
}

function meansOf(
  vectors: readonly Float32Array[],
  targets: readonly number[],
  labels: number,
  dimensions: number,
): Float32Array {
  const means = new Float32Array(labels * dimensions);
  for (const [index, vector] of vectors.entries()) {
    const target = targets[index] ?? 0;
    const count = targets.filter((other) => other === target).length;
    for (let at = 0; at < dimensions; at++) {
      const place = target * dimensions + at;
      means[place] = (means[place] ?? 0) + (vector[at] ?? 0) / count;
    }
  }
  return means;
}

/** Learns from more and more of the rows, and says each time how it does on those kept aside. */
function learningCurve(
  features: readonly RowFeatures[],
  targets: readonly number[],
  { testShare, seed }: ExpertSettings,
  learn: (chosen: readonly number[]) => ReturnType<typeof fitHead>,
): { rows: number; accuracy: number }[] {
  const parts = Math.max(2, Math.round(1 / Math.min(0.5, Math.max(0.1, testShare))));
  const folds = stratifiedFolds(targets, parts, seed + 1);
  const test = targets.flatMap((_, index) => (folds[index] === 0 ? [index] : []));
  const rest = shuffled(
    targets.flatMap((_, index) => (folds[index] === 0 ? [] : [index])),
    seededRandom(seed),
  );
  if (rest.length > 1_000) return [];
  return [0.25, 0.5, 0.75, 1].flatMap((share) => {
    const chosen = rest.slice(0, Math.round(rest.length * share));
    if (new Set(chosen.map((index) => targets[index])).size < 2) return [];
    const head = learn(chosen);
    const hits = test.filter((index) => {
      const row = scoresOf(head, features[index] as RowFeatures);
      return row.indexOf(Math.max(...row)) === targets[index];
    });
    return [{ rows: chosen.length, accuracy: hits.length / Math.max(1, test.length) }];
  });
}

async function leastCertain(
  expert: ExpertArtefact,
  texts: readonly string[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<{ text: string; label: string; score: number }[]> {
  if (texts.length === 0) return [];
  const predictions = await predict(openExpert(expert), texts, embedder, signal);
  return texts
    .map((text, index) => {
      const best = predictions[index]?.scores[0];
      return { text, label: best?.label ?? '', score: best?.score ?? 0 };
    })
    .sort((a, b) => a.score - b.score)
    .slice(0, 20);
}
