import type {
  Distillation,
  DistillRequest,
  LabelledRow,
  TaughtRow,
  TextGenerationRequest,
  TextGenerationResult,
} from '../../protocol/index.ts';
import { SottoError, throwIfAborted } from '../../shared/index.ts';
import { openExpert } from './artefact.ts';
import type { Embedder } from './embedder.ts';
import { evaluate } from './predict.ts';
import { trainExpert } from './train.ts';

/** Below this a chat model hardly tells labels apart: what it writes would be noise to learn from. */
const GOOD_TEACHER = 300e6;
const MOST_TEXTS = 5_000;

interface Tools {
  readonly embedder: Embedder;
  readonly generate: (request: TextGenerationRequest, signal?: AbortSignal) => Promise<TextGenerationResult>;
}

/**
 * A larger model labels raw texts, held to the labels while it writes, and the expert learns from them. What it agrees with and what it gets right
 * before and after is measured, on rows that a person labelled. Rejects with `task-unavailable` where no model is good enough, and as training does.
 */
export async function distill(
  request: DistillRequest,
  { embedder, generate }: Tools,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
  onLabelled: (row: TaughtRow, isChecked: boolean) => void = () => {},
): Promise<Distillation> {
  const { texts, labels, rows = [], checked = [], previous, settings, id } = request;
  if (!Array.isArray(labels) || labels.length < 2 || new Set(labels).size !== labels.length)
    throw new SottoError('expert-invalid', '"labels" must be two or more, all different.');
  if (!Array.isArray(texts) || texts.length > MOST_TEXTS || !texts.every((text) => typeof text === 'string'))
    throw new SottoError('expert-invalid', `"texts" must be a list of up to ${MOST_TEXTS} texts.`);
  const total = texts.length + checked.length;
  let teacher = '';
  let done = 0;
  const ask = async (text: string, isChecked: boolean): Promise<TaughtRow> => {
    throwIfAborted(signal);
    const result = await generate(
      {
        prompt: `${request.instructions ?? `Which of these is the text: ${labels.join(', ')}?`}\n\nText: ${text.slice(0, 4_000)}\n\nAnswer with one label.`,
        choices: labels,
        isWeighed: true,
        maxTokens: 40,
        seed: settings?.seed ?? 1,
        leastParameters: request.leastParameters ?? (request.model === undefined ? GOOD_TEACHER : 0),
        ...(request.model === undefined ? {} : { modelId: request.model }),
      },
      signal,
    );
    teacher = result.model;
    onProgress(++done, total);
    if (!labels.includes(result.text))
      throw new SottoError(
        'flow-failed',
        `"${teacher}" wrote "${result.text.slice(0, 80)}", which is none of the labels.`,
      );
    const row = { text, label: result.text, confidence: result.confidence ?? 1 };
    onLabelled(row, isChecked);
    return row;
  };
  const labelled: TaughtRow[] = [];
  for (const text of texts.filter((one) => one.trim() !== '')) labelled.push(await ask(text, false));
  const judged: TaughtRow[] = [];
  for (const { text } of checked) judged.push(await ask(text, true));

  const name = request.name === undefined ? {} : { name: request.name };
  const train = (learned: readonly LabelledRow[]) =>
    trainExpert(
      {
        id,
        rows: learned,
        ...name,
        ...(settings === undefined ? {} : { settings }),
        ...(previous === undefined ? {} : { previous }),
      },
      embedder,
      signal,
      () => {},
    );
  // What a person said of a text stands above what the model says of it.
  const byPerson = new Set(rows.map(({ text }) => text));
  const learned = labelled.filter(({ text }) => !byPerson.has(text)).map(({ text, label }) => ({ text, label }));
  const training = await train([...rows, ...learned]);
  const measured = async (expert: Parameters<typeof openExpert>[0]) => {
    const opened = openExpert(expert);
    if (checked.length === 0 || checked.some(({ label }) => !opened.artefact.labels.includes(label))) return null;
    return (await evaluate(opened, checked, embedder, signal)).accuracy;
  };
  // Too few rows of a person's make no expert to compare with.
  const before =
    previous ??
    (await train(rows).then(
      ({ expert }) => expert,
      (error: unknown) => {
        if (SottoError.isInstance(error) && error.code === 'expert-invalid') return undefined;
        throw error;
      },
    ));
  const right = judged.filter(({ label }, index) => label === checked[index]?.label).length;
  return {
    ...training,
    labelled,
    teacher,
    agreement: agreementOf(training.mistakes, labelled),
    accuracy: {
      before: before === undefined ? null : await measured(before),
      after: await measured(training.expert),
      teacher: checked.length === 0 ? null : right / checked.length,
    },
  };
}

function agreementOf(mistakes: Distillation['mistakes'], labelled: readonly LabelledRow[]): number {
  const wrong = new Set(mistakes.map(({ text, label }) => JSON.stringify([text, label])));
  const agreed = labelled.filter(({ text, label }) => !wrong.has(JSON.stringify([text, label]))).length;
  return labelled.length === 0 ? 0 : agreed / labelled.length;
}
