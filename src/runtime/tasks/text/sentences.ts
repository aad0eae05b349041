/** A piece of a text and where it stands: offsets in UTF-16 units, the end not included. */
export interface Span {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Words before a full stop that ends no sentence. */
const ABBREVIATION =
  /(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|inc|ltd|co|corp|no|nr|art|sec|fig|approx|dept|est|jr|sr|z\.b|bzw|ca|p\.m|a\.m|[a-z])\.$/i;

/** Sentences with their places. A line break after a heading, a list item or an empty line ends one too. */
export function sentencesOf(text: string): Span[] {
  const spans: Span[] = [];
  let start = 0;
  const close = (end: number) => {
    const raw = text.slice(start, end);
    const trimmed = raw.trim();
    if (trimmed !== '') {
      const from = start + raw.indexOf(trimmed);
      spans.push({ text: trimmed, start: from, end: from + trimmed.length });
    }
    start = end;
  };
  // Each run is looked at from its first sign only, and blanks no farther than their line: thousands of dots take no thousand times longer.
  const ends =
    /((?<![.!?…。！？])[.!?…。！？]+["'”’)\]]{0,8})(?=\s|$)|\n(?=[^\S\n]*(?:\n|[-*•–]\s|\d{1,3}[.)]\s))|\n{2,}/g;
  for (const match of text.matchAll(ends)) {
    const end = match.index + match[0].length;
    if (match[1] === '.' && ABBREVIATION.test(text.slice(Math.max(0, end - 12), end))) continue;
    // "Section 4." at the start of a line introduces what follows.
    if (match[1] === '.' && /(?:^|\n)\s*(?:\d{1,3}|[A-Za-z]|[IVX]+)(?:\.\d{1,3})*\.$/.test(text.slice(start, end)))
      continue;
    close(end);
  }
  close(text.length);
  return spans;
}

/** Paragraphs: what stands between empty lines. */
export function paragraphsOf(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(/(?:[^\n]|\n(?![^\S\n]*\n))+/g)) {
    const trimmed = match[0].trim();
    if (trimmed === '') continue;
    const start = match.index + match[0].indexOf(trimmed);
    spans.push({ text: trimmed, start, end: start + trimmed.length });
  }
  return spans;
}

/** Runs of whole sentences of at most `limit` UTF-16 units; a longer sentence is cut. */
export function chunksOf(text: string, limit: number): Span[] {
  const chunks: Span[] = [];
  let open: { start: number; end: number } | undefined;
  const flush = () => {
    if (open !== undefined) chunks.push({ ...open, text: text.slice(open.start, open.end) });
    open = undefined;
  };
  for (const sentence of sentencesOf(text)) {
    for (let at = sentence.start; at < sentence.end; at += limit) {
      const end = Math.min(sentence.end, at + limit);
      if (open !== undefined && end - open.start > limit) flush();
      open = { start: open?.start ?? at, end };
    }
  }
  flush();
  return chunks;
}
