import type { TaskBatch } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import { checkOptions } from '../options.ts';
import type { ManyOptions, TaskSettings } from './task-types.ts';

/** What is done with each row of a table. */
export interface TaskTable {
  /** The operation: "expert.classify", "task.redact", "task.language" … */
  readonly task: string;
  readonly settings?: TaskSettings;
  /** The column with the text; default: "text", else the only one there is. */
  readonly column?: string;
  /** The operation's argument that the column becomes; default "text". */
  readonly argument?: string;
}

export interface TableResult {
  /** The rows with new columns behind their own. */
  readonly csv: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Lines that do not fit the columns: kept aside, not in the result. */
  readonly broken: readonly { readonly line: number; readonly text: string; readonly reason: string }[];
  /** Rows whose text the task could not take; their new columns are empty. */
  readonly failures: readonly { readonly index: number; readonly code: string; readonly message: string }[];
  readonly models: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

/** The two calls that a table needs. */
interface Runner {
  run(task: string, given: Row, settings: TaskSettings, options: ManyOptions): Promise<Row>;
  many(
    task: string,
    inputs: readonly Row[],
    settings: TaskSettings | undefined,
    options: ManyOptions,
  ): Promise<TaskBatch>;
}

/** Rejects with `task-input` where the table has no such column. */
export async function runTable(
  tasks: Runner,
  csv: string | Blob,
  work: TaskTable,
  options: ManyOptions,
): Promise<TableResult> {
  checkOptions(work, { task: 'text', settings: 'any', column: 'text', argument: 'text' });
  const { task, settings, column, argument = 'text' } = work;
  const text = typeof csv === 'string' ? csv : await (csv as Partial<Blob> | null | undefined)?.text?.();
  if (text === undefined) throw new SottoError('task-input', 'A table is a text, or a File.');
  const table = await tasks.run('task.table', { text }, {}, options);
  const { rows, columns, broken } = table as unknown as Omit<TableResult, 'csv'> & {
    readonly columns: readonly string[];
  };
  const read = column ?? columns.find((name) => name.trim().toLowerCase() === 'text') ?? columns[0];
  const isClear = column !== undefined || read?.toLowerCase().trim() === 'text' || columns.length === 1;
  if (read === undefined || !isClear || !columns.includes(read)) {
    const asked = column === undefined ? 'Which column holds the text?' : `There is no column "${column}".`;
    throw new SottoError('task-input', `${asked} There are: ${columns.join(', ')}.`, {
      details: { columns: columns.join(', ') },
    });
  }
  const inputs = rows.map((row) => ({ [argument]: String(row[read] ?? '') }));
  const { results, failures, models } = await tasks.many(task, inputs, settings, options);
  const added = results.map((result, index) => ({ ...rows[index], ...columnsOf(result, columns) }));
  const failed = new Map(failures.map(({ index, message }) => [index, message]));
  const done = added.map((row, index) => (failed.size === 0 ? row : { ...row, error: failed.get(index) ?? '' }));
  const names = [...new Set([...columns, ...done.flatMap((row) => Object.keys(row))])];
  const written = await tasks.run('task.csv', { rows: done }, { columns: names }, options);
  return { csv: String(written['text']), rows: done, broken, failures, models };
}

/** Of a result, what fits in a cell; under another name where the table has that column already. */
function columnsOf(result: Row | null, taken: readonly string[]): Row {
  return Object.fromEntries(
    Object.entries(result ?? {}).flatMap(([name, value]) => {
      const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (parts.some((part) => typeof part === 'object' && part !== null)) return [];
      return [[taken.includes(name) ? `result_${name}` : name, Array.isArray(value) ? parts.join('; ') : value]];
    }),
  );
}
