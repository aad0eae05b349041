const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

function number(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * Bytes in decimal units, as disks and networks count them.
 * @param digits digits after the point, from kB upward
 */
export function formatBytes(bytes: number, digits = 0): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // The limit is where rounding would print 1,000 of the smaller unit.
  while (unit < UNITS.length - 1 && Number(value.toFixed(unit === 0 ? 0 : digits)) >= 1000) {
    value /= 1000;
    unit++;
  }
  return `${number(value, unit === 0 ? 0 : digits)} ${UNITS[unit]}`;
}

/** "36.4 of 98.4 MB": both in the unit of the total, so that the eye compares figures only. */
export function formatByteProgress(loaded: number, total: number): string {
  const totalText = formatBytes(total, 1);
  const unit = UNITS.findIndex((name) => totalText.endsWith(` ${name}`));
  return `${number(Math.max(0, loaded) / 1000 ** unit, unit === 0 ? 0 : 1)} of ${totalText}`;
}

/** Tokens a second with as many digits as they deserve: "8.4", "41". */
export function formatRate(tokensPerSecond: number): string {
  return number(tokensPerSecond, tokensPerSecond < 9.95 ? 1 : 0);
}

/** Whole number with separators. */
export function formatCount(count: number): string {
  return number(Math.round(count), 0);
}

/** Share of a whole, 0 to 1, also where the whole is unknown (0). */
export function fraction(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}

/** Time of day, 24 hours: "14:02". */
export function formatClock(timestamp: number, timeZone?: string): string {
  return new Intl.DateTimeFormat('en', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(timestamp);
}
