export { findMoney, mainCurrency, NUMBER as NUMBER_TOKEN, parseAmount } from './amounts.ts';
export { isIban } from './checksums.ts';
export { findDates, isDayFirst } from './dates.ts';
export { type Entity, type EntityKind, findEntities } from './find-entities.ts';
export { redact } from './redact.ts';
