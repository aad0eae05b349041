/**
 * @typedef {import('./measure.mjs').Row} Row
 */

/** What the machine can stream, by number of threads. @typedef {Readonly<Record<string, number>>} Bandwidths GB/s */

/**
 * How many times faster than the peer, in one number each: the smallest ratio over the rows of that kind and over all
 * numbers of threads, so that no row can be hidden behind a better one. `byRow` holds every single one.
 * @param {readonly Row[]} rows
 */
export function ratiosOf(rows) {
  const smallest = (/** @type {RegExp} */ ids) =>
    least(rows.filter(({ id }) => ids.test(id)).map(({ ratio }) => ratio));
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
 * The same for a run beside all peers, with what is measured against the machine and against Sotto itself.
 * @param {readonly Row[]} rows
 * @param {{ weightBytes: number, bandwidths: Bandwidths }} machine `weightBytes`: what a token reads of the weights.
 */
export function fullRatiosOf(rows, { weightBytes, bandwidths }) {
  const of = (/** @type {RegExp} */ ids, /** @type {(row: Row) => number | null} */ ratio) =>
    least(rows.filter(({ id }) => ids.test(id)).map(ratio));
  const vsNative = (/** @type {Row} */ { sotto, peers }) => quotient(sotto, peers?.['native'] ?? null);
  const at16 = new Map(rows.filter(({ id }) => id === 'decode16').map(({ threads, sotto }) => [threads, sotto]));
  return {
    decodeVsWllama: of(/^decode/, ({ ratio }) => ratio),
    prefillVsWllama: of(/^prefill/, ({ ratio }) => ratio),
    decodeVsNative: of(/^decode/, vsNative),
    prefillVsNative: of(/^prefill/, vsNative),
    decodeShareOfBandwidth: of(/^decode16$/, ({ sotto, threads }) => {
      const streamed = sotto === null ? null : (sotto * weightBytes) / 1e9;
      return quotient(streamed, bandwidths[threads] ?? null);
    }),
    contextSlope: of(/^decode4000$/, ({ sotto, threads }) => quotient(sotto, at16.get(threads) ?? null)),
    secondTurnVsWllama: of(/^secondTurn$/, ({ ratio }) => ratio),
    speculationSpeedup: of(/^speculation-/, ({ ratio }) => ratio),
  };
}

/** @param {number | null} a @param {number | null} b */
function quotient(a, b) {
  return a === null || b === null || b === 0 ? null : a / b;
}

/** @param {readonly (number | null)[]} values */
function least(values) {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Columns of the table besides Sotto and wllama. */
const PEERS = [
  ['onnxInt8', 'ORT int8'],
  ['onnxFp32', 'ORT fp32'],
  ['native', 'native'],
];

const written = (/** @type {number | null | undefined} */ value) =>
  value === null || value === undefined ? '–' : value.toFixed(value < 100 ? 1 : 0);

/**
 * The rows as a table that Markdown and a terminal show alike.
 * @param {readonly Row[]} rows
 * @returns {string}
 */
export function formatTable(rows) {
  const peers = PEERS.filter(([name = '']) => rows.some((row) => row.peers !== undefined && name in row.peers));
  const cells = [
    ['', 'threads', 'sotto', 'wllama', ...peers.map(([, title = '']) => title), 'unit', 'better by'],
    ...rows.map((row) => [
      row.title,
      String(row.threads),
      written(row.sotto),
      written(row.wllama),
      ...peers.map(([name = '']) => written(row.peers?.[name])),
      row.unit,
      row.ratio === null ? '–' : `${row.ratio.toFixed(1)} ×`,
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [lines[0] ?? [], rule, ...lines.slice(1)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

const BAR_LETTERS = 40;

/**
 * The rates as bars for a terminal, longest for the fastest of each row.
 * @param {readonly Row[]} rows
 * @returns {string}
 */
export function formatChart(rows) {
  const charts = rows
    .filter(({ id }) => /^(decode|prefill)/.test(id))
    .map((row) => {
      const values = [
        ['sotto', row.sotto],
        ['wllama', row.wllama],
        ...PEERS.map(([name = '', title = '']) => [title, row.peers?.[name]]),
      ].flatMap(([name, value]) => (typeof value === 'number' ? [{ name: String(name), value }] : []));
      const most = Math.max(...values.map(({ value }) => value));
      const bars = values.map(({ name, value }) => {
        const bar = '█'.repeat(Math.max(1, Math.round((value / most) * BAR_LETTERS)));
        return `  ${name.padEnd(9)}${bar} ${written(value)}`;
      });
      return [`${row.title}, ${row.threads} thread(s), ${row.unit}`, ...bars].join('\n');
    });
  return charts.join('\n\n');
}
