import type { VNode } from 'preact';
import { formatRate } from '../app/format/index.ts';
import type { BenchPhase } from '../protocol/index.ts';
import { columnTitle } from './column-title.ts';
import { type Column, keyOf } from './report.ts';
import { TEXT } from './text.ts';

const PHASES: readonly BenchPhase[] = ['prefill', 'decode', 'drawn', 'logits'];

/** All figures, a row each. */
export function Figures({ columns }: { readonly columns: readonly Column[] }): VNode {
  const rows = PHASES.flatMap((phase) => {
    const figures = columns.flatMap((column) => column.figures).filter((figure) => figure.phase === phase);
    const lengths = [...new Set(figures.map(({ tokens }) => tokens))].toSorted((a, b) => a - b);
    return lengths.map((tokens) => ({ phase, tokens }));
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label={TEXT.figures}>
      <table>
        <thead>
          <tr>
            <th scope="col">{TEXT.figure}</th>
            {columns.map((column) => (
              <th key={keyOf(column)} scope="col" class="figures">
                {columnTitle(column)}
                <small>{column.model}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ phase, tokens }) => (
            <tr key={`${phase} ${tokens}`}>
              <th scope="row">{TEXT.phases[phase](tokens)}</th>
              {columns.map((column) => {
                const figure = column.figures.find((one) => one.phase === phase && one.tokens === tokens);
                return (
                  <td key={keyOf(column)} class="figures">
                    {figure === undefined ? '–' : formatRate(figure.tokensPerSecond)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
