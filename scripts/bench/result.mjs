/**
 * @typedef {import('./measure.mjs').Row} Row
 */

/**
 * How many times faster than the peer, in one number each: the smallest ratio over the rows of that kind and over all
 * numbers of threads, so that no row can be hidden behind a better one. `byRow` holds every single one.
 * @param {readonly Row[]} rows
 */
export function ratiosOf(rows) {
  const smallest = (/** @type {RegExp} */ ids) => {
    const ratios = rows.filter(({ id, ratio }) => ids.test(id) && ratio !== null).map(({ ratio }) => ratio ?? 0);
    return ratios.length === 0 ? null : Math.min(...ratios);
  };
  return {
    decodeVsWllama: smallest(/^decode/),
    prefillVsWllama: smallest(/^prefill/),
    loadVsWllama: smallest(/^load$/),
    firstTokenVsWllama: smallest(/^firstToken$/),
    memoryVsWllama: smallest(/^peakMemory$/),
    byRow: Object.fromEntries(rows.map(({ id, threads, ratio }) => [`${id}@${threads}`, ratio])),
  };
}

/**
 * The rows as a table for a terminal.
 * @param {readonly Row[]} rows
 * @returns {string}
 */
export function formatTable(rows) {
  const number = (/** @type {number | null} */ value) => (value === null ? '–' : value.toFixed(value < 100 ? 1 : 0));
  const cells = [
    ['', 'threads', 'sotto', 'wllama', 'unit', 'better by'],
    ...rows.map((row) => [
      row.title,
      String(row.threads),
      number(row.sotto),
      number(row.wllama),
      row.unit,
      row.ratio === null ? '–' : `${row.ratio.toFixed(1)} ×`,
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
