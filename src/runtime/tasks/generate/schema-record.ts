import { SottoError } from '../../../shared/index.ts';
import { parseAmount } from '../entities/index.ts';
import { type Generate, modelOf, type WritingOptions } from './generate.ts';

export interface FoundValue {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Characters that fit beside the schema in the smallest context. */
const MOST_TEXT = 12_000;

/**
 * A record of the shape of a JSON Schema that a model reads out of a text. The schema holds while it is written; afterwards each text
 * and number must stand in the text, or it is taken out and named in `unsupported`.
 */
export async function recordBySchema(
  text: string,
  schema: Readonly<Record<string, unknown>>,
  generate: Generate,
  options: WritingOptions,
) {
  if (text.length > MOST_TEXT)
    throw new SottoError('task-input', `The text is longer than ${MOST_TEXT} characters: give the part with the data.`);
  const { text: written, model } = await generate({
    prompt: `Read the data out of this text. Copy values as they stand; write nothing that is not there.\n\n${text}`,
    maxTokens: 600,
    schema,
    ...modelOf(options),
  });
  let record: unknown;
  try {
    record = JSON.parse(written);
  } catch (cause) {
    throw new SottoError('flow-failed', 'The model wrote no whole JSON.', { cause });
  }
  const evidence: Record<string, FoundValue> = {};
  const unsupported: { path: string; value: unknown }[] = [];
  const fixed = enumeratedIn(schema);
  const checked = check(record, '', (value, path) => {
    // A value out of a list of the schema is a judgement, not a quotation.
    if (fixed.has(String(value))) return true;
    const found = findValue(text, value);
    if (found === undefined) unsupported.push({ path, value });
    else evidence[path] = found;
    return found !== undefined;
  });
  const values = Object.keys(evidence).length + unsupported.length;
  return { record: checked, evidence, unsupported, score: values === 0 ? 0 : 1 - unsupported.length / values, model };
}

/** The value with every leaf that `isThere` denies replaced by null; of a list, such items are left out. */
function check(value: unknown, path: string, isThere: (value: string | number, path: string) => boolean): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item: unknown, index) => check(item, path === '' ? String(index) : `${path}.${index}`, isThere))
      .filter((item) => item !== null);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, check(part, path === '' ? name : `${path}.${name}`, isThere)]),
    );
  }
  const isLeaf = (typeof value === 'string' && value.trim() !== '') || typeof value === 'number';
  return isLeaf && !isThere(value, path) ? null : value;
}

function enumeratedIn(schema: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (part: unknown, depth: number): void => {
    if (typeof part !== 'object' || part === null || depth > 12) return;
    const { enum: values, const: only } = part as { enum?: unknown; const?: unknown };
    for (const value of Array.isArray(values) ? values : only === undefined ? [] : [only]) found.add(String(value));
    for (const inner of Object.values(part)) visit(inner, depth + 1);
  };
  visit(schema, 0);
  return found;
}

/** Where a value stands in a text: as it is, else in other spacing or case; a number in any notation. */
export function findValue(text: string, value: string | number): FoundValue | undefined {
  if (typeof value === 'number') {
    for (const match of text.matchAll(/\d[\d.,'’\u00a0\u202f ]*\d|\d/g)) {
      if (parseAmount(match[0]) !== Math.abs(value) && Number(match[0]) !== Math.abs(value)) continue;
      return { text: match[0], start: match.index, end: match.index + match[0].length };
    }
    return undefined;
  }
  const words = value
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const match = new RegExp(words.join('\\s+'), 'i').exec(text);
  return match === null ? undefined : { text: match[0], start: match.index, end: match.index + match[0].length };
}
