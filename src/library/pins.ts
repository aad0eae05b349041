import type { ModelChange } from '../protocol/index.ts';
import { Fields, SottoError } from '../shared/index.ts';
import type { GgufFacts } from './gguf-facts.ts';

/** What was accepted of a model whose hash nobody published. Kept when the model is deleted, as a known host is. */
export interface ModelPin {
  readonly size: number;
  readonly template: string;
  readonly templateSha256: string;
  readonly tokenizerSha256: string;
  readonly tokenizer: Readonly<Record<string, string>>;
  /** What came first, byte by byte: the manifest made of it. Absent while only a header was accepted. */
  readonly manifestText?: string;
  /** By which the server told this edition from others; absent where it gave nothing of the kind. */
  readonly validator?: string;
}

const SHA256 = /^[0-9a-f]{64}$/;
const MOST_TEMPLATE_UNITS = 2 ** 20;
const MOST_MANIFEST_UNITS = 8 * 2 ** 20;
/** Lines of a template that are compared; the hash says that the rest differs. */
const MOST_LINES = 400;

export function pinOf(facts: GgufFacts, size: number): ModelPin {
  return {
    size,
    template: facts.template.slice(0, MOST_TEMPLATE_UNITS),
    templateSha256: facts.templateSha256,
    tokenizerSha256: facts.tokenizerSha256,
    tokenizer: facts.tokenizer,
  };
}

/** Rebuilds a pin from what the disk gave. Throws `storage-failed` where it is none: a pin must not be lost in silence. */
export function readPin(value: unknown): ModelPin {
  const fail = (message: string): never => {
    throw new SottoError('storage-failed', message);
  };
  const fields = new Fields(value, 'pin', fail);
  const facts = fields.raw('tokenizer');
  if (typeof facts !== 'object' || facts === null) return fail('pin.tokenizer is missing or wrong.');
  return {
    size: fields.integer('size', { least: 1 }),
    template: fields.text('template', { limit: MOST_TEMPLATE_UNITS }),
    templateSha256: fields.text('templateSha256', { pattern: SHA256 }),
    tokenizerSha256: fields.text('tokenizerSha256', { pattern: SHA256 }),
    tokenizer: Object.fromEntries(Object.entries(facts).map(([key, fact]) => [key, String(fact)])),
    ...(fields.raw('manifestText') === undefined
      ? {}
      : { manifestText: fields.text('manifestText', { limit: MOST_MANIFEST_UNITS }) }),
    ...(fields.raw('validator') === undefined ? {} : { validator: fields.text('validator', { limit: 1000 }) }),
  };
}

/** Names an edition by all that its header pins. */
export function editionOf(pin: Pick<ModelPin, 'size' | 'templateSha256' | 'tokenizerSha256'>): string {
  return `${pin.size}-${pin.templateSha256.slice(0, 16)}-${pin.tokenizerSha256.slice(0, 16)}`;
}

/** What differs between what was accepted and what is offered. */
export function compareEditions(modelId: string, before: ModelPin, after: ModelPin): ModelChange {
  const facts = new Set([...Object.keys(before.tokenizer), ...Object.keys(after.tokenizer)]);
  return {
    modelId,
    edition: editionOf(after),
    size: { before: before.size, after: after.size },
    template: before.templateSha256 === after.templateSha256 ? [] : diffLines(before.template, after.template),
    tokenizer: [...facts]
      .sort()
      .map((fact) => ({ fact, before: before.tokenizer[fact] ?? '', after: after.tokenizer[fact] ?? '' }))
      .filter((row) => row.before !== row.after),
  };
}

/** The shortest way from one text to the other, by lines (longest common subsequence). */
function diffLines(before: string, after: string): readonly string[] {
  const a = before.split('\n').slice(0, MOST_LINES);
  const b = after.split('\n').slice(0, MOST_LINES);
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (row: number, column: number) => common[row]?.[column] ?? 0;
  for (let row = a.length - 1; row >= 0; row--) {
    for (let column = b.length - 1; column >= 0; column--) {
      common[row]![column] =
        a[row] === b[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: string[] = [];
  let [row, column] = [0, 0];
  while (row < a.length || column < b.length) {
    if (row < a.length && column < b.length && a[row] === b[column]) {
      lines.push(` ${a[row]}`);
      row += 1;
      column += 1;
    } else if (column >= b.length || (row < a.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(`-${a[row++]}`);
    } else lines.push(`+${b[column++]}`);
  }
  return lines;
}
