import { paragraphsOf, type Span } from '../text/sentences.ts';

export interface Clause extends Span {
  /** The line above it, or the words before its first colon or full stop, where they look like a heading. */
  readonly heading: string;
}

const NUMBERED =
  /^\s*(?:§\s*)?(?:(?:Article|Section|Clause|Artikel|Paragraph)\s+)?(?:\d{1,3}(?:\.\d{1,3})*|[IVX]{1,5}|[A-Z]|\([a-z0-9]{1,3}\))[.):]?\s+/;

/**
 * The clauses of a contract: paragraphs, and numbered lines that follow each other without an empty line. A heading on a line of its own
 * belongs to what stands below it; a title without a verb is no clause.
 */
export function clausesOf(text: string): Clause[] {
  const clauses: Clause[] = [];
  let heading: Span | undefined;
  for (const paragraph of paragraphsOf(text)) {
    for (const part of numberedParts(paragraph)) {
      const firstBreak = part.text.indexOf('\n');
      const firstLine = firstBreak === -1 ? part.text : part.text.slice(0, firstBreak);
      if (firstBreak === -1 && isHeading(part.text)) {
        heading = part;
        continue;
      }
      const own = firstBreak !== -1 && isHeading(firstLine) ? firstLine : headingWords(part.text);
      const named = own === '' ? (heading?.text ?? '') : own;
      const start = own === '' && heading !== undefined ? heading.start : part.start;
      if (wordCount(part.text) >= 4) {
        clauses.push({
          text: text.slice(start, part.end),
          start,
          end: part.end,
          heading: named.replace(NUMBERED, '').trim(),
        });
      }
      heading = undefined;
    }
  }
  return clauses;
}

function numberedParts({ text, start }: Span): Span[] {
  const starts = [...text.matchAll(/^/gm)]
    .map(({ index }) => index)
    .filter((at) => at === 0 || NUMBERED.test(text.slice(at, at + 40)));
  return starts.map((from, index) => {
    const piece = text.slice(from, starts[index + 1] ?? text.length);
    const trimmed = piece.trimEnd();
    return { text: trimmed, start: start + from, end: start + from + trimmed.length };
  });
}

const wordCount = (text: string) => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;

function isHeading(line: string): boolean {
  const plain = line.replace(NUMBERED, '').trim();
  return (
    wordCount(plain) <= 8 &&
    !/[.;,]$/.test(plain) &&
    !/\b(?:shall|must|may|will|is|are|agrees?|continues?|pays?)\b/i.test(plain)
  );
}

function headingWords(text: string): string {
  const match = /^(?:.{0,12}?)(\p{Lu}[\p{L} &/-]{2,50})[.:–—]\s+\S/u.exec(text.replace(NUMBERED, ''));
  return match?.[1] !== undefined && isHeading(match[1]) ? match[1] : '';
}
