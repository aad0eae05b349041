const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const DAY_MS = 86_400_000;

/**
 * A date as Python's strftime writes it, in English whatever the browser speaks: models were trained so. "%-d" leaves the
 * zero in front away; directives that templates do not use stay as they are.
 */
export function strftime(date: Date, format: string): string {
  const two = (value: number, fill = '0') => String(value).padStart(2, fill);
  const month = MONTHS[date.getMonth()] ?? '';
  const day = DAYS[date.getDay()] ?? '';
  const sinceNewYear = new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const dayOfYear = Math.round((sinceNewYear - new Date(date.getFullYear(), 0, 1).getTime()) / DAY_MS) + 1;
  const directives: Record<string, string> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    d: two(date.getDate()),
    e: two(date.getDate(), ' '),
    j: String(dayOfYear).padStart(3, '0'),
    B: month,
    b: month.slice(0, 3),
    h: month.slice(0, 3),
    A: day,
    a: day.slice(0, 3),
    w: String(date.getDay()),
    u: String(date.getDay() || 7),
    H: two(date.getHours()),
    I: two(date.getHours() % 12 || 12),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    p: date.getHours() < 12 ? 'AM' : 'PM',
    n: '\n',
    t: '\t',
    '%': '%',
  };
  const composed: Record<string, string> = { F: '%Y-%m-%d', T: '%H:%M:%S', R: '%H:%M', D: '%m/%d/%y' };
  return format
    .replace(/%([FTRD])/gu, (_, letter: string) => composed[letter] ?? '')
    .replace(/%(-?)(.)/gsu, (whole, minus: string, letter: string) => {
      const written = directives[letter];
      if (written === undefined) return whole;
      return minus === '' ? written : written.replace(/^[0 ]+(?=.)/u, '');
    });
}
