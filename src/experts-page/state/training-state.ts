import { computed, signal } from '@preact/signals';
import type {
  EntityEvaluation,
  EntityTraining,
  ExpertArtefact,
  ExpertEvaluation,
  ExpertTraining,
  LabelledRow,
  LabelledText,
  Sotto,
} from '../../client/index.ts';
import { TEXT } from '../text.ts';
import { type DataState, idOf } from './data-state.ts';
import type { DraftPart } from './draft.ts';
import { createJob } from './job.ts';

/** Raw rows that are looked through for the ones most worth labelling. */
const MOST_RAW = 2_000;
/** Of texts with names, one in so many is held out, from so many on. */
const HOLD_OUT_EVERY = 5;
const HOLD_OUT_FROM = 15;
const MOST_STEPS = 30;
/** Fewer held-out rows say less than cross-validation over all of them. */
export const ENOUGH_HELD_OUT = 20;

/** One training, as a line of the history. */
export interface Step {
  readonly rows: number;
  /** By cross-validation. */
  readonly accuracy: number;
  /** On held-out rows; null without them. */
  readonly heldOut: number | null;
}

export interface Trained {
  readonly expert: ExpertArtefact;
  readonly trainMs: number;
  readonly mistakes: ExpertTraining['mistakes'];
  readonly uncertain: ExpertTraining['uncertain'];
  /** On held-out rows; null without them. */
  readonly evaluation: ExpertEvaluation | null;
  /** Those of the held-out rows that it gets right; absent in what an older version of this page kept. */
  readonly right?: readonly LabelledRow[];
  readonly names: EntityEvaluation | null;
}

/** Texts with names by what becomes of them. */
export function holdOutNames(rows: readonly LabelledText[], holdsOut: boolean) {
  const isOut = (index: number) =>
    holdsOut && rows.length >= HOLD_OUT_FROM && index % HOLD_OUT_EVERY === HOLD_OUT_EVERY - 1;
  return {
    learned: rows.filter((_, index) => !isOut(index)),
    heldOut: rows.filter((_, index) => isOut(index)),
  };
}

/** The expert that was trained last, how it does, and how those before it did. */
export function createTrainingState(sotto: Sotto, data: DataState) {
  const trained = signal<Trained | null>(null);
  const history = signal<readonly Step[]>([]);
  const job = createJob();
  const isLearning = computed(() => {
    const { value } = job.progress;
    return value !== null && value.total > 0 && value.done >= value.total;
  });

  const take = (next: Trained) => {
    trained.value = next;
    const { rows, metrics } = next.expert;
    const { evaluation, names } = next;
    const isEnough = evaluation !== null && evaluation.rows >= ENOUGH_HELD_OUT;
    const heldOut = isEnough ? evaluation.accuracy : (names?.macroF1 ?? null);
    const accuracy = next.expert.task === 'entities' ? metrics.macroF1 : metrics.accuracy;
    history.value = [...history.value, { rows, accuracy, heldOut }].slice(-MOST_STEPS);
  };
  const request = () => {
    const name = data.choices.value.name.trim();
    return { id: idOf(name), name: name === '' ? TEXT.unnamed : name };
  };
  /** Rows that an expert which begins to learn now does not see: what is labelled while it learns may be among those it saw. */
  const unseen = () => ({
    heldOut: data.sorted.value.heldOut,
    names: holdOutNames(data.named.value.rows, data.choices.value.holdsOut).heldOut,
  });
  /** Figures on rows that it has never seen. */
  const judge = async (
    training: ExpertTraining | EntityTraining,
    rows: ReturnType<typeof unseen>,
    options: Parameters<typeof sotto.experts.evaluate>[2],
  ): Promise<Trained> => {
    const known = rows.heldOut.filter(({ label }) => training.expert.labels.includes(label));
    const isNames = training.expert.task === 'entities';
    const names = isNames ? rows.names : [];
    const evaluation =
      isNames || known.length === 0 ? null : await sotto.experts.evaluate(training.expert, known, options);
    const wrong = new Set((evaluation?.wrong ?? []).map(({ text }) => text));
    return {
      expert: training.expert,
      trainMs: training.trainMs,
      mistakes: 'mistakes' in training ? training.mistakes : [],
      uncertain: 'uncertain' in training ? training.uncertain : [],
      evaluation,
      right: evaluation === null ? [] : known.filter(({ text }) => !wrong.has(text)),
      names: names.length === 0 ? null : await sotto.experts.evaluateEntities(training.expert, names, options),
    };
  };
  const train = () =>
    job.run(async (options) => {
      const rows = unseen();
      const learn = () => {
        if (data.choices.value.kind === 'names') {
          const { learned } = holdOutNames(data.named.value.rows, data.choices.value.holdsOut);
          return sotto.experts.trainEntities({ ...request(), rows: learned }, options);
        }
        const { learned, raw } = data.sorted.value;
        return sotto.experts.train({ ...request(), rows: learned, unlabelled: raw.slice(0, MOST_RAW) }, options);
      };
      const next = await judge(await learn(), rows, { signal: options.signal });
      // Stopped at its very end, it is stopped: its rows may be gone.
      options.signal.throwIfAborted();
      take(next);
      return TEXT.trainedIn(next.trainMs);
    });
  /** For the rows of a file that are another beginning. */
  const clear = () => {
    job.stop();
    trained.value = null;
    history.value = [];
    job.message.value = '';
  };
  const parts: readonly DraftPart[] = [
    {
      name: 'trained',
      value: computed(() => ({ trained: trained.value, history: history.value })),
      restore: (value) => {
        const kept = value as { readonly trained: Trained | null; readonly history: readonly Step[] };
        const isWhole = kept.trained === null || Array.isArray(kept.trained.expert.metrics.classes);
        if (!isWhole || !Array.isArray(kept.history)) return;
        trained.value = kept.trained;
        history.value = kept.history;
      },
    },
  ];
  return { trained, history, job, isLearning, train, unseen, judge, take, clear, parts, request };
}

export type TrainingState = ReturnType<typeof createTrainingState>;
