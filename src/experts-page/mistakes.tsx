import { percent } from './parts/figures.ts';
import { LabelSelect } from './parts/label-select.tsx';
import type { DataState } from './state/data-state.ts';
import type { Trained } from './state/training-state.ts';
import { TEXT } from './text.ts';

const MOST_SHOWN = 8;

/** Rows it got wrong, surest first: often the label is what is wrong, and can be put right here. */
export function Mistakes({ data, trained: { mistakes } }: { readonly data: DataState; readonly trained: Trained }) {
  if (mistakes.length === 0) return null;
  return (
    <section class="form">
      <h2>{TEXT.mistakes}</h2>
      <p class="muted">{TEXT.mistakesHint}</p>
      <ul class="rows">
        {mistakes.slice(0, MOST_SHOWN).map(({ text, label, predicted, score }) => (
          <li key={text}>
            <p dir="auto">{text.slice(0, 300)}</p>
            <p class="muted">{TEXT.mistaken(label, predicted, percent(score))}</p>
            <LabelSelect
              text={text}
              labels={data.labels.value}
              value={data.byHand.value.get(text) ?? label}
              onChoose={(chosen) => data.say(text, chosen === label ? undefined : chosen)}
            />
          </li>
        ))}
      </ul>
      {mistakes.length > MOST_SHOWN ? <p class="muted">{TEXT.andMore(mistakes.length - MOST_SHOWN)}</p> : null}
      <p>
        <a href="#examples">{TEXT.goTrainAgain}</a>
      </p>
    </section>
  );
}
