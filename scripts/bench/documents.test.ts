import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** Rows of a page's tables, by what stands in the first column. */
function rowsOf(path: string): Map<string, string[][]> {
  const rows = new Map<string, string[][]>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (!line.startsWith('|')) continue;
    const [title = '', ...cells] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('*', '').trim());
    rows.set(title, [...(rows.get(title) ?? []), cells]);
  }
  return rows;
}

const page = readFileSync('docs/performance.md', 'utf8');
/** threads, sotto, wllama, int8, fp32, native, unit, better by. */
const peers = rowsOf('docs/performance.md');
const readme = rowsOf('README.md');

const rowOf = (title: string, threads: number) =>
  peers.get(title)?.find((cells) => cells[0] === String(threads)) ??
  expect.fail(`docs/performance.md has no row "${title}" for ${threads} threads`);
const numberOf = (cell: string | undefined) => Number.parseFloat(cell?.replace(',', '') ?? '');

/** Values of all rows of a kind that have one. */
function all(titles: RegExp, value: (cells: string[]) => number): number[] {
  const cells = [...peers].filter(([title]) => titles.test(title)).flatMap(([, rows]) => rows);
  return cells
    .filter(({ length }) => length === 8)
    .map(value)
    .filter(Number.isFinite);
}

test.each([
  ['decode at 16 tokens, tok/s', 'decode at 16 tokens'],
  ['decode at 1,000 tokens, tok/s', 'decode at 1,000 tokens'],
  ['prefill of 128 tokens, tok/s', 'prefill of 128 tokens'],
  ['prefill of 512 tokens, tok/s', 'prefill of 512 tokens'],
  ["load from the browser's storage, s", 'load from the browser’s storage'],
  ['load to first token, s', 'load to first token'],
])('README says of "%s" what the page of all figures says', (short, long) => {
  const [cells = []] = readme.get(short) ?? [];
  const written = cells.map(numberOf);
  const measured = [1, 2].flatMap((threads) => {
    const [, sotto, wllama, , , , unit, ratio] = rowOf(long, threads);
    const perSecond = short.endsWith(', s') && unit === 'ms' ? 1000 : 1;
    return [numberOf(sotto) / perSecond, numberOf(wllama) / perSecond, numberOf(ratio)];
  });
  expect(written).toHaveLength(measured.length);
  // Seconds are rounded to a hundredth; all else is written alike.
  const most = short.endsWith(', s') ? 0.0051 : 1e-9;
  for (const [index, value] of measured.entries()) expect(Math.abs(written[index]! - value)).toBeLessThan(most);
});

test('the chart draws what the rows say', () => {
  const chart = page.split('```mermaid')[1]?.split('```')[0] ?? '';
  const titles = /x-axis \[(.*)\]/.exec(chart)?.[1]?.match(/[^"]+(?=")/g) ?? [];
  const axis = titles.filter((title) => title.trim() !== ',');
  expect(axis).toHaveLength(4);
  for (const [threads, kind] of [
    [1, 'bar'],
    [2, 'line'],
  ] as const) {
    const drawn = new RegExp(`${kind} \\[(.*)\\]`).exec(chart)?.[1]?.split(',').map(Number);
    expect(drawn).toEqual(axis.map((title) => numberOf(rowOf(`${title} tokens`, threads)[7])));
  }
});

describe('each ratio by key is the worst of the rows above it', () => {
  const stated = (key: string) =>
    numberOf(new RegExp(`\`${key}\`\\s+(\\d[\\d.,]*)`).exec(page.split('By key,')[1] ?? '')?.[1]);
  const better = (cells: string[]) => numberOf(cells[7]);
  const vsNative = (cells: string[]) => numberOf(cells[1]) / numberOf(cells[5]);
  const slope = ([threads = '', sotto]: string[]) =>
    numberOf(sotto) / numberOf(rowOf('decode at 16 tokens', Number(threads))[1]);
  test.each<[string, number[]]>([
    ['decodeVsWllama', all(/^decode at/, better)],
    ['prefillVsWllama', all(/^prefill of/, better)],
    ['decodeVsNative', all(/^decode at/, vsNative)],
    ['prefillVsNative', all(/^prefill of/, vsNative)],
    ['contextSlope', all(/^decode at 4,000/, slope)],
    ['secondTurnVsWllama', all(/^first token of turn 2/, better)],
    ['speculationSpeedup', all(/^guessing ahead/, better)],
  ])('%s', (key, values) => {
    expect(values.length).toBeGreaterThan(1);
    // What is written was rounded: to a hundredth here, and in the rows to a tenth.
    expect(Math.abs(stated(key) / Math.min(...values) - 1)).toBeLessThan(0.04);
  });
});
