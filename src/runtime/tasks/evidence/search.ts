import type { Embedder } from '../../experts/index.ts';
import { KeywordIndex } from '../text/bm25.ts';
import { chunksOf, sentencesOf } from '../text/sentences.ts';
import { cosine } from '../text/summary.ts';

/** A document as flows know it. */
export interface SourceDocument {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface Passage {
  readonly text: string;
  readonly document: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/** Units of text a passage may have: what the embedding model reads without cutting. */
const PASSAGE_UNITS = 700;

/** Texts or records, as documents with names. */
export function toDocuments(value: unknown): SourceDocument[] {
  const list = Array.isArray(value) ? value : [value];
  return list.flatMap((item: unknown, index) => {
    const id = String(index + 1);
    if (typeof item === 'string') return item.trim() === '' ? [] : [{ id, title: titleOf(item, index), text: item }];
    const record = (item ?? {}) as Readonly<Record<string, unknown>>;
    const text = record['text'] ?? record['content'] ?? record['body'];
    if (typeof text !== 'string' || text.trim() === '') return [];
    const title = record['title'] ?? record['name'];
    return [{ id: String(record['id'] ?? id), title: typeof title === 'string' ? title : titleOf(text, index), text }];
  });
}

function titleOf(text: string, index: number): string {
  const [first = ''] = text.trim().split('\n');
  return first.length <= 80 && !/[.!?]$/.test(first) ? first : `Document ${index + 1}`;
}

/** The passages that speak of a question: vectors for meaning, words for names, both orders merged. */
export async function searchPassages(
  query: string,
  documents: readonly SourceDocument[],
  embedder: Embedder,
  most: number,
  signal: AbortSignal,
): Promise<Passage[]> {
  const passages = documents.flatMap((document) =>
    chunksOf(document.text, PASSAGE_UNITS).map((chunk) => ({ ...chunk, document: document.id, title: document.title })),
  );
  if (passages.length === 0) return [];
  const texts = passages.map(({ title, text }) => (text.startsWith(title) ? text : `${title}. ${text}`));
  const [vector, ...vectors] = await embedder.embed([query, ...texts], signal);
  const words = new KeywordIndex(texts).scores(query);
  const highest = Math.max(1e-9, ...words);
  return passages
    .map((passage, index) => {
      const meaning = vector === undefined ? 0 : cosine(vector, vectors[index] ?? vector);
      return { ...passage, score: 0.65 * meaning + (0.35 * (words[index] ?? 0)) / highest };
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, most);
}

export interface Answer {
  readonly text: string;
  readonly score: number;
  readonly citations: readonly {
    readonly document: string;
    readonly title: string;
    readonly quote: string;
    readonly score: number;
  }[];
}

/** How a sentence begins that is about what the one before is about. */
const LEANS =
  /^(?:it|its|they|their|them|he|she|his|her|this|these|that|those|the (?:company|firm|city|town|building|device|product|team|model)|there|then|since then|a pair|\p{Lu}\p{L}+ed (?:by|in|on))\b/iu;

/** What the question asks for, by its first words; sentences that hold such a thing are better answers. */
const WANTED: readonly (readonly [question: RegExp, answer: RegExp])[] = [
  [
    /\b(?:when|what (?:date|year|time|day)|since when|until when|deadline|wann|seit wann|bis wann|quand|cuándo|quando|wanneer|kiedy)\b|hasta qué hora|à quelle heure|a che ora/iu,
    /\b(?:\d{4}|\d{1,2}(?:st|nd|rd|th)?\s+\p{Lu}|january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d{1,2}[:.]\d{2}|a\.?m\.?|p\.?m\.?)\b/iu,
  ],
  [
    /\b(?:how (?:long|soon|often)|wie (?:lange|oft)|combien de temps|cuánto (?:tiempo|dura)|quanto (?:tempo|dura)|hoe lang)\b/iu,
    /\d+\s*(?:-|to|–)?\s*\d*\s*(?:second|minut|hour|day|week|month|year|business|working|stunde|tag|woche|monat|jahr|heure|jour|semaine|mois|\ban|hora|día|semana|mes|año|ora|giorn|settiman|anno|uur|dag|maand|jaar)|\b(?:one|two|three|four|five|six|seven|ten|twelve|fourteen|thirty)\s+(?:second|minute|hour|day|week|month|year|business|working)|\b(?:daily|weekly|monthly|annually|yearly|every)\b/i,
  ],
  [
    /\bhow (?:much|many)|\b(?:wie ?viele?|combien|cuántos?|cuántas?|quant[oiae]s?|hoeveel|ile)\b|\bwhat (?:is|was|does|did)\b.*\b(?:cost|price|fee|rate|revenue|budget|percentage|share|number|amount|limit|maximum|minimum|height|weight|size|age|length|capacity|temperature|speed|distance)\b|\bhow (?:tall|big|old|heavy|far|high|large|deep|wide|fast|hot|cold|expensive)\b/iu,
    /\d/,
  ],
  [/\b(?:who|whom|whose|wer|wem|wen|quién|chi|wie is|kto)\b|^qui\b/iu, /\p{Lu}\p{Ll}+\s\p{Lu}/u],
  [/\b(?:where|wo|wohin|où|dónde|dove|onde|waar)\b/iu, /\b(?:in|at|on|near|under|from)\s+(?:the\s+)?\p{L}/iu],
];

/** The sentences of the passages that answer a question, with where they stand. */
export async function answerFrom(
  question: string,
  passages: readonly Passage[],
  embedder: Embedder,
  most: number,
  signal: AbortSignal,
): Promise<Answer> {
  const sentences = passages.flatMap((passage) => {
    const own = sentencesOf(passage.text).filter(({ text }) => /\p{L}{2}.*\s/u.test(text) && !/\?$/.test(text));
    // What "it" is stands in the sentence before.
    return own.map(({ text }, index) => ({
      text,
      passage,
      whole: LEANS.test(text) && index > 0 ? `${own[index - 1]?.text ?? ''} ${text}` : text,
    }));
  });
  if (sentences.length === 0) return { text: '', score: 0, citations: [] };
  const texts = sentences.map(({ whole }) => whole);
  const [vector, ...vectors] = await embedder.embed([question, ...texts], signal);
  const words = new KeywordIndex(texts).scores(question);
  const highest = Math.max(1e-9, ...words);
  const wanted = WANTED.find(([pattern]) => pattern.test(question))?.[1];
  const ranked = sentences
    .map(({ text, passage }, index) => {
      const meaning = vector === undefined ? 0 : cosine(vector, vectors[index] ?? vector);
      const word = (words[index] ?? 0) / highest;
      const kind = wanted === undefined ? 0 : wanted.test(text) ? 0.12 : -0.08;
      return { text, passage, meaning, score: 0.6 * meaning + 0.3 * word + kind + 0.1 * Math.max(0, passage.score) };
    })
    .sort((a, b) => b.score - a.score);
  const best = ranked[0];
  if (best === undefined) return { text: '', score: 0, citations: [] };
  const chosen = ranked.slice(0, most).filter(({ score }) => score > best.score * 0.8 && score > 0.2);
  const kept = chosen.length > 0 ? chosen : [best];
  return {
    text: kept.map(({ text }) => text).join(' '),
    score: Math.max(0, Math.min(1, best.meaning + 0.1)),
    citations: kept.map(({ text, passage, score }) => ({
      document: passage.document,
      title: passage.title,
      quote: text,
      score,
    })),
  };
}
