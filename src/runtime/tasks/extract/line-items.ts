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
  /^(?:(?:gesamt|rechnungs|netto|brutto|steuer|zwischen|mehrwert)\p{L}*|sum\p{L}*|varav|heraf|herav|å betale|ara toplam|genel toplam|základ|wartość|sub[\s-]?total|total|grand total|amount|balance|net(?:to)?|gross|brutto|before tax|taxable|merchandise|goods total|v\.?a\.?t|tax|(?:state |city |local |consumption )+(?:sales )?tax|sales tax|gst|hst|pst|cgst|sgst|igst|tds|mwst|ust|umsatzsteuer|mehrwertsteuer|zzgl|inkl|tva|i\.?v\.?a|btw|moms|mva|pdv|dph|áfa|kdv|vat|podatek|discount|rabatt|remise|descuento|desconto|sconto|korting|rabat|shipping|delivery|freight|postage|versand|livraison|frais|envío|spedizione|portes|verzendkosten|frakt|fragt|paid|you (?:owe|pay)|please pay|to pay|deposit|due|invoice|date|iban|bic|swift|account|phone|tel|fax|zwischensumme|gesamt|summe|endbetrag|zahlbetrag|rechnung|warenwert|montant|importe|totale|imponibile|base imponible|subtotaal|totaal|te betalen|razem|do zapłaty|kwota|suma|att betala|summa|delsumma|i alt|at betale|subtotal|valor|fatura|factura|fattura|facture|payment|terms|thank|unit|qty|order|customer|vencimento|échéance|celkem|k úhradě|toplam|összesen|visa|mastercard|amex|debit|irpf|ritenuta|retención|retenção|withholding|less|credit card|cash|change|\p{Lu}{2} tax)(?![\p{L}])/iu;

/** What stands behind a quantity. */
const UNITS = String.raw`pcs|pieces?|hrs?|hours?|h|x|×|units?|days?|nights?|weeks?|months?|mo|ea|each|seats?|Stk\.?|Stück|Std\.?|Tage?|St\.?|szt\.?|st\.?|stk\.?|ks|db|adet|uds?\.?|pz\.?|heures?|horas?|ore|kg|g|l|m|m²|km`;

/** Lines of goods: words, then one to three figures whose product is right or whose heading names them. */
export function readLineItems(text: string): LineItem[] {
  const items: LineItem[] = [];
  const figure = new RegExp(
    String.raw`(?:(?:(?:US|CA|AU|[AC])?[$€£¥₹]|(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|AUD|CAD|INR)(?=\s?\d))\s?)?-?${NUMBER_TOKEN}(?:\s?(?:€|£|₺|₽|₹|zł|kr|Kč|Ft|EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|AUD|CAD|${UNITS}|%)(?![\p{L}]))?`,
    'gu',
  );
  for (const line of text.split('\n')) {
    // No line of goods is that long, and the patterns below look back and forth.
    if (line.length > 400) continue;
    const plain = line
      .replace(/^[\s|*>•-]+|[\s|]+$/g, '')
      .replace(/\s*\.{4,}\s*/g, '   ')
      .replace(/(?<=\d)\s+(?:each|ea\.?|per \p{L}+|pro \p{L}+)(?=\s*[=x×]|\s{2,})/giu, '')
      .replace(/^\d{1,2}[.)]\s+|^\d{1,2}\s{2,}(?=\p{L})/u, '')
      // The day on which it was done stands in a column of its own.
      .replace(/^\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?:\s{2,}|\t|\s*\|\s*)(?=\p{L})/u, '');
    if (
      plain === '' ||
      plain.length > 300 ||
      NOT_AN_ITEM.test(plain) ||
      findDates(plain).length > 0 ||
      !/\p{L}{2}/u.test(plain)
    )
      continue;
    const cells = plain.split(/\s*\|\s*|\t+|\s{2,}/).filter(Boolean);
    const item = fromCells(cells, line) ?? fromTail(plain, figure, line);
    if (item !== undefined) items.push(item);
  }
  return items;
}

const NUMBER_CELL = new RegExp(
  String.raw`^[^\p{L}\d]*(?:(?:US|CA|AU|NZ|HK|[ACSR])?[$€£¥₹₺₽]\s?|(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|AUD|CAD|INR|Rs\.?)\s?)?-?\d[\d.,'’\u00a0\u202f ]*\s*(?:€|£|₺|₽|₹|zł|kr\.?|Kč|Ft|EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|AUD|CAD|${UNITS})?\.?$`,
  'iu',
);

const numberIn = (cell: string): number | undefined => (NUMBER_CELL.test(cell) ? parseAmount(cell) : undefined);

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
  const inner = fromProduct(plain, evidence);
  if (inner !== undefined) return inner;
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
  const counted = /^(\d{1,4}(?:[.,]\d{1,2})?)\s+(?=\p{L})/u.exec(plain);
  if (counted !== null) {
    // "3 Snow shovel 49.50 148.50": the product tells that the figure in front is a quantity.
    const item = fromTail(plain.slice(counted[0].length), figure, evidence);
    const quantity = parseAmount(counted[1] ?? '') ?? 0;
    const price = item?.unitPrice ?? 0;
    const [first, second] = [...plain.slice(counted[0].length).matchAll(figure)]
      .map(([part]) => parseAmount(part))
      .slice(-2);
    if (item === undefined || first === undefined || second === undefined) return undefined;
    const isProduct = Math.abs(quantity * first - second) < 0.02 + Math.abs(second) * 0.001;
    return isProduct ? { ...item, quantity, unitPrice: first, amount: second } : price > 0 ? item : undefined;
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

const PRODUCT =
  /\(?\s*(?<![\d.,])(\d{1,7}(?:[.,]\d{1,3})?)\s?(?:\p{L}{1,8}\.?\s?)?[x×@*à]\s?(?:[^\d\s=()]{1,4}\s?)?(\d[\d.,'’]{0,14})/iu;

/** "Slate repair (6 @ 45.00)   270.00", "Helmet: 2 x 349,50 = 699,00": what stands before, and the last figure. */
function fromProduct(plain: string, evidence: string): LineItem | undefined {
  const match = PRODUCT.exec(plain);
  if (match === null || !/^\p{L}/u.test(plain) || match.index < 3) return undefined;
  const behind = plain.slice(match.index + match[0].length);
  const last = behind.match(/\d[\d.,'’\u00a0\u202f ]{0,18}/g)?.at(-1);
  const values = [match[1], match[2], last].map((part) => (part === undefined ? undefined : parseAmount(part)));
  if (!values.every((value) => value !== undefined)) return undefined;
  return itemOf(plain.slice(0, match.index), values, evidence);
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
