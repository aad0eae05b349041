import type { ReadonlySignal } from '@preact/signals';
import { viewInAddress } from '../app/pages/index.ts';
import type { Policy } from '../client/index.ts';
import { DistilView } from './distil-view.tsx';
import { ExamplesView } from './examples-view.tsx';
import { KeptView } from './kept-view.tsx';
import { LabelView } from './label-view.tsx';
import { ResultView } from './result-view.tsx';
import type { DataState } from './state/data-state.ts';
import type { DistilState } from './state/distil-state.ts';
import type { DraftState } from './state/draft.ts';
import type { KeptState } from './state/kept-state.ts';
import type { LabelState } from './state/label-state.ts';
import type { TrainingState } from './state/training-state.ts';
import type { TryState } from './state/try-state.ts';
import { TEXT } from './text.ts';

const VIEWS = ['examples', 'result', 'label', 'teach', 'kept'] as const;
export type View = (typeof VIEWS)[number];

/** The view that the address names. A link leads to the top of it, for the eye and for a screen reader. */
export const createView = (): ReadonlySignal<View> =>
  viewInAddress(VIEWS, () => document.querySelector<HTMLElement>('main')?.scrollIntoView({ block: 'start' }));

interface PageProps {
  readonly view: ReadonlySignal<View>;
  readonly data: DataState;
  readonly training: TrainingState;
  readonly trying: TryState;
  readonly label: LabelState;
  readonly distil: DistilState;
  readonly kept: KeptState;
  readonly draft: ReadonlySignal<DraftState>;
  readonly features: Policy['features'];
}

/** From examples to an expert that is kept: five steps, each its own view. */
export function ExpertsPage({ view, data, training, trying, label, distil, kept, draft, features }: PageProps) {
  const waiting = label.queue.value.length;
  const now = view.value;
  return (
    <main class="flows experts">
      <header>
        <h1>{TEXT.title}</h1>
        <p>{TEXT.lead}</p>
        <div class="links">
          <a href="./index.html">{TEXT.back}</a>
          <a href="./flows.html">{TEXT.toFlows}</a>
        </div>
      </header>
      <nav class="views" aria-label={TEXT.views}>
        {VIEWS.map((name) => (
          <a key={name} href={`#${name}`} class="button" aria-current={now === name ? 'page' : undefined}>
            {TEXT.view[name]}
            {name === 'label' && waiting > 0 ? <span class="count">{waiting > 99 ? '99+' : waiting}</span> : null}
          </a>
        ))}
      </nav>
      {draft.value === 'kept' ? null : <p class="note">{draft.value === 'vault' ? TEXT.draftVault : TEXT.draftLost}</p>}
      {now === 'examples' ? <ExamplesView data={data} training={training} canExport={features.export} /> : null}
      {now === 'result' ? <ResultView data={data} training={training} trying={trying} kept={kept} /> : null}
      {now === 'label' ? <LabelView state={label} data={data} training={training} /> : null}
      {now === 'teach' ? <DistilView state={distil} data={data} training={training} /> : null}
      {now === 'kept' ? <KeptView state={kept} training={training} features={features} /> : null}
    </main>
  );
}
