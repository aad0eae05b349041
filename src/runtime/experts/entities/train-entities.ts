import type {
  EntityTraining,
  EntityTrainRequest,
  ExpertArtefact,
  ExpertSettings,
  LabelledText,
} from '../../../protocol/index.ts';
import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import { encodeFloats, hashRows } from '../artefact.ts';
import type { Embedder } from '../embedder.ts';
import { bucketCount } from '../features.ts';
import { classWeightsOf, fitHead, type LinearHead, scoresOf, softmax } from '../linear-head.ts';
import { calibrationError, confusionOf } from '../metrics.ts';
import { seededRandom, shuffled } from '../random.ts';
import { bestTemperature } from '../temperature.ts';
import { NOTHING, namesOf, spanMetrics } from './find-names.ts';
import { featuresOfWords, type Word, wordsIn } from './word-features.ts';

const DEFAULT_SETTINGS: ExpertSettings = {
  regularisation: 0.0002,
  folds: 4,
  classWeights: 'none',
  ngramBuckets: 2048,
  testShare: 0.25,
  seed: 1,
};

const LEAST_TEXTS = 8;
const MOST_TEXTS = 5_000;
const MOST_WORDS = 60_000;

/**
 * Learns to find names in texts from texts in which they are marked. Deterministic. Figures are by cross-validation over whole texts; a name
 * counts where its place and its label are right. Rejects with `expert-invalid` naming what the rows lack, or AbortError.
 */
export async function trainEntities(
  request: EntityTrainRequest,
  embedder: Embedder,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<EntityTraining> {
  const started = performance.now();
  const settings = { ...DEFAULT_SETTINGS, ...request.settings };
  const { rows } = request;
  const words = rows.map(({ text }) => wordsIn(text));
  const kinds = checkRows(rows, words);
  const labels = [NOTHING, ...kinds];
  const features = await featuresOfWords(words, settings.ngramBuckets, embedder, signal, (done) =>
    onProgress(Math.min(done, rows.length), rows.length),
  );
  const targets = rows.map(({ entities }, index) =>
    (words[index] ?? []).map((word) => labels.indexOf(labelOf(word, entities))),
  );
  const shape = { labels: labels.length, dense: embedder.dimensions, buckets: bucketCount(settings.ngramBuckets) };
  const learn = (chosen: readonly number[]): LinearHead => {
    const own = chosen.flatMap((index) => targets[index] ?? []);
    return fitHead(
      chosen.flatMap((index) => features[index] ?? []),
      own,
      shape,
      { regularisation: settings.regularisation, classWeights: classWeightsOf(own, labels.length, settings) },
    );
  };

  const folds = Math.max(2, Math.min(settings.folds, Math.floor(rows.length / 2)));
  const order = shuffled([...rows.keys()], seededRandom(settings.seed));
  const foldOf = new Map(order.map((row, position) => [row, position % folds]));
  const heads: LinearHead[] = [];
  for (let fold = 0; fold < folds; fold++) {
    throwIfAborted(signal);
    heads.push(learn([...rows.keys()].filter((row) => foldOf.get(row) !== fold)));
    // A thread that computes without a pause hears no abort.
    await new Promise((resolve) => setTimeout(resolve));
  }
  const headOf = (row: number) => heads[foldOf.get(row) ?? 0] as LinearHead;
  const scores = features.flatMap((own, row) => own.map((word) => scoresOf(headOf(row), word)));
  const flat = targets.flat();
  const temperature = bestTemperature(scores, flat);
  const probabilities = scores.map((row) => softmax(row, temperature));
  const guesses = probabilities.map((row) => row.indexOf(Math.max(...row)));
  const found = rows.map(({ text }, row) =>
    namesOf(text, words[row] ?? [], features[row] ?? [], headOf(row), labels, temperature),
  );
  const classes = spanMetrics(
    kinds,
    rows.map(({ entities }) => entities),
    found,
  );
  const isRight = guesses.map((guess, index) => guess === flat[index]);
  const head = learn([...rows.keys()]);
  const expert: ExpertArtefact = {
    expertVersion: 1,
    task: 'entities',
    id: request.id,
    name: request.name ?? request.id,
    version: (request.previous?.version ?? 0) + 1,
    labels,
    embedding: { modelId: embedder.modelId, hash: embedder.hash, dimensions: embedder.dimensions },
    settings,
    dataHash: await hashRows(rows.map(({ text, entities }) => ({ text, label: JSON.stringify(entities) }))),
    rows: rows.length,
    metrics: {
      rows: rows.length,
      accuracy: isRight.filter(Boolean).length / Math.max(1, isRight.length),
      macroF1: classes.reduce((sum, { f1 }) => sum + f1, 0) / Math.max(1, classes.length),
      calibrationError: calibrationError(
        probabilities.map((row) => Math.max(...row)),
        isRight,
      ),
      classes,
      confusion: confusionOf(flat, guesses, labels.length),
      learningCurve: [],
    },
    temperature,
    unknownBelow: 0.4,
    unfamiliarBelow: 0,
    weights: encodeFloats(head.weights),
    centroids: encodeFloats(new Float32Array(labels.length * embedder.dimensions)),
  };
  return { expert, trainMs: performance.now() - started };
}

function labelOf(word: Word, entities: LabelledText['entities']): string {
  return entities.find(({ start, end }) => word.start < end && word.end > start)?.label ?? NOTHING;
}

/** The kinds of names, in order. */
function checkRows(rows: readonly LabelledText[], words: readonly (readonly Word[])[]): readonly string[] {
  const fail = (message: string): never => {
    throw new SottoError('expert-invalid', message);
  };
  if (rows.length < LEAST_TEXTS) fail(`${rows.length} texts are too few; ${LEAST_TEXTS} are the least.`);
  if (rows.length > MOST_TEXTS) fail(`${rows.length} texts are too many; ${MOST_TEXTS} are the most.`);
  const count = words.reduce((sum, { length }) => sum + length, 0);
  if (count > MOST_WORDS) fail(`${count} words are too many; ${MOST_WORDS} are the most.`);
  for (const [index, { text, entities }] of rows.entries()) {
    if (typeof text !== 'string' || text.trim() === '' || !Array.isArray(entities))
      fail(`Row ${index + 1} lacks a text or its list of entities.`);
    for (const { start, end, label } of entities) {
      const isPlace =
        Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start && end <= text.length;
      if (!isPlace || typeof label !== 'string' || label.trim() === '' || label === NOTHING)
        fail(`Row ${index + 1} marks a place that is not in its text, or has no label.`);
    }
  }
  const kinds = [...new Set(rows.flatMap(({ entities }) => entities.map(({ label }) => label)))].sort();
  if (kinds.length === 0) fail('No row marks a name: there is nothing to learn.');
  for (const kind of kinds) {
    const holding = rows.filter(({ entities }) => entities.some(({ label }) => label === kind)).length;
    if (holding < 2) fail(`Label "${kind}" stands in one row only; two are the least.`);
  }
  return kinds;
}
