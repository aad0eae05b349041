import { ChangeLine } from './change-line.tsx';
import { percent } from './parts/figures.ts';
import { NewLabel } from './parts/new-label.tsx';
import type { DataState } from './state/data-state.ts';
import type { LabelState } from './state/label-state.ts';
import type { TrainingState } from './state/training-state.ts';
import { TEXT } from './text.ts';
import { TrainButton } from './train-button.tsx';

interface LabelProps {
  readonly state: LabelState;
  readonly data: DataState;
  readonly training: TrainingState;
}

/** One text at a time, and its label by a key: those that would teach most come first. */
export function LabelView({ state, data, training }: LabelProps) {
  const isNames = data.choices.value.kind === 'names';
  if (data.source.value === null || isNames) {
    return (
      <section class="form">
        <p>{isNames ? TEXT.labelNames : TEXT.noRows}</p>
        <p>
          <a href="#examples">{TEXT.goExamples}</a>
        </p>
      </section>
    );
  }
  return (
    <>
      <p class="muted">{training.trained.value === null ? TEXT.labelLeadFirst : TEXT.labelLead}</p>
      <Asked state={state} data={data} />
      <section class="form">
        <h2>{TEXT.trainTitle}</h2>
        <p>{TEXT.saidHere(state.said.value.length, state.queue.value.length)}</p>
        <ChangeLine training={training} />
        <TrainButton data={data} training={training} />
      </section>
    </>
  );
}

function Asked({ state, data }: { readonly state: LabelState; readonly data: DataState }) {
  const question = state.current.value;
  const labels = data.labels.value;
  return (
    <section class="form asked">
      <h2>{TEXT.whatIs}</h2>
      <div aria-live="polite" aria-atomic="true">
        {question === null ? (
          <p>{TEXT.allLabelled}</p>
        ) : (
          <>
            <p class="text" dir="auto">
              {question.text.slice(0, 2_000)}
            </p>
            <p class="muted">
              {question.reason === 'disputed'
                ? TEXT.whyDisputed(question.guesses.join(', '))
                : question.reason === 'uncertain'
                  ? TEXT.whyUncertain(question.guesses[0] ?? '', percent(question.score ?? 0))
                  : TEXT.whyNext}
            </p>
          </>
        )}
      </div>
      <fieldset class="actions" aria-label={TEXT.labels}>
        {labels.map((label, index) => (
          <button key={label} type="button" disabled={question === null} onClick={() => state.choose(label)}>
            {index < 9 ? <kbd>{index + 1}</kbd> : null}
            <span dir="auto">{label}</span>
          </button>
        ))}
      </fieldset>
      <div class="actions">
        <button type="button" disabled={question === null} onClick={state.skip}>
          <kbd>0</kbd>
          {TEXT.skip}
        </button>
        <button type="button" disabled={state.said.value.length === 0} onClick={state.undo}>
          <kbd>⌫</kbd>
          {TEXT.undo}
        </button>
        <span role="status">{state.message.value}</span>
      </div>
      <NewLabel data={data} />
    </section>
  );
}
