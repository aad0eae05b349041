import type { EntityEvaluation, FoundName, LabelledText } from '../../../protocol/index.ts';
import { SottoError } from '../../../shared/index.ts';
import type { LoadedExpert } from '../artefact.ts';
import type { Embedder } from '../embedder.ts';
import type { RowFeatures } from '../features.ts';
import type { LinearHead } from '../linear-head.ts';
import { scoresOf, softmax } from '../linear-head.ts';
import { featuresOfWords, type Word, wordsIn } from './word-features.ts';

/** The label of a word that belongs to no name. */
export const NOTHING = 'O';

/** The names in each text. Rejects with `expert-invalid` where the expert finds none, or learned from another encoder. */
export async function findNames(
  { artefact, head }: LoadedExpert,
  texts: readonly string[],
  embedder: Embedder,
  signal: AbortSignal,
  onProgress?: (done: number) => void,
): Promise<FoundName[][]> {
  if (artefact.task !== 'entities')
    throw new SottoError('expert-invalid', `"${artefact.id}" tells texts apart; it finds no names in them.`);
  if (embedder.hash !== artefact.embedding.hash) {
    const message = `"${artefact.id}" learned from ${artefact.embedding.modelId}, not from ${embedder.modelId}. Train it again.`;
    throw new SottoError('expert-invalid', message);
  }
  const words = texts.map(wordsIn);
  const features = await featuresOfWords(words, artefact.settings.ngramBuckets, embedder, signal, onProgress);
  return texts.map((text, index) =>
    namesOf(text, words[index] ?? [], features[index] ?? [], head, artefact.labels, artefact.temperature).filter(
      ({ score }) => score >= artefact.unknownBelow,
    ),
  );
}

/** Runs of words with one label; its score is that of its least certain word. */
export function namesOf(
  text: string,
  words: readonly Word[],
  features: readonly RowFeatures[],
  head: LinearHead,
  labels: readonly string[],
  temperature: number,
): FoundName[] {
  const found: FoundName[] = [];
  let open: { label: string; start: number; end: number; score: number } | undefined;
  const close = () => {
    if (open !== undefined) found.push({ ...open, text: text.slice(open.start, open.end) });
    open = undefined;
  };
  for (const [index, word] of words.entries()) {
    const row = features[index];
    if (row === undefined) continue;
    const probabilities = softmax(scoresOf(head, row), temperature);
    const score = Math.max(...probabilities);
    const label = labels[probabilities.indexOf(score)] ?? NOTHING;
    if (label === NOTHING) close();
    else if (open?.label === label) open = { ...open, end: word.end, score: Math.min(open.score, score) };
    else {
      close();
      open = { label, start: word.start, end: word.end, score };
    }
  }
  close();
  return found;
}

/** How an expert does on texts it has not seen; a name counts where its place and its label are both right. */
export async function evaluateNames(
  expert: LoadedExpert,
  rows: readonly LabelledText[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<EntityEvaluation> {
  const found = await findNames(
    expert,
    rows.map(({ text }) => text),
    embedder,
    signal,
  );
  const kinds = expert.artefact.labels.filter((label) => label !== NOTHING);
  const classes = spanMetrics(
    kinds,
    rows.map(({ entities }) => entities),
    found,
  );
  const wrong = rows.flatMap(({ text, entities }, index) => {
    const own = found[index] ?? [];
    const missed = entities.filter((name) => !own.some((other) => isSame(name, other)));
    const extra = own.filter((name) => !entities.some((other) => isSame(name, other)));
    return missed.length + extra.length === 0 ? [] : [{ text, missed, extra }];
  });
  const present = classes.filter(({ rows: count }) => count > 0);
  const macroF1 = present.reduce((sum, { f1 }) => sum + f1, 0) / Math.max(1, present.length);
  return { rows: rows.length, macroF1, classes, wrong };
}

type Span = { readonly start: number; readonly end: number; readonly label: string };

const isSame = (a: Span, b: Span) => a.start === b.start && a.end === b.end && a.label === b.label;

/** Precision, recall and F1 of whole spans. */
export function spanMetrics(
  kinds: readonly string[],
  due: readonly (readonly Span[])[],
  found: readonly (readonly Span[])[],
) {
  return kinds.map((label) => {
    const own = (list: readonly Span[] | undefined) => (list ?? []).filter((span) => span.label === label);
    let hits = 0;
    let called = 0;
    let rows = 0;
    for (const [index, spans] of due.entries()) {
      const [wanted, given] = [own(spans), own(found[index])];
      hits += wanted.filter((span) => given.some((other) => isSame(span, other))).length;
      called += given.length;
      rows += wanted.length;
    }
    const precision = called === 0 ? 0 : hits / called;
    const recall = rows === 0 ? 0 : hits / rows;
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    return { label, precision, recall, f1, rows };
  });
}
