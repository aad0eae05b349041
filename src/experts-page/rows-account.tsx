import { LabelBars } from './parts/label-bars.tsx';
import type { DataState } from './state/data-state.ts';
import { holdOutNames } from './state/training-state.ts';
import { TEXT } from './text.ts';

/** Fewer rows of a label than these teach little. */
const FEW = 8;
const MOST_SHOWN = 50;

/** What becomes of every row: nothing is left out without being said. */
export function RowsAccount({ data }: { readonly data: DataState }) {
  return (
    <section class="form">
      <h2>{TEXT.account}</h2>
      {data.choices.value.kind === 'texts' ? <TextsAccount data={data} /> : <NamesAccount data={data} />}
      <BrokenLines data={data} />
    </section>
  );
}

function TextsAccount({ data }: { readonly data: DataState }) {
  const { learned, heldOut, raw, disputed, lonely, labels, repeated, empty, surplus } = data.sorted.value;
  const few = labels.filter(({ rows }) => rows > 1 && rows < FEW).map(({ label }) => label);
  const leftOut = [...data.byHand.value.values()].filter((label) => label === '').length;
  const lines = [
    TEXT.learnedFrom(learned.length),
    heldOut.length > 0 ? TEXT.heldOut(heldOut.length) : null,
    raw.length > 0 ? TEXT.withoutLabel(raw.length) : null,
    disputed.length > 0 ? TEXT.disputed(disputed.length) : null,
    lonely.length > 0 ? TEXT.lonely(lonely.slice(0, 10).join(', ')) : null,
    few.length > 0 ? TEXT.few(few.slice(0, 10).join(', ')) : null,
    repeated > 0 ? TEXT.repeated(repeated) : null,
    empty > 0 ? TEXT.emptyRows(empty) : null,
    surplus > 0 ? TEXT.surplus(surplus) : null,
    leftOut > 0 ? TEXT.leftOut(leftOut) : null,
  ].filter((line) => line !== null);
  return (
    <>
      <ul class="account">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {disputed.length > 0 || raw.length > 0 ? <a href="#label">{TEXT.goLabel}</a> : null}
      {labels.length === 0 ? null : (
        <>
          <h3>{TEXT.labels}</h3>
          <LabelBars
            name={TEXT.labels}
            bars={labels.slice(0, MOST_SHOWN).map(({ label, rows }) => ({ label, value: rows, isWeak: rows < FEW }))}
          />
        </>
      )}
    </>
  );
}

function NamesAccount({ data }: { readonly data: DataState }) {
  const { rows, bad } = data.named.value;
  const { learned, heldOut } = holdOutNames(rows, data.choices.value.holdsOut);
  const counts = new Map<string, number>();
  for (const { label } of rows.flatMap(({ entities }) => entities)) counts.set(label, (counts.get(label) ?? 0) + 1);
  const lines = [
    TEXT.learnedFrom(learned.length),
    ...(heldOut.length > 0 ? [TEXT.heldOut(heldOut.length)] : []),
    ...(bad > 0 ? [TEXT.badPlaces(bad)] : []),
  ];
  return (
    <>
      <p class="muted">{TEXT.namesHint}</p>
      <ul class="account">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {counts.size === 0 ? null : (
        <>
          <h3>{TEXT.kindsOfNames}</h3>
          <LabelBars name={TEXT.kindsOfNames} bars={[...counts].map(([label, value]) => ({ label, value }))} />
        </>
      )}
    </>
  );
}

function BrokenLines({ data }: { readonly data: DataState }) {
  const { broken = [] } = data.source.value ?? {};
  if (broken.length === 0) return null;
  return (
    <details class="part">
      <summary>{TEXT.broken(broken.length)}</summary>
      <ul class="problems">
        {broken.slice(0, MOST_SHOWN).map(({ line, text, reason }) => (
          <li key={line}>
            {TEXT.line(line)} <span class="muted">({reason})</span> <code dir="auto">{text.slice(0, 160)}</code>
          </li>
        ))}
      </ul>
      {broken.length > MOST_SHOWN ? <p class="muted">{TEXT.andMore(broken.length - MOST_SHOWN)}</p> : null}
    </details>
  );
}
