import { LIMITS } from '../limits.ts';
import { BlockCollector, type Extracted } from './blocks.ts';

/** RFC 4180 with any of the usual separators. Each row is read with the names of its columns: alone it says nothing. */
export function extractCsv(text: string, signal?: AbortSignal): Extracted {
  const collector = new BlockCollector(signal);
  const separator = separatorOf(text);
  let header: readonly string[] | null = null;
  let count = 0;
  for (const row of rowsOf(text, separator)) {
    if (row.every((cell) => cell.trim() === '')) continue;
    if (header === null) {
      header = row;
      continue;
    }
    count += 1;
    if (count > LIMITS.rows) {
      collector.cutShort();
      break;
    }
    const names = header;
    const cells = row.flatMap((cell, column) =>
      cell.trim() === '' ? [] : [`${names[column]?.trim() || `${column + 1}`}: ${cell.trim()}`],
    );
    if (!collector.add({ kind: 'row', text: cells.join('; ') })) break;
  }
  // A file of one line has no header to speak of.
  if (count === 0 && header !== null) collector.add({ kind: 'row', text: header.join('; ') });
  return collector.finish();
}

function separatorOf(text: string): string {
  const line = text.slice(0, text.indexOf('\n') < 0 ? 10_000 : text.indexOf('\n'));
  const counts = [',', ';', '\t', '|'].map((separator) => [separator, line.split(separator).length] as const);
  return counts.sort((a, b) => b[1] - a[1])[0]?.[0] ?? ',';
}

function* rowsOf(text: string, separator: string): Generator<readonly string[]> {
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else isQuoted = false;
    } else if (character === '"' && cell === '') isQuoted = true;
    else if (character === separator) {
      row.push(cell);
      cell = '';
    } else if (character === '\n') {
      row.push(cell.replace(/\r$/, ''));
      yield row;
      row = [];
      cell = '';
    } else cell += character;
  }
  row.push(cell);
  yield row;
}
