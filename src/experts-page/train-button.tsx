import { JobLine } from './parts/job-line.tsx';
import type { DataState } from './state/data-state.ts';
import { holdOutNames, type TrainingState } from './state/training-state.ts';
import { TEXT } from './text.ts';

const LEAST_ROWS = 8;

interface TrainProps {
  readonly data: DataState;
  readonly training: TrainingState;
}

/** What stands in the way of training, in plain words; null: nothing does. */
function obstacle(data: DataState): string | null {
  if (data.source.value === null) return TEXT.noRows;
  if (data.choices.value.kind === 'names') {
    const { learned } = holdOutNames(data.named.value.rows, data.choices.value.holdsOut);
    if (learned.length < LEAST_ROWS) return TEXT.tooFew(learned.length, LEAST_ROWS);
    return learned.every(({ entities }) => entities.length === 0) ? TEXT.noNames : null;
  }
  const { learned, labels } = data.sorted.value;
  if (labels.length === 0) return TEXT.noLabelYet;
  if (labels.filter(({ rows }) => rows > 1).length < 2) {
    return labels.length === 1 ? TEXT.oneLabel(labels[0]?.label ?? '') : TEXT.oneEach;
  }
  return learned.length < LEAST_ROWS ? TEXT.tooFew(learned.length, LEAST_ROWS) : null;
}

/** Trains, or says why it cannot yet. */
export function TrainButton({ data, training }: TrainProps) {
  const problem = obstacle(data);
  const isRunning = training.job.running.value !== null;
  return (
    <>
      {problem === null ? null : <p class="note">{problem}</p>}
      <div class="actions">
        <button
          type="button"
          class="primary"
          disabled={problem !== null || isRunning}
          onClick={async () => {
            const { hash } = location;
            // Whoever went elsewhere meanwhile stays there.
            if ((await training.train()) && location.hash === hash) location.hash = '#result';
          }}
        >
          {training.trained.value === null ? TEXT.train : TEXT.trainAgain}
        </button>
        <JobLine job={training.job} doing={training.isLearning.value ? TEXT.learning : null} />
      </div>
    </>
  );
}
