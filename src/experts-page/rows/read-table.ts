import type { Sotto } from '../../client/index.ts';
import { namesColumns } from './guess.ts';

/** Lines that are looked at; the rest is left out, and said to be. */
const MOST_ROWS = 20_000;

export interface BrokenLine {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

/** Rows of cells as they were given. */
export interface Source {
  readonly name: string;
  /** Null: the lines have no names of columns. */
  readonly names: readonly string[] | null;
  readonly rows: readonly (readonly string[])[];
  readonly broken: readonly BrokenLine[];
  readonly isCut: boolean;
}

/** CSV, TSV, JSON lines, a JSON list, or plain lines. What makes no row is kept aside with its line. */
export async function readTable(sotto: Sotto, name: string, text: string, isCut: boolean): Promise<Source> {
  const read = /^\s*[[{]/.test(text) ? readJson(text) : null;
  const { names, rows, broken } = read ?? (await readCells(sotto, text));
  return { name, names, rows: rows.slice(0, MOST_ROWS), broken, isCut: isCut || rows.length > MOST_ROWS };
}

/** The other choice of whether the first line is a row or names the columns. */
export function turnHead(source: Source): Source {
  const { names, rows } = source;
  if (names !== null) return { ...source, names: null, rows: [names, ...rows] };
  const [head = [], ...rest] = rows;
  return { ...source, names: head, rows: rest };
}

/** Which cell of a row holds what. */
export interface Places {
  readonly text: number;
  /** -1: none. */
  readonly label: number;
}

/** More rows below those that are there, each cell where the others have it; a column for labels is made where there was none. */
export function appendRows(source: Source, at: Places, added: Source, from: Places): { source: Source; at: Places } {
  const width = Math.max(source.names?.length ?? 0, ...source.rows.map((row) => row.length));
  const label = at.label < 0 && from.label >= 0 ? width : at.label;
  const placed = added.rows.map((row) => {
    const cells = new Array<string>(Math.max(width, label + 1)).fill('');
    cells[at.text] = row[from.text] ?? '';
    if (label >= 0 && from.label >= 0) cells[label] = row[from.label] ?? '';
    return cells;
  });
  const rows = [...source.rows, ...placed];
  return {
    source: {
      ...source,
      rows: rows.slice(0, MOST_ROWS),
      broken: [...source.broken, ...added.broken],
      isCut: source.isCut || added.isCut || rows.length > MOST_ROWS,
    },
    at: { text: at.text, label },
  };
}

type Cells = Pick<Source, 'names' | 'rows' | 'broken'>;

async function readCells(sotto: Sotto, text: string): Promise<Cells> {
  const clean = text.replace(/^\uFEFF/, '').replace(/^(?:[ \t]*\r?\n)+/, '');
  const skipped = text.slice(0, text.length - clean.length).split('\n').length - 1;
  if (clean.trim() === '') return { names: null, rows: [], broken: [] };
  const first = clean.slice(0, clean.search(/\r?\n|\r|$/));
  // The marks of a sentence are none of a table: plain lines are one column, told by lines that differ in the number of cells.
  const head = headFor(first, clean);
  if (head === null) return plainLines(clean);
  const table = (await sotto.tasks.run('task.table', { text: `${head}\n${clean}` })) as unknown as {
    readonly columns: readonly string[];
    readonly rows: readonly Readonly<Record<string, string>>[];
    readonly broken: readonly BrokenLine[];
  };
  const rows = table.rows.map((row) => table.columns.map((column) => row[column] ?? ''));
  const broken = table.broken.map((one) => ({ ...one, line: one.line - 1 + skipped }));
  if (!namesColumns(rows)) return { names: null, rows, broken };
  return { names: rows[0] ?? [], rows: rows.slice(1), broken };
}

/** Every line is a text of its own. */
function plainLines(text: string): Cells {
  const rows = text
    .split(/\r\n|\n|\r/)
    .map((line) => [line.trim().replace(/^"(.*)"$/s, (_, inner: string) => inner.replaceAll('""', '"'))])
    .filter(([line]) => line !== '');
  return namesColumns(rows)
    ? { names: rows[0] ?? [], rows: rows.slice(1), broken: [] }
    : { names: null, rows, broken: [] };
}

/** A line of names with as many cells as the first one has, which says what stands between cells; null where nothing does. */
function headFor(first: string, text: string): string | null {
  const lines = text.split(/\r\n|\n|\r/, 50).filter((line) => line.trim() !== '');
  const marks = ['\t', ';', ','];
  const fits = (mark: string) => {
    const cells = cellsIn(first, mark);
    if (cells < 2) return 0;
    const same = lines.filter((line) => cellsIn(line, mark) === cells).length / lines.length;
    // Sentences hold commas now and then; cells stand in nearly every line. A tab is never a sentence's.
    return mark === '\t' ? 2 : same >= 0.6 ? same : 0;
  };
  const mark = marks.toSorted((a, b) => fits(b) - fits(a))[0] ?? ',';
  if (fits(mark) === 0) return null;
  return Array.from({ length: cellsIn(first, mark) }, (_, index) => `c${index}`).join(mark);
}

/** Cells of a line; what stands between quotation marks is one. */
function cellsIn(line: string, mark: string): number {
  return line.replace(/"(?:[^"]|"")*"?/g, '').split(mark).length;
}

/** Null where it only looked like JSON. */
function readJson(text: string): Cells | null {
  const broken: BrokenLine[] = [];
  const records: Readonly<Record<string, unknown>>[] = [];
  const add = (value: unknown, line: number, raw: string) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      records.push(value as Readonly<Record<string, unknown>>);
    } else broken.push({ line, text: raw.slice(0, 500), reason: 'no record' });
  };
  const whole = parse(text);
  if (Array.isArray(whole)) {
    for (const [index, value] of whole.entries()) add(value, index + 1, JSON.stringify(value) ?? '');
  } else {
    for (const [index, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue;
      const value = parse(line);
      if (value === undefined) broken.push({ line: index + 1, text: line.slice(0, 500), reason: 'no JSON' });
      else add(value, index + 1, line);
    }
  }
  if (records.length === 0 && broken.length > 0 && !Array.isArray(whole)) return null;
  const names = [...new Set(records.slice(0, 1_000).flatMap((record) => Object.keys(record)))];
  const cell = (value: unknown) =>
    typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  return { names, rows: records.map((record) => names.map((name) => cell(record[name]))), broken };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
