import { formatCount, formatNumber } from '../app/format/index.ts';
import { ChangeLine } from './change-line.tsx';
import { ClassTable, ConfusionMatrix, LearningCurve } from './figures-view.tsx';
import { Mistakes } from './mistakes.tsx';
import { bounds, percent } from './parts/figures.ts';
import { JobLine } from './parts/job-line.tsx';
import type { DataState } from './state/data-state.ts';
import { idOf } from './state/data-state.ts';
import type { KeptState } from './state/kept-state.ts';
import { ENOUGH_HELD_OUT, type Trained, type TrainingState } from './state/training-state.ts';
import type { TryState } from './state/try-state.ts';
import { TEXT } from './text.ts';
import { TryView } from './try-view.tsx';

interface ResultProps {
  readonly data: DataState;
  readonly training: TrainingState;
  readonly trying: TryState;
  readonly kept: KeptState;
}

/** How good the expert is, tried at once, and kept. */
export function ResultView({ data, training, trying, kept }: ResultProps) {
  const trained = training.trained.value;
  if (trained === null) {
    return (
      <section class="form">
        <p>{TEXT.notTrained}</p>
        <p>
          <a href="#examples">{TEXT.goExamples}</a>
        </p>
      </section>
    );
  }
  return (
    <>
      <Headline trained={trained} training={training} />
      <TryView state={trying} />
      <KeepForm data={data} kept={kept} trained={trained} />
      <ClassTable trained={trained} />
      <ConfusionMatrix trained={trained} />
      <Mistakes data={data} trained={trained} />
      <LearningCurve trained={trained} />
      <Facts trained={trained} />
    </>
  );
}

/** One figure, what it means, and how sure it is. */
function Headline({ trained, training }: { readonly trained: Trained; readonly training: TrainingState }) {
  const { expert, evaluation, names } = trained;
  const { metrics } = expert;
  const isNames = expert.task === 'entities';
  // A handful of held-out rows is told, but it is no headline.
  const judged = evaluation !== null && evaluation.rows >= ENOUGH_HELD_OUT ? evaluation : null;
  const share = isNames ? (names?.macroF1 ?? metrics.macroF1) : (judged?.accuracy ?? metrics.accuracy);
  const count = judged?.rows ?? metrics.rows;
  const [low, high] = bounds(share, count);
  const most = Math.max(...metrics.classes.map(({ rows }) => rows)) / Math.max(1, metrics.rows);
  return (
    <section class="form headline">
      <h2>{expert.name}</h2>
      <p class="figure">
        <strong>{percent(share)}</strong> {isNames ? TEXT.namesRight : TEXT.right}
      </p>
      {isNames ? (
        <p>{names === null ? TEXT.f1Folds : TEXT.f1HeldOut(names.rows)}</p>
      ) : (
        <>
          <p>{judged === null ? TEXT.byFolds(count, low, high) : TEXT.byHeldOut(count, low, high)}</p>
          {judged === null ? null : <p class="muted">{TEXT.foldsToo(percent(metrics.accuracy), metrics.rows)}</p>}
          {judged !== null || evaluation === null ? null : (
            <p class="muted">
              {percent(evaluation.accuracy)} {TEXT.right}.{' '}
              {TEXT.byHeldOut(evaluation.rows, ...bounds(evaluation.accuracy, evaluation.rows))}
            </p>
          )}
          {judged !== null && judged.unknown > 0 ? <p class="muted">{TEXT.unknownAmong(judged.unknown)}</p> : null}
          <p class="muted">{TEXT.guessing(percent(most))}</p>
        </>
      )}
      <ChangeLine training={training} />
      {count < 40 && !isNames ? <p class="note">{TEXT.fewToJudge}</p> : null}
    </section>
  );
}

function KeepForm({
  data,
  kept,
  trained,
}: {
  readonly data: DataState;
  readonly kept: KeptState;
  readonly trained: Trained;
}) {
  const { name } = data.choices.value;
  const id = idOf(name);
  const { evaluation } = trained;
  const right = evaluation === null ? 0 : evaluation.rows - evaluation.wrong.length;
  const worse = kept.worse.value;
  const { job } = kept;
  return (
    <section class="form">
      <h2>{TEXT.keepTitle}</h2>
      <p class="muted">{TEXT.keepLead}</p>
      <div class="fields">
        <label>
          {TEXT.name}
          <input
            dir="auto"
            maxLength={60}
            value={name}
            onInput={(event) => data.choose({ name: event.currentTarget.value })}
          />
        </label>
        <p class="muted">{TEXT.knownAs(id)}</p>
      </div>
      {right === 0 ? null : (
        <label class="check">
          <input
            type="checkbox"
            checked={kept.holdsAgainst.value}
            onChange={(event) => {
              kept.holdsAgainst.value = event.currentTarget.checked;
            }}
          />
          {TEXT.holdAgainst(right)}
        </label>
      )}
      <div class="actions">
        <button
          type="button"
          class="primary"
          disabled={job.running.value !== null}
          onClick={() => void kept.keepTrained()}
        >
          {TEXT.keep}
        </button>
        <JobLine job={job} />
      </div>
      {worse === null ? null : (
        <div class="note">
          <p>{TEXT.worse}</p>
          <ul class="problems">
            {worse.slice(0, 8).map(({ text, label }) => (
              <li key={text} dir="auto">
                {text.slice(0, 200)} <span class="muted">({label})</span>
              </li>
            ))}
          </ul>
          <button type="button" disabled={job.running.value !== null} onClick={() => void kept.keepTrained(true)}>
            {TEXT.keepWorse}
          </button>
        </div>
      )}
      <p>
        <a href="#kept">{TEXT.goKept}</a>
      </p>
    </section>
  );
}

/** What it was made of: enough to make it again. */
function Facts({ trained: { expert, trainMs } }: { readonly trained: Trained }) {
  const { embedding, dataHash, temperature, unknownBelow, unfamiliarBelow, metrics } = expert;
  const facts = [
    [TEXT.time, TEXT.seconds(trainMs / 1000)],
    [TEXT.rows, formatCount(expert.rows)],
    [TEXT.vectors, `${embedding.modelId}, ${embedding.hash.slice(0, 12)}…`],
    [TEXT.dataHash, `${dataHash.slice(0, 12)}…`],
    [TEXT.calibration, TEXT.calibrationOff(percent(metrics.calibrationError, 1), formatNumber(temperature, 2))],
    ...(expert.task === 'entities'
      ? []
      : [[TEXT.unknown, TEXT.unknownWhen(percent(unknownBelow), formatNumber(unfamiliarBelow, 2))]]),
  ] as const;
  return (
    <section class="form">
      <h2>{TEXT.facts}</h2>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">{TEXT.sameAgain}</p>
    </section>
  );
}
