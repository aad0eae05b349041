import type { ReadonlySignal } from '@preact/signals';
import { viewInAddress } from '../app/pages/index.ts';
import type { CompareState } from './compare-state.ts';
import { CompareView } from './compare-view.tsx';
import type { EditState } from './edit-state.ts';
import { EditView } from './edit-view.tsx';
import type { FlowState } from './flow-state.ts';
import type { QueueState } from './queue-state.ts';
import { QueueView } from './queue-view.tsx';
import { RunView } from './run-view.tsx';
import { TEXT } from './text.ts';

const VIEWS = ['run', 'edit', 'compare', 'queue'] as const;
export type View = (typeof VIEWS)[number];

const NAMES: Readonly<Record<View, string>> = {
  run: TEXT.viewRun,
  edit: TEXT.viewEdit,
  compare: TEXT.viewCompare,
  queue: TEXT.viewQueue,
};

/** The view that the address names. */
export const createView = (): ReadonlySignal<View> => viewInAddress(VIEWS);

interface PageProps {
  readonly view: ReadonlySignal<View>;
  readonly flows: FlowState;
  readonly edit: EditState;
  readonly compare: CompareState;
  readonly queue: QueueState;
}

/** Run, edit and compare flows; and what they hand to a person. */
export function FlowPage({ view, flows, edit, compare, queue }: PageProps) {
  const waiting = queue.tickets.value.filter(({ status }) => status !== 'resolved').length;
  return (
    <main class="flows">
      <header>
        <h1>{TEXT.title}</h1>
        <p>{TEXT.lead}</p>
        <p>
          <a href="./index.html">{TEXT.back}</a> <a href="./experts.html">{TEXT.experts}</a>
        </p>
      </header>
      <nav class="views" aria-label={TEXT.views}>
        {VIEWS.map((name) => (
          <a key={name} href={`#${name}`} class="button" aria-current={view.value === name ? 'page' : undefined}>
            {NAMES[name]}
            {name === 'queue' && waiting > 0 ? <span class="count">{waiting}</span> : null}
          </a>
        ))}
      </nav>
      {view.value === 'run' ? <RunView state={flows} /> : null}
      {view.value === 'edit' ? <EditView state={edit} flows={flows} /> : null}
      {view.value === 'compare' ? <CompareView state={compare} flows={flows} /> : null}
      {view.value === 'queue' ? <QueueView state={queue} sotto={flows.sotto} /> : null}
    </main>
  );
}
