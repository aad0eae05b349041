import type { Embedder } from '../../experts/index.ts';
import { parseAmount } from '../entities/index.ts';
import { KeywordIndex } from '../text/bm25.ts';
import { cosine } from '../text/summary.ts';
import { contentStems, STOP_WORDS, stem, wordsOf } from '../text/words.ts';
import { meaningsOf } from './lexicon.ts';

/** A thing of a catalogue; fields beyond these are passed through. */
export interface CatalogueItem {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly category?: string;
  readonly price?: number;
}

export interface Recommendation {
  readonly id: string;
  readonly name: string;
  readonly price: number | null;
  readonly score: number;
  readonly reasons: readonly string[];
}

export interface PriceRange {
  readonly least: number;
  readonly most: number;
}

const FIGURE = String.raw`(?:[$€£¥]|eur|usd|gbp|chf)?\s?(\d[\d.,]*)\s?(?:[$€£¥]|euros?|dollars?|pounds?|quid|francs?|eur|usd|gbp|chf|bucks)?`;
const MONEY =
  /[$€£¥]|\b(?:euros?|dollars?|pounds?|quid|francs?|eur|usd|gbp|chf|bucks|price|priced|budget|costs?|cheaper|spend|pay|afford)\b/i;
/** A figure that counts something else: "up to 15 kg" is no price. */
const OTHER_UNIT =
  /^\s?(?:%|°|(?:kilos?|kg|g|grams?|m|cm|mm|km|kilomet\w+|met(?:re|er)s?|inch\w*|feet|ft|litres?|liters?|l|ml|gb|tb|mb|mah|watts?|w|v|volts?|hours?|hrs?|h|minutes?|min|days?|weeks?|months?|years?|yrs?|people|persons?|players?|square|m²|lumens?|degrees?|db|pages?|pieces?)(?![\p{L}]))/iu;
const MOST = String.raw`under|below|less than|lower than|up to|at most|max(?:imum)?\.?(?: of)?|no more than|not more than|cheaper than|within|not (?:over|above|exceeding)|nothing (?:over|above)|not cost more than|budget (?:of|is|:)|<=?|for about|around|about|unter|bis(?: zu)?|höchstens|maximal|moins de|maximum|menos de|meno di|massimo|onder`;
const LEAST = 'over|above|more than|at least|starting at|from|>=?|über|mindestens|ab|plus de|más de|almeno';
const ABOUT = /^(?:for about|around|about)/i;

/** What a wish says of the price: "under 50", "between 20 and 40 euros", "60 max", "at least 100". */
export function priceRangeOf(text: string): PriceRange {
  const open = { least: 0, most: Number.POSITIVE_INFINITY };
  const between = new RegExp(
    String.raw`(?:between|from|zwischen|entre|tra)\s+${FIGURE}\s+(?:and|to|-|und|et|y|e)\s+${FIGURE}`,
    'i',
  ).exec(text);
  const priceIn = (match: RegExpExecArray | null) => {
    if (match === null || OTHER_UNIT.test(text.slice(match.index + match[0].length))) return undefined;
    return parseAmount(match[1] ?? '');
  };
  if (between !== null && !OTHER_UNIT.test(text.slice(between.index + between[0].length)))
    return { least: parseAmount(between[1] ?? '') ?? 0, most: parseAmount(between[2] ?? '') ?? open.most };
  // "Not above 50" speaks of a most, whatever "above" does by itself.
  const upper = new RegExp(String.raw`(?:^|[\s(,])(?:${MOST})\s?${FIGURE}`, 'i').exec(text);
  const behind = new RegExp(
    String.raw`${FIGURE}\s(?:max\b|maximum\b|tops\b|at most\b|or (?:less|cheaper|under)\b)`,
    'i',
  ).exec(text);
  const most = priceIn(upper) ?? (behind === null ? undefined : parseAmount(behind[1] ?? ''));
  const around = upper !== null && ABOUT.test(upper[0].trim()) ? 1.25 : 1;
  const rest = upper === null ? text : text.replace(upper[0], ' ');
  const lower = new RegExp(String.raw`(?:^|[\s(,])(?:${LEAST})\s?${FIGURE}`, 'i').exec(rest);
  const least = MONEY.test(text) && !/\b(?:no|not)\s(?:more than|over|above)/i.test(rest) ? priceIn(lower) : undefined;
  // "For about 15" may be an age or a length: money must be spoken of.
  const isMoney = around === 1 || MONEY.test(text);
  return { least: least ?? 0, most: most === undefined || !isMoney ? open.most : most * around };
}

/** Words a person does not want: "without leather", "no wool", "not electric", "allergic to nuts", "anything but blue". */
function unwanted(text: string): string[] {
  return [
    ...text.matchAll(
      /\b(?:without|no|not|non|free of|avoid|except|neither|nor|never|anything but|other than|instead of|allergic to|isn't|ohne|kein\p{L}*|nicht|sans|pas de|sin|senza|zonder)[\s-]+(?:any\s+|made of\s+|made from\s+|too\s+|a\s+|an\s+|the\s+|for\s+|with\s+)*(\p{L}{3,})(?:\s+(?:or|and|nor)\s+(?:no\s+)?(\p{L}{3,}))?/giu,
    ),
  ].flatMap(([, ...words]) =>
    words.flatMap((word) => (word === undefined || NOT_A_THING.test(word) ? [] : contentStems(word))),
  );
}

const NOT_A_THING =
  /^(?:more|less|too|than|need|needed|want|sure|only|problem|over|above|matter|that|very|much|have|having|know|like|see|please|just|idea|one|get|but|cost|costs)$/i;

/** A motor is an engine, a sweater a pullover: stems of one meaning, for what a person does not want. */
const isMeant = (word: string, other: string) =>
  other === word || meaningsOf(word).some((meaning) => meaningsOf(other).includes(meaning));

const UNITS: readonly (readonly [unit: string, pattern: string])[] = [
  ['area', '(?:m²|m2|sqm|square met(?:re|er)s?)'],
  ['people', '(?:people|persons?|adults|guests|players)'],
  ['litres', String.raw`(?:litres?|liters?|l)(?![\p{L}])`],
  ['kilos', '(?:kg|kilos?|kilograms?)'],
  ['storage', 'gb'],
];

/** Whether a thing ends where the wish goes on: "up to 150 m²" is no mower for 1,200. */
function isTooSmall(wish: string, description: string): boolean {
  return UNITS.some(([, unit]) => {
    const asked = new RegExp(String.raw`(\d[\d.,]*)\s?${unit}`, 'iu').exec(wish);
    const given = new RegExp(String.raw`up to\s(\d[\d.,]*)\s?${unit}`, 'iu').exec(description);
    if (
      asked === null ||
      given === null ||
      new RegExp(String.raw`(?:${MOST})\s?$`, 'i').test(wish.slice(0, asked.index))
    )
      return false;
    return (parseAmount(asked[1] ?? '') ?? 0) > (parseAmount(given[1] ?? '') ?? Number.POSITIVE_INFINITY);
  });
}

/** The things of a catalogue that fit a wish, each with the reason. */
export async function recommendItems(
  wish: string,
  catalogue: readonly CatalogueItem[],
  embedder: Embedder,
  most: number,
  signal: AbortSignal,
): Promise<Recommendation[]> {
  const range = priceRangeOf(wish);
  const banned = unwanted(wish);
  const describe = ({ name, category, description }: CatalogueItem) =>
    `${name}. ${category ?? ''}. ${description ?? ''}`;
  const texts = catalogue.map(describe);
  const details = catalogue.map(({ name, description }) => description ?? name);
  const vectors = await embedder.embed([wish, ...texts, ...details], signal);
  const [vector] = vectors;
  const meaningOf = (at: number) => (vector === undefined ? 0 : cosine(vector, vectors[at] ?? vector));
  const words = new KeywordIndex(texts).scores(wish);
  const highest = Math.max(1e-9, ...words);
  const wanted = contentStems(wish).filter((word) => !banned.includes(word));
  const judged = catalogue.map((item, index) => {
    const text = texts[index] ?? '';
    const stems = contentStems(text);
    const isBanned = banned.some((word) => stems.some((one) => isMeant(word, one) && !isDenied(text, one)));
    const fits = item.price === undefined || (item.price >= range.least && item.price <= range.most);
    // The name says what it is, the description what it is for: a wish may speak of either.
    const meaning = WHOLE * meaningOf(1 + index) + (1 - WHOLE) * meaningOf(1 + catalogue.length + index);
    const base = 0.86 * meaning + (0.14 * (words[index] ?? 0)) / highest;
    const less = (isBanned ? 0.5 : 0) + (fits ? 0 : 0.6) + (isTooSmall(wish, text) ? 0.3 : 0);
    return { item, text, stems, meaning, fits, score: base - less };
  });
  const nearest = judged.sort((a, b) => b.score - a.score).slice(0, CLOSEST);
  const matches = await wordMatches(
    wish,
    banned,
    nearest.map(({ text }) => text),
    embedder,
    signal,
  );
  return nearest
    .map(({ item, stems, meaning, fits, score }, index) => {
      const shared = [...new Set(wanted.filter((word) => stems.includes(word)))];
      const reasons = [
        ...(shared.length > 0 ? [`mentions ${shared.slice(0, 5).join(', ')}`] : []),
        ...(item.price !== undefined && Number.isFinite(range.most) && fits
          ? [`${item.price} is within the price`]
          : []),
        ...(meaning > 0.4 ? ['close in meaning'] : []),
      ];
      const total = score + MATCH * ((matches[index] ?? 0) - 0.4);
      return { id: item.id, name: item.name, price: item.price ?? null, score: total, reasons };
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .filter(({ score }) => score > 0.12);
}

/** Things that are looked at word by word. */
const CLOSEST = 12;
/** Share of the whole text in what is near; the rest is the description's. */
const WHOLE = 0.6;
/** Weight of words that come near to each other in their sentences. */
const MATCH = 0.4;

/** How near the words of a wish come to words of each text, on average, as the encoder sees both. */
async function wordMatches(
  wish: string,
  banned: readonly string[],
  texts: readonly string[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<number[]> {
  const lists = [wish, ...texts].map((text) => wordsOf(text).slice(0, 70));
  const [own = [], ...others] = await embedder.embedWords(lists, signal);
  const topics = (lists[0] ?? []).flatMap((word, at) => {
    const vector = own[at];
    return vector === undefined || STOP_WORDS.has(word) || banned.includes(stem(word)) ? [] : [vector];
  });
  return others.map((vectors) => {
    const best = topics.map((topic) => vectors.reduce((most, vector) => Math.max(most, cosine(topic, vector)), 0));
    return best.length === 0 ? 0 : best.reduce((sum, value) => sum + value, 0) / best.length;
  });
}

/** "Vegan, without leather" mentions leather and has none. */
function isDenied(text: string, word: string): boolean {
  return new RegExp(String.raw`(?:without|no|free of|non-?)\s*(?:\p{L}+\s)?${word}|${word}\p{L}*[- ]free`, 'iu').test(
    text,
  );
}
