import { parseCsv } from '../text/csv.ts';

export interface Review {
  readonly id: string;
  readonly text: string;
  readonly product?: string;
}

export interface JudgedReview extends Review {
  readonly mood: string;
  readonly moodScore: number;
  readonly issue: string;
  readonly issueScore: number;
  readonly products?: readonly string[];
}

const TEXT_COLUMNS = ['text', 'review', 'comment', 'body', 'content', 'feedback', 'message'];
const PRODUCT_COLUMNS = ['product', 'item', 'article', 'product_name'];

/** Reviews out of a list of texts or records, a CSV table, or a text with one review a line or paragraph. */
export function reviewsOf(value: unknown): { records: Review[]; broken: unknown[] } {
  if (Array.isArray(value))
    return { records: value.flatMap((item: unknown, index) => reviewOf(item, index)), broken: [] };
  if (typeof value !== 'string') return reviewsOf((value as { reviews?: unknown } | null)?.reviews ?? []);
  const [head = ''] = value.split('\n');
  const columns = head
    .toLowerCase()
    .split(/[,;\t]/)
    .map((cell) => cell.trim().replace(/^"|"$/g, ''));
  if (columns.length > 1 && columns.some((column) => TEXT_COLUMNS.includes(column))) {
    const { rows, broken } = parseCsv(value);
    return { records: rows.flatMap((row, index) => reviewOf(row, index)), broken: [...broken] };
  }
  const parts = /\n\s*\n/.test(value) ? value.split(/\n\s*\n/) : value.split('\n');
  return {
    records: parts.flatMap((part, index) => reviewOf(part.replace(/^\s*(?:[-*•]|\d+[.)])\s*/, ''), index)),
    broken: [],
  };
}

function reviewOf(item: unknown, index: number): Review[] {
  const id = String(index + 1);
  if (typeof item === 'string') return item.trim() === '' ? [] : [{ id, text: item.trim() }];
  if (typeof item !== 'object' || item === null) return [];
  const fields = new Map(Object.entries(item).map(([name, part]) => [name.toLowerCase(), part] as const));
  const pick = (names: readonly string[]) =>
    names.map((name) => fields.get(name)).find((part) => typeof part === 'string' && part.trim() !== '');
  const text = pick(TEXT_COLUMNS);
  const product = pick(PRODUCT_COLUMNS);
  if (typeof text !== 'string') return [];
  return [
    { id: String(fields.get('id') ?? id), text: text.trim(), ...(typeof product === 'string' ? { product } : {}) },
  ];
}

/** Counts, quotes and a paragraph that says them: every number in it is counted, every quote is a review. */
export function reviewsReport(
  reviews: readonly JudgedReview[],
  moods: Readonly<Record<string, unknown>>,
  issues: readonly unknown[],
) {
  const count = (mood: string) => Number(moods[mood] ?? 0);
  const byProduct = new Map<string, JudgedReview[]>();
  for (const review of reviews) {
    const names = review.product === undefined ? (review.products ?? []) : [review.product];
    for (const name of names.length > 0 ? names : ['(not named)'])
      byProduct.set(name, [...(byProduct.get(name) ?? []), review]);
  }
  const quoteOf = (list: readonly JudgedReview[], mood: string) =>
    list.filter((review) => review.mood === mood).toSorted((a, b) => b.moodScore - a.moodScore)[0]?.text ?? null;
  const products = [...byProduct]
    .map(([name, list]) => {
      const of = (mood: string) => list.filter((review) => review.mood === mood).length;
      const complaints = issuesOf(list, 'negative');
      return {
        name,
        reviews: list.length,
        positive: of('positive'),
        neutral: of('neutral'),
        negative: of('negative'),
        complaints,
        best: quoteOf(list, 'positive'),
        worst: quoteOf(list, 'negative'),
      };
    })
    .sort((a, b) => b.reviews - a.reviews);
  const troubles = issuesOf(reviews, 'negative');
  const praised = issuesOf(reviews, 'positive');
  const named = (list: readonly { readonly value: string; readonly count: number }[]) =>
    list
      .slice(0, 3)
      .map(({ value, count: times }) => `${value} (${times})`)
      .join(', ');
  const lines = [
    `${reviews.length} reviews: ${count('positive')} positive, ${count('neutral')} neutral, ${count('negative')} negative.`,
    ...(troubles.length > 0 ? [`Most complaints are about ${named(troubles)}.`] : []),
    ...(praised.length > 0 ? [`Praised most: ${named(praised)}.`] : []),
    ...products
      .filter(({ name }) => name !== '(not named)')
      .slice(0, 10)
      .map(({ name, reviews: all, positive, negative, complaints }) => {
        const about = complaints.length > 0 ? `; complaints: ${named(complaints)}` : '';
        return `${name}: ${all} review${all === 1 ? '' : 's'}, ${positive} positive, ${negative} negative${about}.`;
      }),
  ];
  return { summary: lines.join('\n'), moods, issues, troubles, praised, products, reviews };
}

/** "general" is what the expert calls a review that speaks of nothing in particular: no issue to be counted. */
function issuesOf(reviews: readonly JudgedReview[], mood: string) {
  return countBy(
    reviews.filter((review) => review.mood === mood && review.issue !== 'general').map(({ issue }) => issue),
  );
}

function countBy(values: readonly string[]): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}
