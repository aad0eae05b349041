import {
  findDates,
  findEntities,
  findMoney,
  isDayFirst,
  isIban,
  mainCurrency,
  NUMBER_TOKEN,
  parseAmount,
} from '../entities/index.ts';

export type FieldType =
  | 'text'
  | 'code'
  | 'date'
  | 'amount'
  | 'number'
  | 'percent'
  | 'email'
  | 'iban'
  | 'currency'
  | 'organisation';

/** One thing to be read out of a text. */
export interface FieldRule {
  readonly name: string;
  readonly type: FieldType;
  /** What the text may call it, best name first. */
  readonly labels: readonly string[];
  readonly isRequired?: boolean;
  /** What must not follow a label: "net" is no subtotal in "net à payer". */
  readonly not?: readonly string[];
  /** Where no label is found: what to take instead. */
  readonly otherwise?: 'first' | 'last' | 'largest' | 'heading';
}

export interface FieldValue {
  readonly value: string | number;
  /** The text it was read from, and where that stands. */
  readonly evidence: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

interface Place {
  readonly text: string;
  readonly start: number;
  readonly weight: number;
  /** Stands in the midst of a line with nothing between it and its value: a sentence, it may be. */
  readonly isLoose?: boolean;
}

/** Reads a field: behind a label on the same line, in the column below it, or by its own form. */
export function readField(text: string, rule: FieldRule): FieldValue | undefined {
  if (rule.type === 'currency') return readCurrency(text);
  const dayFirst = rule.type === 'date' && isDayFirst(text);
  const candidates = rule.labels.flatMap((label, rank) =>
    placesBehind(text, label, rule.not ?? []).flatMap((place) => {
      if (place.isLoose === true && (rule.type === 'organisation' || rule.type === 'text')) return [];
      const value = readValue(place.text, place.start, rule.type, dayFirst);
      return value === undefined ? [] : [{ ...value, score: (value.score * place.weight) / (1 + rank * 0.03) }];
    }),
  );
  // Of equals the later one counts: sums stand below what they sum.
  const isSum = rule.type === 'amount';
  const best = candidates.reduce<FieldValue | undefined>(
    (found, candidate) =>
      found === undefined || candidate.score > found.score || (isSum && candidate.score === found.score)
        ? candidate
        : found,
    undefined,
  );
  return best ?? readUnlabelled(text, rule);
}

/** The text in lower case and with plain spaces, of the same length: offsets hold in both. */
function comparable(text: string): string {
  if (text === last.text) return last.plain;
  const plain = text.replace(/[\p{Lu}\t\u00a0\u202f]/gu, (sign) => {
    const lower = /\s/.test(sign) ? ' ' : sign.toLowerCase();
    return lower.length === sign.length ? lower : sign;
  });
  last = { text, plain };
  return plain;
}
let last = { text: '', plain: '' };

const isLetter = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}]/u.test(sign);

/** Where a label stands as a word of its own. Hundreds are looked for in every document, so no pattern is made of each. */
function placesOf(text: string, label: string): { index: number; end: number }[] {
  const [plain, wanted] = [comparable(text), label.toLowerCase()];
  const found: { index: number; end: number }[] = [];
  for (let index = plain.indexOf(wanted); index !== -1; index = plain.indexOf(wanted, index + 1)) {
    const end = index + wanted.length;
    const next = plain[end];
    if (!isLetter(plain[index - 1]) && !(next !== undefined && /\p{L}/u.test(next))) found.push({ index, end });
  }
  return found;
}

function placesBehind(text: string, label: string, not: readonly string[]): Place[] {
  return placesOf(text, label).flatMap(({ index, end }) => {
    const lineStart = text.lastIndexOf('\n', index) + 1;
    const lineEnd = endOfLine(text, end);
    const rest = text.slice(end, lineEnd);
    const follows = rest.trimStart().toLowerCase();
    if (not.some((word) => follows.startsWith(word))) return [];
    const isStart =
      /^[\s|*>#-]*$/.test(text.slice(lineStart, index)) || /[|\t]\s*$|\s{2,}$/.test(text.slice(lineStart, index));
    const places: Place[] = [];
    const behind = rest.replace(/^[\s:#.|=–—-]+/, '');
    const hasMark = /^\s*[:#=|]/.test(rest) || /^\s{2,}|^\t|^\s*\.{3,}/.test(rest);
    if (behind.trim() !== '') {
      const weight = (isStart ? 1 : 0.75) * (hasMark ? 1 : 0.85);
      const isLoose = !isStart && !hasMark;
      places.push({ text: behind, start: end + rest.length - behind.length, weight, isLoose });
    }
    // A label that stands alone names the line below it; in a row of labels, the column below.
    const nextStart = lineEnd + 1;
    const next = text.slice(nextStart, endOfLine(text, nextStart));
    const column = index - lineStart;
    if (next.trim() !== '') {
      const above = cellsOf(text.slice(lineStart, lineEnd));
      const cells = cellsOf(next);
      const below = cells[above.findIndex(({ start, end: cellEnd }) => column >= start && column < cellEnd)];
      if (above.length > 1 && above.length === cells.length && below !== undefined) {
        // More rows of as many cells below: a table of things, whose columns say nothing of the whole.
        const second = text.slice(endOfLine(text, nextStart) + 1, endOfLine(text, endOfLine(text, nextStart) + 1));
        const isTable = above.length > 2 && cellsOf(second).length === above.length;
        places.push({ text: below.text, start: nextStart + below.start, weight: isTable ? 0.6 : 0.95 });
      } else if (behind.trim() === '') {
        places.push({ text: next.trimStart(), start: nextStart + next.length - next.trimStart().length, weight: 0.9 });
      }
    }
    return places;
  });
}

/** Cells of a line that is set as a table: by bars, tabs, or two spaces and more. */
export function cellsOf(line: string): { text: string; start: number; end: number }[] {
  const cells: { text: string; start: number; end: number }[] = [];
  for (const match of line.matchAll(/[^|\t\s](?:[^|\t\s]|[ \u00a0](?![ |\t]))*/g)) {
    cells.push({ text: match[0].trim(), start: match.index, end: match.index + match[0].length });
  }
  return cells;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** The value of a type at the beginning of a piece of text. */
function readValue(piece: string, start: number, type: FieldType, dayFirst: boolean): FieldValue | undefined {
  const found = (evidence: string, value: string | number, score: number): FieldValue => {
    const at = start + piece.indexOf(evidence);
    return { value, evidence, start: at, end: at + evidence.length, score };
  };
  const line = piece.split('\n')[0] ?? '';
  if (type === 'date') {
    const [date] = findDates(line, { dayFirst });
    return date === undefined || date.start > 25 ? undefined : found(date.text, date.iso, 1 - date.start / 100);
  }
  if (type === 'amount') return readAmount(line, found);
  if (type === 'number' || type === 'percent') {
    const match = /-?\d[\d.,]*/.exec(line);
    // A rate may have three decimals, "8.875 %"; an amount of money has not.
    const isRate = type === 'percent' && match !== null && /^\d+[.,]\d+$/.test(match[0]);
    const value = match === null ? undefined : isRate ? Number(match[0].replace(',', '.')) : parseAmount(match[0]);
    if (match === null || value === undefined || match.index > 25) return undefined;
    if (type === 'percent' && value < 0) return undefined;
    return type === 'percent' && !/^\s*%/.test(line.slice(match.index + match[0].length))
      ? undefined
      : found(match[0], value, 1);
  }
  if (type === 'email') {
    const match = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/.exec(line);
    return match === null ? undefined : found(match[0], match[0].toLowerCase(), 1);
  }
  if (type === 'iban') {
    const iban = ibanIn(line);
    return iban === undefined ? undefined : found(iban, iban.replace(/[ -]/g, ''), 1);
  }
  if (type === 'code') {
    const match =
      /^(?:(?:number|numer|numero|número|numéro|num|núm|no|nr|id|ref(?:erence)?|n)(?![\p{L}])[.°ºo]*)?[\s:#.°º]*((?:[A-Z]{1,4} (?=\d))?[A-Z0-9][A-Z0-9]*(?:[-/._–][A-Z0-9]+)*)(?![\p{L}@])/iu.exec(
        line,
      );
    const code = match?.[1];
    return code === undefined || !/\d/.test(code) || findDates(code).some(({ text }) => text.length > code.length - 2)
      ? undefined
      : found(code, code, 1);
  }
  const cell = (cellsOf(line)[0]?.text ?? line).replace(/\s*<[^>\s]+@[^>\s]+>.*$|[\s,;|]+$/g, '').trim();
  if (MONTH.test(cell)) return undefined;
  return cell.length < 2 || !/\p{L}/u.test(cell) || cell.length > 120 ? undefined : found(cell, cell, 0.9);
}

/** "Invoice for October" names no customer. */
const MONTH =
  /^(?:january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember)(?:\s\d{4})?$/i;

/** The first account number whose check figures are right. */
function ibanIn(text: string): string | undefined {
  const like = /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b/g;
  return text.match(like)?.find(isIban);
}

type Found = (evidence: string, value: string | number, score: number) => FieldValue;

/** Not the figures of a code: "IT0987" is no amount. */
const FIGURE = new RegExp(`(?<![\\p{L}\\d])-?${NUMBER_TOKEN}`, 'gu');

/** Of the figures behind a label the last is the sum; "(19 %)" before it is none. */
function readAmount(line: string, found: Found): FieldValue | undefined {
  const clean = line.replace(/\(?\s?\d+(?:[.,]\d+)?\s?%\s?\)?/g, (part) => ' '.repeat(part.length));
  if (/^[^\d€$£]{30,}/.test(clean.replace(/\s+/g, ' '))) return undefined;
  const money = findMoney(clean).at(-1);
  if (money !== undefined) return found(money.text, money.amount, 1);
  const figures = [...clean.matchAll(FIGURE)].at(-1);
  const value = figures === undefined ? undefined : parseAmount(figures[0]);
  return figures === undefined || value === undefined
    ? undefined
    : found(figures[0], value, /[.,]\d{2}$/.test(figures[0]) ? 0.95 : 0.7);
}

function readCurrency(text: string): FieldValue | undefined {
  const value = mainCurrency(text);
  if (value === undefined) return undefined;
  const money = findMoney(text).find(({ currency }) => currency === value);
  const start = money?.start ?? text.indexOf(value);
  return { value, evidence: money?.text ?? value, start, end: start + (money?.text ?? value).length, score: 0.9 };
}

/** Lines that say what a document is, not whose. */
const NO_HEADING =
  /^[^\p{L}]*(?:(?:tax|vat|commercial|pro ?forma|final|original|copy of)\s+)*(?:invoice|rechnung|facture|factura|fattura|fatura|factuur|faktura|bill|receipt|credit note|gutschrift|quittung|page|seite|statement|order confirmation|请|发票|請求書)(?![\p{L}])/iu;

function headingOf(text: string): { text: string; start: number } {
  for (const match of text.matchAll(/^.*\S.*$/gm)) {
    if (!NO_HEADING.test(match[0].trim()) && /\p{L}{2}/u.test(match[0])) return { text: match[0], start: match.index };
  }
  return { text: '', start: 0 };
}

function readUnlabelled(text: string, { type, otherwise }: FieldRule): FieldValue | undefined {
  if (otherwise === undefined) return undefined;
  const as = (value: string | number, evidence: string, start: number): FieldValue => ({
    value,
    evidence,
    start,
    end: start + evidence.length,
    score: 0.5,
  });
  if (type === 'iban') {
    const iban = ibanIn(text);
    return iban === undefined ? undefined : as(iban.replace(/[ -]/g, ''), iban, text.indexOf(iban));
  }
  if (type === 'date') {
    const dates = findDates(text);
    const date = otherwise === 'last' ? dates.at(-1) : dates[0];
    return date === undefined ? undefined : as(date.iso, date.text, date.start);
  }
  if (type === 'amount') {
    const money = findMoney(text);
    const best =
      otherwise === 'largest'
        ? money.toSorted((a, b) => b.amount - a.amount)[0]
        : money.at(otherwise === 'last' ? -1 : 0);
    return best === undefined ? undefined : as(best.amount, best.text, best.start);
  }
  if (otherwise === 'heading') {
    // A company in the first line is who writes; one farther down may be who pays.
    const heading = headingOf(text);
    const company = findEntities(heading.text).find(({ kind }) => kind === 'organisation');
    if (type === 'organisation' && company !== undefined)
      return as(company.text, company.text, heading.start + company.start);
    for (const match of text.matchAll(/^.+$/gm)) {
      const cell = cellsOf(match[0])[0];
      if (cell === undefined || !/\p{L}{2}/u.test(cell.text) || /:/.test(cell.text)) continue;
      if (NO_HEADING.test(cell.text)) continue;
      // A sentence is nobody's name.
      if (cell.text.length > 80 || /\s\p{Ll}+[.!?]$/u.test(cell.text)) continue;
      // The address often stands behind the name on the same line.
      const name =
        cell.text.split(/\s+[·•|—–]\s+|,\s+(?=\d|\p{Lu}[\p{L}]+(?:straße|strasse|str\.)\s)/u)[0] ?? cell.text;
      return as(name, name, match.index + cell.start);
    }
  }
  const entity = findEntities(text).find(({ kind }) => kind === type);
  return entity === undefined ? undefined : as(entity.value, entity.text, entity.start);
}
