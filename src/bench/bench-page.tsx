import type { VNode } from 'preact';
import { saveFile } from '../app/pages/index.ts';
import type { BenchState } from './bench-state.ts';
import { Chart } from './chart.tsx';
import { Choices } from './choices.tsx';
import { Costs } from './costs.tsx';
import { Figures } from './figures.tsx';
import { TEXT } from './text.ts';

/** Choose, measure, compare. */
export function BenchPage({ state }: { readonly state: BenchState }): VNode {
  const columns = state.columns.value;
  const isRunning = state.isRunning.value;
  return (
    <main class="bench">
      <header>
        <h1>{TEXT.title}</h1>
        <p>{TEXT.lead}</p>
        <a href="./index.html">{TEXT.back}</a>
      </header>
      {!('gpu' in navigator) && <p class="notice">{TEXT.noGpu}</p>}
      {!crossOriginIsolated && <p class="notice">{TEXT.notIsolated}</p>}
      <Choices state={state} />
      <div class="actions">
        <button
          type="button"
          class="primary"
          disabled={isRunning || state.engines.value.size === 0}
          onClick={() => void state.start()}
        >
          {TEXT.run}
        </button>
        <button type="button" disabled={!isRunning} onClick={() => state.stop()}>
          {TEXT.stop}
        </button>
        <button type="button" disabled={columns.length === 0} onClick={() => save(state)}>
          {TEXT.exportJson}
        </button>
        <span role="status">{state.news.value}</span>
      </div>
      <section>
        <h2>{TEXT.figures}</h2>
        {columns.length === 0 ? (
          <p class="muted">{TEXT.nothing}</p>
        ) : (
          <>
            <div class="charts">
              <Chart title={TEXT.writing} phase="decode" columns={columns} />
              <Chart title={TEXT.reading} phase="prefill" columns={columns} />
            </div>
            <Figures columns={columns} />
          </>
        )}
      </section>
      {columns.length > 0 && <Costs columns={columns} />}
    </main>
  );
}

function save({ report }: BenchState): void {
  const { date } = report.value;
  saveFile(`sotto-bench-${date.slice(0, 10)}.json`, 'application/json', JSON.stringify(report.value, null, 2));
}
