import type { LineItem } from './line-items.ts';

export interface TotalsCheck {
  readonly isRight: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly isRight: boolean;
    readonly expected: number;
    readonly found: number;
  }[];
}

/** Cents get lost in rounding, one a line. */
const near = (a: number, b: number, lines = 1) => Math.abs(a - b) <= 0.011 * Math.max(1, lines);
const rounded = (value: number) => Math.round(value * 100) / 100;

/** Recomputes what an invoice adds up: lines, subtotal, tax, total. What is not stated is not checked. */
export function checkTotals(record: Readonly<Record<string, unknown>>, items: readonly LineItem[]): TotalsCheck {
  const value = (name: string) => (typeof record[name] === 'number' ? (record[name] as number) : undefined);
  const [subtotal, tax, total, rate] = [value('subtotal'), value('tax'), value('total'), value('taxRate')];
  const [discount = 0, shipping = 0] = [value('discount'), value('shipping')];
  const checks: { name: string; isRight: boolean; expected: number; found: number }[] = [];
  const check = (name: string, expected: number, found: number, lines = 1) =>
    checks.push({ name, isRight: near(expected, found, lines), expected: rounded(expected), found });
  for (const { description, quantity, unitPrice, amount } of items) {
    if (quantity !== null && unitPrice !== null)
      check(`${description}: quantity × price`, quantity * unitPrice, amount, Math.max(1, Math.abs(quantity)));
  }
  const sum = items.reduce((all, { amount }) => all + amount, 0);
  const net =
    subtotal ?? (total !== undefined && tax !== undefined ? total - tax - shipping + Math.abs(discount) : undefined);
  if (items.length > 0 && subtotal !== undefined) check('lines = subtotal', sum, subtotal, items.length);
  else if (items.length > 0 && total !== undefined && net === undefined)
    check('lines = total', sum - Math.abs(discount) + shipping, total, items.length);
  if (net !== undefined && total !== undefined && tax !== undefined && subtotal !== undefined) {
    check('subtotal + tax = total', subtotal - Math.abs(discount) + shipping + tax, total);
  }
  if (rate !== undefined && tax !== undefined && subtotal !== undefined) {
    const bases = [subtotal, subtotal - Math.abs(discount), subtotal - Math.abs(discount) + shipping];
    const best = bases.reduce((a, b) => (Math.abs((b * rate) / 100 - tax) < Math.abs((a * rate) / 100 - tax) ? b : a));
    check('tax rate × subtotal = tax', (best * rate) / 100, tax, 2);
  }
  return { isRight: checks.every(({ isRight }) => isRight), checks };
}
