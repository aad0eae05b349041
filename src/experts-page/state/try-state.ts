import { computed, signal } from '@preact/signals';
import type { ExpertArtefact, ExpertPrediction, FoundName, LabelledRow, Sotto } from '../../client/index.ts';
import { createJob } from './job.ts';
import type { TrainingState } from './training-state.ts';

export interface Tried {
  readonly expert: ExpertArtefact;
  readonly text: string;
  readonly prediction: ExpertPrediction | null;
  /** What it leans on. */
  readonly evidence: readonly { readonly text: string; readonly start: number; readonly end: number }[];
  readonly names: readonly FoundName[] | null;
}

/** A text that is put to the expert, and why it says what it says. */
export function createTryState(sotto: Sotto, training: TrainingState, rows: () => readonly LabelledRow[]) {
  const text = signal('');
  const last = signal<Tried | null>(null);
  /** What the expert that was trained last says; an answer of one before it is none of this one's. */
  const tried = computed(() => (last.value?.expert === training.trained.value?.expert ? last.value : null));
  const job = createJob();
  const answer = (expert: ExpertArtefact, asked: string) =>
    job.run(async ({ signal: stop }) => {
      if (expert.task === 'entities') {
        const [names = []] = await sotto.experts.find(expert, [asked], { signal: stop });
        last.value = { expert, text: asked, prediction: null, evidence: [], names };
        return undefined;
      }
      const [prediction = null] = await sotto.experts.predict(expert, [asked], { signal: stop, examples: rows() });
      const { evidence = [] } = await sotto.tasks.classify(asked, expert, { explain: true, signal: stop });
      last.value = { expert, text: asked, prediction, evidence, names: null };
      return undefined;
    });
  let answering: Promise<unknown> = Promise.resolve();
  let wanted: { readonly expert: ExpertArtefact; readonly asked: string } | null = null;
  /** What is asked while something else is being answered takes its place; the same again changes nothing. */
  const ask = async (): Promise<void> => {
    const expert = training.trained.value?.expert;
    const asked = text.value.trim();
    if (expert === undefined || asked === '') return;
    if (wanted?.expert === expert && wanted.asked === asked) return;
    const mine = { expert, asked };
    wanted = mine;
    job.stop();
    await answering;
    if (wanted !== mine) return;
    answering = answer(expert, asked);
    await answering;
    if (wanted === mine) wanted = null;
  };
  return { text, tried, job, ask };
}

export type TryState = ReturnType<typeof createTryState>;
