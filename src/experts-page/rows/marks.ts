import type { LabelledText } from '../../client/index.ts';

/** A name in a text: "[Aurora](ship)". */
const MARK = /\[([^\][\n]{1,200})\]\(([^()\n]{1,60})\)/g;

/** A text without its marks, and what they marked. */
export function readMarks(marked: string): LabelledText {
  const entities: { start: number; end: number; label: string }[] = [];
  let text = '';
  let at = 0;
  for (const match of marked.matchAll(MARK)) {
    const [whole, name = '', label = ''] = match;
    text += marked.slice(at, match.index);
    entities.push({ start: text.length, end: text.length + name.length, label: label.trim() });
    text += name;
    at = match.index + whole.length;
  }
  return { text: text + marked.slice(at), entities };
}

/** A row of a file: marks in the text, or a list of places beside it. Null where the places are none. */
export function readNames(text: string, places: string | undefined): LabelledText | null {
  if (places === undefined || places.trim() === '') return readMarks(text.trim());
  let list: unknown;
  try {
    list = JSON.parse(places);
  } catch {
    return null;
  }
  if (!Array.isArray(list)) return null;
  const entities = list.flatMap((one: unknown) => {
    const { start, end, label } = (one ?? {}) as Readonly<Record<string, unknown>>;
    const isPlace =
      Number.isInteger(start) && Number.isInteger(end) && typeof label === 'string' && label.trim() !== '';
    return isPlace ? [{ start: start as number, end: end as number, label: (label as string).trim() }] : [];
  });
  const isWhole =
    entities.length === list.length &&
    entities.every(({ start, end }) => start >= 0 && end > start && end <= text.length);
  return isWhole ? { text, entities } : null;
}
