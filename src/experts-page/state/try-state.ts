import { signal } from '@preact/signals';
import type { ExpertPrediction, FoundName, LabelledRow, Sotto } from '../../client/index.ts';
import { createJob } from './job.ts';
import type { TrainingState } from './training-state.ts';

export interface Tried {
  readonly text: string;
  readonly prediction: ExpertPrediction | null;
  /** What it leans on. */
  readonly evidence: readonly { readonly text: string; readonly start: number; readonly end: number }[];
  readonly names: readonly FoundName[] | null;
}

/** A text that is put to the expert, and why it says what it says. */
export function createTryState(sotto: Sotto, training: TrainingState, rows: () => readonly LabelledRow[]) {
  const text = signal('');
  const tried = signal<Tried | null>(null);
  const job = createJob();
  const ask = () =>
    job.run(async ({ signal: stop }) => {
      const expert = training.trained.value?.expert;
      const asked = text.value.trim();
      if (expert === undefined || asked === '') return undefined;
      if (expert.task === 'entities') {
        const [names = []] = await sotto.experts.find(expert, [asked], { signal: stop });
        tried.value = { text: asked, prediction: null, evidence: [], names };
        return undefined;
      }
      const [prediction = null] = await sotto.experts.predict(expert, [asked], { signal: stop, examples: rows() });
      const { evidence = [] } = await sotto.tasks.classify(asked, expert, { explain: true, signal: stop });
      tried.value = { text: asked, prediction, evidence, names: null };
      return undefined;
    });
  return { text, tried, job, ask };
}

export type TryState = ReturnType<typeof createTryState>;
