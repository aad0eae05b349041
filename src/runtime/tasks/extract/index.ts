export { type FieldRule, readField } from './fields.ts';
export { type LineItem, readLineItems } from './line-items.ts';
export { checkTotals } from './totals.ts';
