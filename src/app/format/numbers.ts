import { pageLocale } from '../i18n/locale.ts';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const LOCALE = pageLocale();

function number(value: number, digits: number): string {
  return value.toLocaleString(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The unit in which a size is written: the largest that does not round to 1,000 of a smaller one. */
function unitOf(bytes: number, digits: number): number {
  let value = bytes;
  let unit = 0;
  while (unit < UNITS.length - 1 && Number(value.toFixed(unit === 0 ? 0 : digits)) >= 1000) {
    value /= 1000;
    unit++;
  }
  return unit;
}

/**
 * Bytes in decimal units, as disks and networks count them.
 * @param digits digits after the point, from kB upward
 */
export function formatBytes(bytes: number, digits = 0): string {
  const size = Math.max(0, bytes);
  const unit = unitOf(size, digits);
  const shown = unit === 0 ? 0 : digits;
  return new Intl.NumberFormat(LOCALE, {
    style: 'unit',
    unit: UNITS[unit] ?? 'byte',
    unitDisplay: unit === 0 ? 'long' : 'short',
    minimumFractionDigits: shown,
    maximumFractionDigits: shown,
  }).format(size / 1000 ** unit);
}

/**
 * "36.4 of 98.4 MB": both in the unit of the total, so that the eye compares figures only.
 * @param join what stands between them in the page's language
 */
export function formatByteProgress(loaded: number, total: number, join = ' of '): string {
  const unit = unitOf(Math.max(0, total), 1);
  return `${number(Math.max(0, loaded) / 1000 ** unit, unit === 0 ? 0 : 1)}${join}${formatBytes(total, 1)}`;
}

/** Tokens a second with as many digits as they deserve: "8.4", "41". */
export function formatRate(tokensPerSecond: number): string {
  return number(tokensPerSecond, tokensPerSecond < 9.95 ? 1 : 0);
}

/** Whole number with separators. */
export function formatCount(count: number): string {
  return number(Math.round(count), 0);
}

/** Number with at most so many digits after the point. */
export function formatNumber(value: number, digits: number): string {
  return value.toLocaleString(LOCALE, { maximumFractionDigits: digits });
}

/** Share of a whole, 0 to 1, also where the whole is unknown (0). */
export function fraction(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}

/** Time of day, 24 hours: "14:02". */
export function formatClock(timestamp: number, timeZone?: string): string {
  return new Intl.DateTimeFormat(LOCALE, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(timestamp);
}

/** A day and the time of it. */
export function formatMoment(timestamp: number): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' }).format(timestamp);
}
