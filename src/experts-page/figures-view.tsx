import { formatCount } from '../app/format/index.ts';
import { percent } from './parts/figures.ts';
import { LabelBars } from './parts/label-bars.tsx';
import { ENOUGH_HELD_OUT, type Trained } from './state/training-state.ts';
import { TEXT } from './text.ts';

/** More labels than these make no table that can be read. */
const MOST_LABELS = 24;

/** Precision and recall of each label, in words first. */
export function ClassTable({ trained: { expert, evaluation, names } }: { readonly trained: Trained }) {
  const isEnough = evaluation !== null && evaluation.rows >= ENOUGH_HELD_OUT;
  const classes = isEnough ? evaluation.classes : (names?.classes ?? expert.metrics.classes);
  return (
    <section>
      <h2>{TEXT.perLabel}</h2>
      <p class="muted">{TEXT.perLabelHint}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, and the keyboard must reach it. */}
      <section class="wide" tabIndex={0} aria-label={TEXT.perLabel}>
        <table>
          <thead>
            <tr>
              <th scope="col">{TEXT.label}</th>
              <th scope="col">{TEXT.precision}</th>
              <th scope="col">{TEXT.recall}</th>
              <th scope="col">{TEXT.rows}</th>
            </tr>
          </thead>
          <tbody>
            {classes.map(({ label, precision, recall, rows }) => (
              <tr key={label}>
                <th scope="row" dir="auto">
                  {label}
                </th>
                <td>{rows === 0 ? '–' : percent(precision)}</td>
                <td>{rows === 0 ? '–' : percent(recall)}</td>
                <td>{formatCount(rows)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** What is taken for what: rows are what it is, columns what the expert said. */
export function ConfusionMatrix({ trained: { expert } }: { readonly trained: Trained }) {
  const { labels, metrics } = expert;
  if (labels.length > MOST_LABELS || expert.task === 'entities') return null;
  return (
    <section>
      <h2>{TEXT.confusion}</h2>
      <p class="muted">{TEXT.confusionHint}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, and the keyboard must reach it. */}
      <section class="wide" tabIndex={0} aria-label={TEXT.confusion}>
        <table class="matrix">
          <thead>
            <tr>
              <td />
              {labels.map((label) => (
                <th key={label} scope="col" dir="auto">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {metrics.confusion.map((row, at) => {
              const sum = row.reduce((all, count) => all + count, 0);
              return (
                <tr key={labels[at]}>
                  <th scope="row" dir="auto">
                    {labels[at]}
                  </th>
                  {row.map((count, column) => (
                    <td
                      key={labels[column]}
                      class={count === 0 ? 'none' : at === column ? 'hit' : 'miss'}
                      style={{ '--share': `${Math.round((count / Math.max(1, sum)) * 100)}%` }}
                    >
                      {formatCount(count)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** Whether more rows would help. */
export function LearningCurve({ trained: { expert } }: { readonly trained: Trained }) {
  const { learningCurve } = expert.metrics;
  const [last, before] = learningCurve.toReversed();
  if (last === undefined || before === undefined) return null;
  const gain = last.accuracy - before.accuracy;
  return (
    <section class="form">
      <h2>{TEXT.curve}</h2>
      <p>{gain > 0.01 ? TEXT.curveRises : TEXT.curveFlat}</p>
      <LabelBars
        name={TEXT.curve}
        whole={1}
        bars={learningCurve.map(({ rows, accuracy }) => ({
          label: TEXT.rowsOf(rows),
          value: accuracy,
          shown: percent(accuracy, 1),
        }))}
      />
    </section>
  );
}
