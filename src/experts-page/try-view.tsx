import { formatNumber } from '../app/format/index.ts';
import { percent } from './parts/figures.ts';
import { JobLine } from './parts/job-line.tsx';
import { LabelBars } from './parts/label-bars.tsx';
import { MarkedText } from './parts/marked-text.tsx';
import type { Tried, TryState } from './state/try-state.ts';
import { TEXT } from './text.ts';

const MOST_LABELS = 8;

/** A text, what the expert says of it, and why. */
export function TryView({ state }: { readonly state: TryState }) {
  const { tried, job } = state;
  return (
    <section class="form">
      <h2>{TEXT.tryTitle}</h2>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void state.ask();
        }}
      >
        <label>
          {TEXT.tryLabel}
          <textarea
            rows={2}
            dir="auto"
            value={state.text.value}
            onInput={(event) => {
              state.text.value = event.currentTarget.value;
            }}
            onKeyDown={(event) => {
              // Return asks, as in the chat; with shift it is a new line.
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
              event.preventDefault();
              void state.ask();
            }}
          />
        </label>
        <div class="actions">
          <button type="submit" class="primary">
            {TEXT.ask}
          </button>
          <JobLine job={job} />
        </div>
      </form>
      <div aria-live="polite">{tried.value === null ? null : <Answer tried={tried.value} />}</div>
    </section>
  );
}

function Answer({ tried }: { readonly tried: Tried }) {
  const { expert, prediction, evidence, names, text } = tried;
  if (names !== null) {
    return (
      <>
        <MarkedText text={text} marks={names.map(({ start, end, label }) => ({ start, end, label }))} />
        {names.length === 0 ? <p>{TEXT.noNameFound}</p> : null}
      </>
    );
  }
  if (prediction === null) return null;
  const { label, score, scores, familiarity, nearest = [] } = prediction;
  const [best] = scores;
  const isStrange = familiarity < expert.unfamiliarBelow;
  return (
    <div class="answer">
      <p class="figure">
        {label === null ? <strong>{TEXT.unknown}</strong> : <strong dir="auto">{label}</strong>}{' '}
        {label === null ? null : <span class="muted">{TEXT.sure(percent(score))}</span>}
      </p>
      {label === null ? (
        <p>
          {isStrange
            ? TEXT.strange(formatNumber(familiarity, 2), formatNumber(expert.unfamiliarBelow, 2))
            : TEXT.unsure(best?.label ?? '', percent(score), percent(expert.unknownBelow))}
        </p>
      ) : null}
      <h3>{TEXT.scores}</h3>
      <LabelBars
        name={TEXT.scores}
        whole={1}
        bars={scores
          .slice(0, MOST_LABELS)
          .map((one) => ({ label: one.label, value: one.score, shown: percent(one.score, 1) }))}
      />
      {evidence.length === 0 ? null : (
        <>
          <h3>{TEXT.because}</h3>
          <MarkedText text={text} marks={evidence} />
        </>
      )}
      {nearest.length === 0 ? null : (
        <>
          <h3>{TEXT.nearest}</h3>
          <ul class="problems">
            {nearest.map((row) => (
              <li key={row.text}>
                <span dir="auto">{row.text.slice(0, 200)}</span>{' '}
                <span class="muted">
                  {row.label}, {formatNumber(row.score, 2)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
