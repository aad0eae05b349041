import type { Embedder } from '../../experts/index.ts';
import { parseAmount } from '../entities/index.ts';
import { KeywordIndex } from '../text/bm25.ts';
import { cosine } from '../text/summary.ts';
import { contentStems } from '../text/words.ts';

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

/** What a wish says of the price: "under 50", "between 20 and 40 euros", "at least 100". */
export function priceRangeOf(text: string): PriceRange {
  const figure = String.raw`(?:[$€£]|eur|usd|gbp)?\s?(\d[\d.,]*)\s?(?:[$€£]|euros?|dollars?|pounds?|eur|usd|gbp|bucks)?`;
  const between = new RegExp(String.raw`(?:between|from)\s+${figure}\s+(?:and|to|-)\s+${figure}`, 'i').exec(text);
  if (between !== null) {
    return {
      least: parseAmount(between[1] ?? '') ?? 0,
      most: parseAmount(between[2] ?? '') ?? Number.POSITIVE_INFINITY,
    };
  }
  const money = /[$€£]|euros?|dollars?|pounds?|eur\b|usd\b|gbp\b|bucks|price|budget|cost|cheaper|spend/i.test(text);
  const most = new RegExp(
    String.raw`(?:under|below|less than|up to|at most|max(?:imum)?(?: of)?|no more than|not more than|cheaper than|within|budget (?:of|is)|for about|around)\s+${figure}`,
    'i',
  ).exec(text);
  const least = new RegExp(String.raw`(?:over|above|more than|at least|starting at)\s+${figure}`, 'i').exec(text);
  const around = most !== null && /^(?:for about|around)/i.test(most[0]) ? 1.25 : 1;
  return {
    least: money && least !== null && !/(?:no|not) more than/i.test(text) ? (parseAmount(least[1] ?? '') ?? 0) : 0,
    most:
      money && most !== null
        ? (parseAmount(most[1] ?? '') ?? Number.POSITIVE_INFINITY) * around
        : Number.POSITIVE_INFINITY,
  };
}

/** Words a person does not want: "without leather", "no wool", "not electric". */
function unwanted(text: string): string[] {
  return [
    ...text.matchAll(/\b(?:without|no|not|non|free of|avoid|except)\s+(?:any\s+|made of\s+|a\s+)?(\p{L}{3,})/giu),
  ].flatMap(([, word]) =>
    word === undefined || /^(?:more|less|too|than|need|want|sure|only|problem)$/i.test(word) ? [] : contentStems(word),
  );
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
  const [vector, ...vectors] = await embedder.embed([wish, ...texts], signal);
  const words = new KeywordIndex(texts).scores(wish);
  const highest = Math.max(1e-9, ...words);
  const wanted = contentStems(wish).filter((word) => !banned.includes(word));
  return catalogue
    .map((item, index) => {
      const meaning = vector === undefined ? 0 : cosine(vector, vectors[index] ?? vector);
      const stems = contentStems(texts[index] ?? '');
      const shared = [...new Set(wanted.filter((word) => stems.includes(word)))];
      const isBanned = banned.some((word) => stems.includes(word) && !isDenied(texts[index] ?? '', word));
      const fits = item.price === undefined || (item.price >= range.least && item.price <= range.most);
      const score = 0.86 * meaning + (0.14 * (words[index] ?? 0)) / highest - (isBanned ? 0.5 : 0) - (fits ? 0 : 0.6);
      const reasons = [
        ...(shared.length > 0 ? [`mentions ${shared.slice(0, 5).join(', ')}`] : []),
        ...(item.price !== undefined && Number.isFinite(range.most) && fits
          ? [`${item.price} is within the price`]
          : []),
        ...(meaning > 0.4 ? ['close in meaning'] : []),
      ];
      return { id: item.id, name: item.name, price: item.price ?? null, score, reasons };
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .filter(({ score }) => score > 0.12);
}

/** "Vegan, without leather" mentions leather and has none. */
function isDenied(text: string, word: string): boolean {
  return new RegExp(String.raw`(?:without|no|free of|non-?)\s*(?:\p{L}+\s)?${word}|${word}\p{L}*[- ]free`, 'iu').test(
    text,
  );
}
