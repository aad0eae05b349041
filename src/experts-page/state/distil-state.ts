import { computed, effect, signal, untracked } from '@preact/signals';
import type { Distillation, Sotto, TaughtRow } from '../../client/index.ts';
import { TEXT } from '../text.ts';
import type { DataState } from './data-state.ts';
import { createJob } from './job.ts';
import type { TrainingState } from './training-state.ts';

/** A chat model that could label. */
export interface Teacher {
  readonly id: string;
  readonly name: string;
  readonly parameters: number;
}

/** Below this a chat model hardly tells labels apart. */
export const GOOD_TEACHER = 300e6;
/** Held-out rows that the model labels too, to see how far it agrees with a person. */
const MOST_CHECKED = 30;

/** Raw rows labelled by a chat model that is here, for the expert to learn from. */
export function createDistilState(sotto: Sotto, data: DataState, training: TrainingState) {
  const teachers = signal<readonly Teacher[] | null>(null);
  const model = signal('');
  const count = signal(50);
  /** What it has said so far: what was written before a stop is not lost. */
  const rows = signal<readonly TaughtRow[]>([]);
  const checked = signal<readonly TaughtRow[]>([]);
  const result = signal<Pick<Distillation, 'agreement' | 'accuracy' | 'teacher'> | null>(null);
  const job = createJob();
  const heldOut = computed(() => data.sorted.value.heldOut.slice(0, MOST_CHECKED));
  const chosen = computed(() => (teachers.value ?? []).find(({ id }) => id === model.value) ?? null);

  const forget = () => {
    rows.value = [];
    checked.value = [];
    result.value = null;
  };
  effect(() => {
    // A person who starts over wants nothing of what was said of the rows before.
    if (data.source.value !== null) return;
    untracked(job.stop);
    forget();
  });

  /** The chat models that are stored here; the largest is taken unless a person says otherwise. */
  const look = async () => {
    try {
      const [stored, catalogue] = await Promise.all([sotto.models.stored(), sotto.models.catalogue()]);
      const others = new Set(catalogue.filter(({ kind = 'chat' }) => kind !== 'chat').map(({ id }) => id));
      const ids = stored.filter(({ complete, id }) => complete && !others.has(id)).map(({ id }) => id);
      const found = await Promise.all(ids.map((id) => sotto.models.manifest(id).catch(() => null)));
      teachers.value = found
        .flatMap((one) => (one === null ? [] : [{ id: one.id, name: one.name, parameters: one.parameters }]))
        .sort((a, b) => b.parameters - a.parameters);
      if (!teachers.value.some(({ id }) => id === model.value)) model.value = teachers.value[0]?.id ?? '';
    } catch {
      teachers.value = [];
    }
  };
  const instructions = () =>
    [
      TEXT.teacherQuestion,
      ...data.labels.value.map((label) => {
        const meaning = data.descriptions.value.get(label)?.trim() ?? '';
        return meaning === '' ? `- ${label}` : `- ${label}: ${meaning}`;
      }),
    ].join('\n');
  const run = () =>
    job.run(
      async (options) => {
        forget();
        const { learned, raw } = data.sorted.value;
        const unseen = training.unseen();
        const distilled = await sotto.experts.distill(
          {
            ...training.request(),
            labels: data.labels.value,
            instructions: instructions(),
            texts: raw.slice(0, count.value),
            rows: learned,
            checked: heldOut.value,
            ...(model.value === '' ? {} : { model: model.value }),
          },
          options,
        );
        options.signal.throwIfAborted();
        const { agreement, accuracy, teacher } = distilled;
        result.value = { agreement, accuracy, teacher };
        data.sayByModel(distilled.labelled);
        const judged = await training.judge(distilled, unseen, { signal: options.signal });
        options.signal.throwIfAborted();
        training.take(judged);
        return TEXT.taught(distilled.labelled.length, teacher);
      },
      (event) => {
        if (event.type !== 'row-labelled') return;
        const { text, label, confidence } = event;
        const list = event.isChecked ? checked : rows;
        list.value = [...list.value, { text, label, confidence }];
      },
    );
  return {
    teachers,
    model,
    chosen,
    count,
    rows,
    checked,
    heldOut,
    result,
    job,
    look,
    run,
    /** After a stop: the labels that were written by then. */
    takeOver: () => data.sayByModel(rows.value),
    /** A person knows better. */
    correct: (text: string, label: string) => data.say(text.trim(), label),
  };
}

export type DistilState = ReturnType<typeof createDistilState>;
