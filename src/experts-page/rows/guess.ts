/** Names of columns that people give to the text, and to what it is; the likeliest first. */
const TEXT_NAMES =
  /^(?:text|message|sentence|review|comment|body|content|question|utterance|description|texte|texto|nachricht|mensaje|نص|テキスト|本文)$/i;
const LABEL_NAMES =
  /^(?:label|class|category|intent|kind|type|tag|topic|sentiment|target|kategorie|klasse|art|categoría|categoria|étiquette|etiqueta|classe|فئة|تصنيف|ラベル|分類)$/i;

/** A name of a column is short. */
const LONGEST_NAME = 40;

/** Whether the first line names the columns: it does unless one of its cells comes again below, or reads like a text. */
export function namesColumns(rows: readonly (readonly string[])[]): boolean {
  const [head, ...rest] = rows;
  if (head === undefined || rest.length === 0) return false;
  if (head.some((cell) => TEXT_NAMES.test(cell.trim()) || LABEL_NAMES.test(cell.trim()))) return true;
  return (
    head.every(
      (cell, column) =>
        cell.trim() !== '' && cell.length <= LONGEST_NAME && !rest.some((row) => (row[column] ?? '') === cell),
    ) && head.length > 1
  );
}

/** Tell texts apart, or find names in them. */
export type Kind = 'texts' | 'names';

/** Marks in texts, or a list of places beside them, are names; everything else tells texts apart. */
export function guessKind(rows: readonly (readonly string[])[]): Kind {
  const some = rows.slice(0, 50);
  const withCells = (pattern: RegExp) => some.filter((row) => row.some((cell) => pattern.test(cell))).length;
  const found = Math.max(withCells(/^\[\{.*"start"/), withCells(/\[[^\][]+\]\([^()]+\)/));
  return found > some.length / 3 ? 'names' : 'texts';
}

export interface Columns {
  readonly text: number;
  /** -1: none holds labels. */
  readonly label: number;
}

/** By its name, else: texts are the longest cells, labels short ones that come again and again. */
export function guessColumns(names: readonly string[], rows: readonly (readonly string[])[]): Columns {
  const some = rows.slice(0, 500);
  const facts = names.map((name, column) => {
    const cells = some.map((row) => row[column]?.trim() ?? '').filter((cell) => cell !== '');
    const length = cells.reduce((sum, cell) => sum + cell.length, 0) / Math.max(1, cells.length);
    return { column, name: name.trim(), length, cells: cells.length, kinds: new Set(cells).size };
  });
  const text = facts.find(({ name }) => TEXT_NAMES.test(name)) ?? facts.toSorted((a, b) => b.length - a.length)[0];
  const others = facts.filter((fact) => fact !== text);
  const repeated = others
    .filter(({ cells, kinds, length }) => kinds >= 2 && kinds <= Math.max(2, cells / 2) && length <= 60)
    .toSorted((a, b) => a.kinds - b.kinds)[0];
  const label = others.find(({ name }) => LABEL_NAMES.test(name)) ?? repeated;
  return { text: text?.column ?? 0, label: label?.column ?? -1 };
}
