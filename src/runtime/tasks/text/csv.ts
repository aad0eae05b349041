export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
  /** Lines that do not fit the columns: kept aside, never guessed at. */
  readonly broken: readonly { readonly line: number; readonly text: string; readonly reason: string }[];
}

/** Reads RFC 4180 text with `,`, `;` or tab between cells, whichever the first line uses most. */
export function parseCsv(text: string): CsvTable {
  const clean = text.replace(/^\uFEFF/, '');
  const head = clean.slice(0, clean.search(/\r?\n|$/));
  const separator = [',', ';', '\t'].reduce((best, mark) =>
    head.split(mark).length > head.split(best).length ? mark : best,
  );
  const broken: { line: number; text: string; reason: string }[] = [];
  const rows: Record<string, string>[] = [];
  let columns: string[] | undefined;
  for (const { line, raw, cells } of records(clean, separator)) {
    if (cells === undefined) broken.push({ line, text: raw.slice(0, 500), reason: 'a quotation mark is not closed' });
    else if (cells.length === 1 && cells[0]?.trim() === '') continue;
    else if (columns === undefined) columns = uniqueNames(cells.map((cell) => cell.trim()));
    else if (cells.length !== columns.length) {
      const reason = `${cells.length} cells, ${columns.length} columns`;
      broken.push({ line, text: raw.slice(0, 500), reason });
    } else rows.push(Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])));
  }
  return { columns: columns ?? [], rows, broken };
}

function uniqueNames(names: readonly string[]): string[] {
  return names.map((name, index) =>
    name === '' || names.indexOf(name) !== index ? `${name || 'column'}_${index + 1}` : name,
  );
}

function* records(
  text: string,
  separator: string,
): Generator<{ line: number; raw: string; cells: string[] | undefined }> {
  const lines = text.split(/\r\n|\n|\r/);
  for (let at = 0; at < lines.length; at++) {
    const first = at;
    let raw = lines[at] ?? '';
    let cells = cut(raw, separator);
    // A quoted cell may hold line breaks; twenty lines on, the mark was a slip.
    while (cells === undefined && at + 1 < lines.length && at - first < 20) {
      at += 1;
      raw += `\n${lines[at] ?? ''}`;
      cells = cut(raw, separator);
    }
    if (cells === undefined) at = first;
    yield { line: first + 1, raw: cells === undefined ? (lines[first] ?? '') : raw, cells };
  }
}

/** The cells of one record, or undefined where a quoted one does not end. */
function cut(raw: string, separator: string): string[] | undefined {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (raw[at] === '"') {
      let cell = '';
      at += 1;
      for (;;) {
        const quote = raw.indexOf('"', at);
        if (quote === -1) return undefined;
        cell += raw.slice(at, quote);
        at = quote + 1;
        if (raw[at] !== '"') break;
        cell += '"';
        at += 1;
      }
      const end = raw.indexOf(separator, at);
      cells.push(cell + raw.slice(at, end === -1 ? raw.length : end));
      if (end === -1) return cells;
      at = end + 1;
    } else {
      const end = raw.indexOf(separator, at);
      cells.push(raw.slice(at, end === -1 ? raw.length : end));
      if (end === -1) return cells;
      at = end + 1;
    }
  }
}

/** Writes rows as RFC 4180; a cell that a spreadsheet would run as a formula is quoted with an apostrophe. */
export function writeCsv(columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  const cell = (value: unknown) => {
    const text =
      value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    const safe = /^[=+@\t\r]|^-[^\d.]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((line) => line.map(cell).join(','))
    .join('\r\n');
}
