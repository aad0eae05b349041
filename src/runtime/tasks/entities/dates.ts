const MONTHS: readonly (readonly string[])[] = [
  [
    'january',
    'jan',
    'januar',
    'jänner',
    'janvier',
    'janv',
    'enero',
    'ene',
    'gennaio',
    'gen',
    'janeiro',
    'januari',
    'stycznia',
    'styczeń',
    'ocak',
    'ledna',
    'ianuarie',
    'января',
    'tammikuuta',
  ],
  [
    'february',
    'feb',
    'februar',
    'feber',
    'février',
    'fevrier',
    'févr',
    'febrero',
    'febbraio',
    'fevereiro',
    'fev',
    'februari',
    'lutego',
    'luty',
    'şubat',
    'února',
    'februarie',
    'февраля',
    'helmikuuta',
  ],
  [
    'march',
    'mar',
    'märz',
    'mrz',
    'mars',
    'marzo',
    'março',
    'maart',
    'mrt',
    'marts',
    'marca',
    'marzec',
    'mart',
    'března',
    'martie',
    'марта',
    'maaliskuuta',
  ],
  [
    'april',
    'apr',
    'avril',
    'avr',
    'abril',
    'abr',
    'aprile',
    'kwietnia',
    'kwiecień',
    'nisan',
    'dubna',
    'aprilie',
    'апреля',
    'huhtikuuta',
  ],
  ['may', 'mai', 'mayo', 'maggio', 'mag', 'maio', 'mei', 'maj', 'maja', 'mayıs', 'května', 'мая', 'toukokuuta'],
  [
    'june',
    'jun',
    'juni',
    'juin',
    'junio',
    'giugno',
    'giu',
    'junho',
    'czerwca',
    'czerwiec',
    'haziran',
    'června',
    'iunie',
    'июня',
    'kesäkuuta',
  ],
  [
    'july',
    'jul',
    'juli',
    'juillet',
    'juil',
    'julio',
    'luglio',
    'lug',
    'julho',
    'lipca',
    'lipiec',
    'temmuz',
    'července',
    'iulie',
    'июля',
    'heinäkuuta',
  ],
  [
    'august',
    'aug',
    'août',
    'aout',
    'agosto',
    'ago',
    'augustus',
    'augusti',
    'sierpnia',
    'sierpień',
    'ağustos',
    'srpna',
    'августа',
    'elokuuta',
  ],
  [
    'september',
    'sep',
    'sept',
    'septembre',
    'septiembre',
    'settembre',
    'set',
    'setembro',
    'września',
    'wrzesień',
    'eylül',
    'září',
    'septembrie',
    'сентября',
    'syyskuuta',
  ],
  [
    'october',
    'oct',
    'oktober',
    'okt',
    'octobre',
    'octubre',
    'ottobre',
    'ott',
    'outubro',
    'out',
    'października',
    'październik',
    'ekim',
    'října',
    'octombrie',
    'октября',
    'lokakuuta',
  ],
  [
    'november',
    'nov',
    'novembre',
    'noviembre',
    'novembro',
    'listopada',
    'listopad',
    'kasım',
    'listopadu',
    'noiembrie',
    'ноября',
    'marraskuuta',
  ],
  [
    'december',
    'dec',
    'dezember',
    'dez',
    'décembre',
    'decembre',
    'déc',
    'diciembre',
    'dic',
    'dicembre',
    'dezembro',
    'desember',
    'des',
    'grudnia',
    'grudzień',
    'aralık',
    'prosince',
    'decembrie',
    'декабря',
    'joulukuuta',
  ],
];

const MONTH_NUMBERS = new Map(MONTHS.flatMap((names, index) => names.map((name) => [name, index + 1] as const)));
const MONTH = [...MONTH_NUMBERS.keys()].sort((a, b) => b.length - a.length).join('|');

const FORMS: readonly { readonly pattern: RegExp; readonly read: (parts: readonly string[]) => Parts | undefined }[] = [
  { pattern: /\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b/g, read: ([y, m, d]) => ({ y, m, d }) },
  // Chinese, Japanese, Korean.
  { pattern: /(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]/g, read: ([y, m, d]) => ({ y, m, d }) },
  {
    pattern: new RegExp(
      String.raw`\b(\d{1,2})(?:st|nd|rd|th|\.)?(?:\s+(?:of|de|di)|\s*[-.])?\s*(${MONTH})\.?(?:\s+(?:de|del))?,?[\s-]+(\d{4}|\d{2})\b`,
      'giu',
    ),
    read: ([d, name, y]) => ({ y, m: monthOf(name), d }),
  },
  {
    pattern: new RegExp(String.raw`\b(${MONTH})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b`, 'giu'),
    read: ([name, d, y]) => ({ y, m: monthOf(name), d }),
  },
  { pattern: /\b(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})\b/g, read: ([a, mark, b, y]) => numeric(a, mark, b, y) },
];

interface Parts {
  readonly y: string | undefined;
  readonly m: string | undefined;
  readonly d: string | undefined;
}

export interface FoundDate {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** YYYY-MM-DD. */
  readonly iso: string;
}

function monthOf(name: string | undefined): string | undefined {
  const number = MONTH_NUMBERS.get(name?.toLowerCase() ?? '');
  return number === undefined ? undefined : String(number);
}

/** 13/05 can only be a day first; with dots the day comes first; with slashes both may be meant, and the month is taken first. */
function numeric(a?: string, mark?: string, b?: string, y?: string): Parts {
  const dayFirst = Number(a) > 12 || (mark !== '/' && Number(b) <= 12);
  return dayFirst ? { y, m: b, d: a } : { y, m: a, d: b };
}

/** Every full date of a text, in order. `dayFirst`: how "03/04/2024" is read. */
export function findDates(text: string, { dayFirst = isDayFirst(text) } = {}): FoundDate[] {
  const found: FoundDate[] = [];
  for (const { pattern, read } of FORMS) {
    for (const match of text.matchAll(pattern)) {
      const { y, m, d } = read(match.slice(1) as string[]) ?? {};
      const isSlash = /^\d{1,2}\/\d{1,2}\/\d+$/.test(match[0]);
      const swap = isSlash && dayFirst && Number(m) <= 12 && Number(d) <= 12;
      const iso = isoDate(y, swap ? d : m, swap ? m : d);
      const [start, end] = [match.index, match.index + match[0].length];
      if (iso === undefined || found.some((other) => start < other.end && end > other.start)) continue;
      found.push({ text: match[0], start, end, iso });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

const DAY_FIRST_WORDS =
  /(?<![\p{L}])(?:rechnung|datum|facture|échéance|factura|fecha|vencimiento|fattura|scadenza|fatura|vencimento|factuur|faktura|fakturadatum|dato|data wystawienia|tarih)(?![\p{L}])/iu;

/** A document that writes 25/12 somewhere, or speaks of euros, pounds or VAT, puts the day first. */
export function isDayFirst(text: string): boolean {
  for (const [, a, b] of text.matchAll(/\b(\d{1,2})\/(\d{1,2})\/\d{2,4}\b/g)) {
    if (Number(a) > 12) return true;
    if (Number(b) > 12) return false;
  }
  // Dollars of the south, and languages that put the day first whatever they pay with.
  if (/\bABN\b|\bPty\b|\bAUD\b|\bNZD\b|\bGSTIN\b|\bSGD\b/.test(text)) return true;
  if (DAY_FIRST_WORDS.test(text)) return true;
  return /[€£₹]|zł|\bkr\b|\b(?:VAT|IBAN|EUR|GBP|CHF|INR|GmbH|Ltd)\b/.test(text) && !/\bUSD\b|\$/.test(text);
}

function isoDate(y?: string, m?: string, d?: string): string | undefined {
  const year = Number(y) < 100 ? 2000 + Number(y) : Number(y);
  const [month, day] = [Number(m), Number(d)];
  if (!(year >= 1900 && year <= 2100 && month >= 1 && month <= 12 && day >= 1)) return undefined;
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
