import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatCount, formatRate } from '../app/format/index.ts';
import type { BenchPhase } from '../protocol/index.ts';
import { columnTitle } from './column-title.ts';
import type { Column } from './report.ts';
import { TEXT } from './text.ts';

const HEIGHT = 240;
/** Told apart without colour too: by dashes and by the legend's order. */
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 3, 2, 3]];
const COLOURS = ['--accent', '--warn', '--danger', '--muted'] as const;

interface ChartProps {
  readonly title: string;
  readonly phase: BenchPhase;
  readonly columns: readonly Column[];
}

/** Tokens a second by number of tokens, both axes logarithmic: engines differ by factors. */
export function Chart({ title, phase, columns }: ChartProps): VNode {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useColourScheme();
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const plot = new UPlot(optionsOf(title, columns, element), dataOf(phase, columns), element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [title, phase, columns, scheme]);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div ref={place} class="chart" role="img" aria-label={TEXT.chartHint(title)} />
    </figure>
  );
}

function dataOf(phase: BenchPhase, columns: readonly Column[]): UPlot.AlignedData {
  const own = (column: Column) => column.figures.filter((figure) => figure.phase === phase);
  const lengths = [...new Set(columns.flatMap(own).map(({ tokens }) => tokens))].toSorted((a, b) => a - b);
  const rates = columns.map((column) =>
    lengths.map((length) => own(column).find(({ tokens }) => tokens === length)?.tokensPerSecond ?? null),
  );
  return [lengths, ...rates];
}

function optionsOf(title: string, columns: readonly Column[], element: HTMLElement): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  // Canvases know no light-dark(): a probe has the colour that applies.
  const resolve = (name: string) => resolved(element, colour(name));
  const [text, line] = [resolve('--text'), resolve('--line')];
  const axis = (label: string, format: (value: number) => string): UPlot.Axis => ({
    label,
    stroke: text,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    values: (_, values) => values.map((value) => (value === null ? '' : format(value))),
  });
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { live: false },
    cursor: { show: false },
    scales: { x: { time: false, distr: 3 }, y: { distr: 3 } },
    axes: [axis(TEXT.tokens, formatCount), { ...axis(TEXT.figures, formatRate), size: 72 }],
    series: [
      { label: title },
      ...columns.map((column, index) => ({
        label: `${columnTitle(column)}, ${column.model}`,
        stroke: resolve(COLOURS[index % COLOURS.length]!),
        dash: [...DASHES[index % DASHES.length]!],
        width: 2,
        spanGaps: true,
        points: { show: true, size: 7 },
      })),
    ],
  };
}

function resolved(element: HTMLElement, value: string): string {
  const probe = document.createElement('span');
  probe.style.color = value;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function useColourScheme(): boolean {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const onChange = () => setDark(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, []);
  return isDark;
}
