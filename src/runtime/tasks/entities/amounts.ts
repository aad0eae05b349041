/** Currencies by sign and by code, to ISO 4217. */
export const CURRENCY_SIGNS: Readonly<Record<string, string>> = {
  $: 'USD',
  US$: 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '￥': 'JPY',
  '₹': 'INR',
  A$: 'AUD',
  C$: 'CAD',
  CA$: 'CAD',
  AU$: 'AUD',
  R$: 'BRL',
  zł: 'PLN',
  kr: 'SEK',
  Fr: 'CHF',
  '₺': 'TRY',
  '₽': 'RUB',
  '₩': 'KRW',
  NZ$: 'NZD',
  S$: 'SGD',
  HK$: 'HKD',
  MX$: 'MXN',
  Kč: 'CZK',
  Ft: 'HUF',
  lei: 'RON',
  '₴': 'UAH',
  '₪': 'ILS',
  '₫': 'VND',
  '₱': 'PHP',
  '฿': 'THB',
  '₦': 'NGN',
  Rs: 'INR',
  RMB: 'CNY',
  SFr: 'CHF',
};

export const CURRENCY_CODES =
  'USD|EUR|GBP|JPY|INR|AUD|CAD|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|ISK|BRL|MXN|ARS|CLP|COP|SGD|HKD|NZD|ZAR|TRY|CNY|RMB|KRW|AED|SAR|ILS|IDR|THB|MYR|PHP|VND|UAH|RUB|KES|NGN|EGP';

/** A number with groups of three and up to four decimals, in either notation; "1 234,50" and the Indian "1,18,000.00" too. */
export const NUMBER = String.raw`(?:\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+|\d+)(?:[.,]\d{1,4})?`;

/**
 * Reads "1,234.56", "1.234,56", "1 234,5" or "1234". The last mark is the decimal one unless three figures follow it and nothing
 * else says so. Undefined where it is no number.
 */
export function parseAmount(text: string): number | undefined {
  const clean = text.replace(/[^\d.,\-()−]/g, '').replace('−', '-');
  const isNegative = /^-|^\(.*\)$|-$/.test(clean);
  const digits = clean.replace(/[-()]/g, '');
  if (!/\d/.test(digits)) return undefined;
  const lastDot = digits.lastIndexOf('.');
  const lastComma = digits.lastIndexOf(',');
  const last = Math.max(lastDot, lastComma);
  const mark = digits[last];
  const count = mark === undefined ? 0 : digits.split(mark).length - 1;
  const behind = last === -1 ? 0 : digits.length - last - 1;
  const hasBoth = lastDot !== -1 && lastComma !== -1;
  // One mark with three figures behind it separates groups, as money has no thousandths.
  const isDecimal = last !== -1 && count === 1 && (hasBoth || behind !== 3);
  const whole = (isDecimal ? digits.slice(0, last) : digits).replace(/[.,]/g, '');
  const value = Number(`${whole || '0'}.${isDecimal ? digits.slice(last + 1) : '0'}`);
  return Number.isFinite(value) ? (isNegative ? -value : value) : undefined;
}

/** Large numbers in words, and names of currencies, in the languages of the house. */
const BIG =
  'thousand|million|billion|tausend|Tsd|Mio|Millionen?|Mrd|Milliarden?|mille|millions?|milliards?|mil|millones|millón|mil millones|milioni|miliardi|milhões|milhão|bilhões|duizend|miljoen|miljard|mln|mld|bn|m';
const NAMES =
  'euros?|dollars?|dólares|dollari|pounds?|sterling|Pfund|livres|libras|francs?|Franken|yen|yuan|rupees?|pesos?|reais|kronor|kroner|kronen|zlotys?|złotych|rubles?|naira|rand|shekels?|lira|forint';

const MONEY = new RegExp(
  String.raw`(?<![\w.])(?:(?<before>US\$|CA\$|AU\$|A\$|C\$|R\$|NZ\$|HK\$|MX\$|S\$|SFr\.?|[$€£¥￥₹₺₽₩₴₪฿₦₫₱]|(?:${CURRENCY_CODES})\b)\s?(?<a>-?${NUMBER})|(?<b>-?${NUMBER})\s?(?:(?<scaleBefore>k|${BIG})\.?\s)?(?<after>€|£|₹|¥|₺|₽|₴|₪|₦|฿|₫|₱|zł|Kč|Ft\b|lei\b|kr\b\.?|,-(?!\d)|(?:${CURRENCY_CODES})\b|(?:${NAMES})\b|円|元))(?:\s?(?<scale>k|m|bn|${BIG})\b)?`,
  'giu',
);

/** "pesos" and "kroner" are of several countries: the most populous one's is named. */
const WORDS: Readonly<Record<string, string>> = {
  euro: 'EUR',
  dollar: 'USD',
  dólare: 'USD',
  dollari: 'USD',
  pound: 'GBP',
  sterling: 'GBP',
  pfund: 'GBP',
  livre: 'GBP',
  libra: 'GBP',
  franc: 'CHF',
  franken: 'CHF',
  yen: 'JPY',
  円: 'JPY',
  yuan: 'CNY',
  元: 'CNY',
  rupee: 'INR',
  peso: 'MXN',
  reai: 'BRL',
  kronor: 'SEK',
  kroner: 'DKK',
  kronen: 'DKK',
  zloty: 'PLN',
  złotych: 'PLN',
  ruble: 'RUB',
  naira: 'NGN',
  rand: 'ZAR',
  shekel: 'ILS',
  lira: 'TRY',
  forint: 'HUF',
};

/** What a word or letter behind a number multiplies it by. */
function scaleOf(word: string): number {
  if (/^(?:k|thousand|tausend|tsd|mille|mil|duizend)$/i.test(word)) return 1e3;
  if (/^(?:bn|billion|mrd|milliard(?:en?|s)?|miliardi|mil millones|bilhões|miljard|mld)$/i.test(word)) return 1e9;
  return word === '' ? 1 : 1e6;
}

export interface Money {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}

/** Every amount of money of a text. */
export function findMoney(text: string): Money[] {
  return [...text.matchAll(MONEY)].flatMap((match) => {
    const { before, after, a, b, scale, scaleBefore } = match.groups ?? {};
    const amount = parseAmount(a ?? b ?? '');
    if (amount === undefined) return [];
    const sign = (before ?? after ?? '').trim().replace(/^[A-Z]{3}\s?(?=\$)|\.$/, '');
    const code = /^([A-Z]{3})\s?\$/.exec((before ?? '').trim())?.[1];
    const word = WORDS[sign.toLowerCase().replace(/s$/, '')];
    const currency = code ?? word ?? CURRENCY_SIGNS[sign] ?? CURRENCY_SIGNS[sign.toLowerCase()] ?? sign.toUpperCase();
    const factor = scaleOf(scale ?? scaleBefore ?? '');
    return [
      { text: match[0], start: match.index, end: match.index + match[0].length, amount: amount * factor, currency },
    ];
  });
}

/** Signs that several countries write, by what else a document of theirs says. */
const DIALECTS: Readonly<Record<string, readonly (readonly [currency: string, hint: RegExp])[]>> = {
  SEK: [
    ['DKK', /\bDKK\b|\bCVR\b|\bApS\b|Danmark|København|\bAarhus\b|\bI alt\b/],
    ['NOK', /\bNOK\b|\bMVA\b|Norge|\bOslo\b|Foretaksregisteret/],
  ],
  USD: [
    ['AUD', /\bABN\b|\bAUD\b|Australia|Pty\b/],
    ['CAD', /\bCAD\b|\bHST\b|\bGST\/HST\b|\bPST\b|Canada|\b(?:ON|BC|QC|AB)\s+[A-Z]\d[A-Z]\s?\d[A-Z]\d\b/],
    ['NZD', /\bNZD\b|New Zealand|\bNZBN\b/],
    ['SGD', /\bSGD\b|Singapore|\bUEN\b/],
    ['MXN', /\bMXN\b|\bRFC\b.*\bCFDI\b|México/s],
  ],
  JPY: [['CNY', /\bCNY\b|\bRMB\b|China|增值税/]],
};

/** The currency a document speaks of most. */
export function mainCurrency(text: string): string | undefined {
  const counts = new Map<string, number>();
  for (const { currency } of findMoney(text)) {
    const meant = DIALECTS[currency]?.find(([, hint]) => hint.test(text))?.[0] ?? currency;
    counts.set(meant, (counts.get(meant) ?? 0) + 1);
  }
  const said = text.match(new RegExp(String.raw`\b(?:${CURRENCY_CODES})\b`, 'g')) ?? [];
  // A code is meant; a sign may be one of several dollars.
  for (const code of said) counts.set(code, (counts.get(code) ?? 0) + 1.5);
  return [...counts].sort((x, y) => y[1] - x[1])[0]?.[0];
}
