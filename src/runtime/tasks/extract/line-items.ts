import { findDates, NUMBER_TOKEN, parseAmount } from '../entities/index.ts';

export interface LineItem {
  readonly description: string;
  readonly quantity: number | null;
  readonly unitPrice: number | null;
  readonly amount: number;
  readonly evidence: string;
}

/** Lines that sum up, and lines that are no line of goods. */
const NOT_AN_ITEM =
  /^(?:sub[\s-]?total|total|grand total|amount due|balance|net(?:to)?|gross|brutto|vat|tax|sales tax|gst|mwst|ust|tva|iva|discount|rabatt|remise|shipping|versand|paid|deposit|due|invoice|date|iban|bic|account|phone|tel|zwischensumme|gesamt|summe|montant|importe|totale|imponibile|payment|terms|thank)(?![\p{L}])/iu;

/** Lines of goods: words, then one to three figures whose product is right or whose heading names them. */
export function readLineItems(text: string): LineItem[] {
  const items: LineItem[] = [];
  const figure = new RegExp(
    String.raw`(?:(?:US|CA|AU|[AC])?[$€£¥₹]\s?)?-?${NUMBER_TOKEN}(?:\s?(?:€|£|EUR|USD|GBP|CHF|pcs|hrs?|hours?|h|x|units?|days?|Stk\.?|Std\.?|kg|%))?`,
    'gu',
  );
  for (const line of text.split('\n')) {
    const plain = line.replace(/^[\s|*>-]+|[\s|]+$/g, '').replace(/^\d{1,2}[.)]\s+|^\d{1,2}\s{2,}(?=\p{L})/u, '');
    if (plain === '' || NOT_AN_ITEM.test(plain) || findDates(plain).length > 0 || !/\p{L}{2}/u.test(plain)) continue;
    const cells = plain.split(/\s*\|\s*|\t+|\s{2,}/).filter(Boolean);
    const item = fromCells(cells, line) ?? fromTail(plain, figure, line);
    if (item !== undefined) items.push(item);
  }
  return items;
}

const numberIn = (cell: string): number | undefined =>
  /^[^\p{L}\d]*(?:(?:US|CA|AU|[AC])?[$€£¥₹]\s?|(?:EUR|USD|GBP|CHF)\s?)?-?\d[\d.,'’ ]*\s*(?:€|£|EUR|USD|GBP|CHF|pcs|hrs?|hours?|h|x|×|units?|days?|Stk\.?|Std\.?|kg)?\.?$/iu.test(
    cell,
  )
    ? parseAmount(cell)
    : undefined;

function fromCells(cells: readonly string[], evidence: string): LineItem | undefined {
  if (cells.length < 2) return undefined;
  const figures = cells.map(numberIn);
  const words = cells.filter(
    (cell, index) => figures[index] === undefined && /\p{L}{2}/u.test(cell) && !/%$/.test(cell),
  );
  const values = figures.filter((value): value is number => value !== undefined);
  const last = numberIn(cells.at(-1) ?? '');
  if (words.length === 0 || values.length === 0 || last === undefined) return undefined;
  return itemOf(words.join(' '), values, evidence);
}

/** "Consulting 3 x 120.00 360.00", "2 x Oak table @ €240.00 = €480.00". */
function fromTail(plain: string, figure: RegExp, evidence: string): LineItem | undefined {
  const front = /^(\d+(?:[.,]\d+)?)\s*(?:x|×|pcs|Stk\.?|hrs?|hours?)\s+(\p{L}.*?)\s*(?:@|à|at|-|–|:)\s*(.+)$/iu.exec(
    plain,
  );
  if (front !== null) {
    const tail = [...(front[3] ?? '').matchAll(figure)]
      .map(([part]) => parseAmount(part))
      .filter((v): v is number => v !== undefined);
    const quantity = parseAmount(front[1] ?? '');
    if (tail.length > 0 && quantity !== undefined) {
      const values = tail.length === 1 ? [quantity, tail[0] ?? 0, quantity * (tail[0] ?? 0)] : [quantity, ...tail];
      return itemOf(front[2] ?? '', values, evidence);
    }
  }
  const tail = new RegExp(
    String.raw`^(\p{L}.*?)[\s:,.–-]+((?:${figure.source}[\s×x@*=à]*(?:per\s\w+\s*)?){1,3})$`,
    'iu',
  ).exec(plain);
  if (tail === null) return undefined;
  const values = [...(tail[2] ?? '').matchAll(figure)]
    .map(([part]) => parseAmount(part))
    .filter((v): v is number => v !== undefined);
  // One figure alone may be a house number or a year: money has two decimals or a sign.
  if (
    values.length === 0 ||
    (values.length === 1 && !/[€$£]|\d[.,]\d{2}\s*(?:EUR|USD|GBP|CHF|€|£)?$/.test(tail[2] ?? ''))
  )
    return undefined;
  if (values.length >= 2 && !/[.,]\d{2}(?!\d)|[€$£]/.test(tail[2] ?? '')) return undefined;
  return itemOf(tail[1] ?? '', values, evidence);
}

function itemOf(words: string, values: readonly number[], evidence: string): LineItem | undefined {
  const description = words.replace(/[\s:,.–|-]+$/, '').trim();
  const amount = values.at(-1) ?? 0;
  if (description === '' || NOT_AN_ITEM.test(description)) return undefined;
  const product = values
    .slice(0, -1)
    .flatMap((quantity, index) => values.slice(index + 1, -1).map((price) => ({ quantity, price })))
    .find(({ quantity, price }) => Math.abs(quantity * price - amount) < 0.02 + Math.abs(amount) * 0.001);
  if (product !== undefined)
    return { description, quantity: product.quantity, unitPrice: product.price, amount, evidence: evidence.trim() };
  const [first] = values;
  const isCount = values.length === 2 && first !== undefined && Number.isInteger(first) && first > 0 && first < 10_000;
  return {
    description,
    quantity: isCount ? first : null,
    unitPrice: isCount ? Math.round((amount / first) * 100) / 100 : null,
    amount,
    evidence: evidence.trim(),
  };
}
