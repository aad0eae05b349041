import { useEffect } from 'preact/hooks';
import { formatCount } from '../app/format/index.ts';
import { percent } from './parts/figures.ts';
import { JobLine } from './parts/job-line.tsx';
import { LabelSelect } from './parts/label-select.tsx';
import { NewLabel } from './parts/new-label.tsx';
import type { DataState } from './state/data-state.ts';
import { type DistilState, GOOD_TEACHER } from './state/distil-state.ts';
import type { TrainingState } from './state/training-state.ts';
import { TEXT } from './text.ts';

const COUNTS = [25, 50, 100, 250, 500, 1_000, 5_000] as const;
const MOST_SHOWN = 100;

interface DistilProps {
  readonly state: DistilState;
  readonly data: DataState;
  readonly training: TrainingState;
}

/** A chat model labels raw rows, held to the labels; the expert learns from them, and both are measured. */
export function DistilView({ state, data, training }: DistilProps) {
  useEffect(() => void state.look(), []);
  const { raw } = data.sorted.value;
  const isNames = data.choices.value.kind === 'names';
  if (isNames || data.source.value === null || (raw.length === 0 && state.rows.value.length === 0)) {
    return (
      <section class="form">
        <p>{isNames ? TEXT.teachNames : TEXT.noRaw}</p>
        <p>
          <a href="#examples">{TEXT.goExamples}</a>
        </p>
      </section>
    );
  }
  const labels = data.labels.value;
  const isRunning = state.job.running.value !== null;
  const canRun = labels.length >= 2 && state.model.value !== '' && raw.length > 0 && !isRunning;
  return (
    <>
      <p class="muted">{TEXT.teachLead}</p>
      <section class="form">
        <h2>{TEXT.meanings}</h2>
        <p class="muted">{TEXT.meaningsHint}</p>
        {labels.map((label) => (
          <label key={label}>
            <span dir="auto">{label}</span>
            <input
              dir="auto"
              maxLength={200}
              value={data.descriptions.value.get(label) ?? ''}
              onInput={(event) => data.describe(label, event.currentTarget.value)}
            />
          </label>
        ))}
        <NewLabel data={data} />
      </section>
      <section class="form">
        <h2>{TEXT.teacher}</h2>
        <TeacherChoice state={state} raw={raw.length} />
        <p class="muted">
          {state.heldOut.value.length === 0 ? TEXT.noneChecked : TEXT.someChecked(state.heldOut.value.length)}
        </p>
        <div class="actions">
          <button type="button" class="primary" disabled={!canRun} onClick={() => void state.run()}>
            {TEXT.letLabel}
          </button>
          <JobLine job={state.job} />
        </div>
      </section>
      <Outcome state={state} />
      <Taught state={state} data={data} />
      {state.result.value === null ? null : (
        <p>
          <a href="#result">{TEXT.goResult(training.trained.value?.expert.name ?? '')}</a>
        </p>
      )}
    </>
  );
}

function TeacherChoice({ state, raw }: { readonly state: DistilState; readonly raw: number }) {
  const teachers = state.teachers.value;
  if (teachers === null) return <p>{TEXT.looking}</p>;
  if (teachers.length === 0) {
    return (
      <p class="note">
        {TEXT.noTeacher} <a href="./index.html">{TEXT.back}</a>
      </p>
    );
  }
  const chosen = state.chosen.value;
  return (
    <>
      <div class="fields">
        <label>
          {TEXT.model}
          <select
            value={state.model.value}
            onChange={(event) => {
              state.model.value = event.currentTarget.value;
            }}
          >
            {teachers.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {TEXT.howMany(raw)}
          <select
            value={state.count.value}
            onChange={(event) => {
              state.count.value = Number(event.currentTarget.value);
            }}
          >
            {COUNTS.filter((count, index) => count < raw || (COUNTS[index - 1] ?? 0) < raw).map((count) => (
              <option key={count} value={count}>
                {formatCount(Math.min(count, raw))}
              </option>
            ))}
          </select>
        </label>
      </div>
      {chosen !== null && chosen.parameters < GOOD_TEACHER ? (
        <p class="note">{TEXT.smallTeacher(chosen.name)}</p>
      ) : null}
    </>
  );
}

/** What it brought: the model against the person, the expert against the model, and the expert before and after. */
function Outcome({ state }: { readonly state: DistilState }) {
  const { value } = state.result;
  if (value === null) return null;
  const { agreement, accuracy } = value;
  const shown = (share: number | null) => (share === null ? TEXT.notMeasured : percent(share, 1));
  return (
    <section>
      <h2>{TEXT.outcome}</h2>
      <dl class="facts">
        <div>
          <dt>{TEXT.teacherRight}</dt>
          <dd>{shown(accuracy.teacher)}</dd>
        </div>
        <div>
          <dt>{TEXT.agreement}</dt>
          <dd>{percent(agreement, 1)}</dd>
        </div>
        <div>
          <dt>{TEXT.beforeTeaching}</dt>
          <dd>{shown(accuracy.before)}</dd>
        </div>
        <div>
          <dt>{TEXT.afterTeaching}</dt>
          <dd>{shown(accuracy.after)}</dd>
        </div>
      </dl>
      {accuracy.before !== null && accuracy.after !== null && accuracy.after < accuracy.before ? (
        <p class="note">{TEXT.taughtWorse}</p>
      ) : null}
    </section>
  );
}

/** Every row as the model labelled it, the least sure first; a person can put it right. */
function Taught({ state, data }: { readonly state: DistilState; readonly data: DataState }) {
  const rows = state.rows.value.toSorted((a, b) => a.confidence - b.confidence);
  if (rows.length === 0) return null;
  const isLeft = state.job.running.value === null && state.result.value === null;
  return (
    <section class="form">
      <h2>{TEXT.saidByModel(rows.length)}</h2>
      <p class="muted">{TEXT.saidByModelHint}</p>
      {isLeft ? (
        <div class="actions">
          <button type="button" onClick={state.takeOver}>
            {TEXT.takeOver(rows.length)}
          </button>
        </div>
      ) : null}
      <ul class="rows">
        {rows.slice(0, MOST_SHOWN).map(({ text, label, confidence }) => (
          <li key={text}>
            <p dir="auto">{text.slice(0, 300)}</p>
            <p class="muted">{TEXT.modelSure(label, percent(confidence))}</p>
            <LabelSelect
              text={text}
              labels={data.labels.value}
              value={data.byHand.value.get(text.trim()) ?? label}
              onChoose={(chosen) => state.correct(text, chosen)}
            />
          </li>
        ))}
      </ul>
      {rows.length > MOST_SHOWN ? <p class="muted">{TEXT.andMore(rows.length - MOST_SHOWN)}</p> : null}
    </section>
  );
}
