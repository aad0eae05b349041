import { SottoError } from '../shared/index.ts';

/** What an option may be: one of a few words, or of a kind. `any`: checked where it is used. */
export type OptionKind = readonly string[] | 'text' | 'flag' | 'count' | 'function' | 'signal' | 'list' | 'any';

/** Every option of a type, and what it may be: the compiler says which is missing. */
export type OptionTable<Options> = { readonly [Name in keyof Required<Options>]: OptionKind };

/** What every call that can be stopped takes. */
export const SIGNAL = { signal: 'signal' } as const;

/**
 * Refuses an option that is not there (`unsupported-option`) or not what it must be (`invalid-option`), by name: none is ever
 * ignored in silence. Absent and null options say nothing.
 */
export function checkOptions<Options>(options: Options, table: OptionTable<Options>): void {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'must be an object');
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null) continue;
    if (!Object.hasOwn(table, name)) throw problem('unsupported-option', name, 'is not supported');
    const kind = table[name as keyof Options];
    if (!isOf(kind, value)) throw invalid(name, `must be ${wordsOf(kind)}`);
  }
}

function isOf(kind: OptionKind, value: unknown): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'flag':
      return typeof value === 'boolean';
    case 'count':
      return Number.isInteger(value) && (value as number) >= 0;
    case 'function':
      return typeof value === 'function';
    // Of another frame it is no instance of ours, and works all the same.
    case 'signal':
      return typeof value === 'object' && value !== null && 'aborted' in value;
    case 'list':
      return Array.isArray(value);
    case 'any':
      return true;
    default:
      return kind.includes(value as string);
  }
}

function wordsOf(kind: OptionKind): string {
  if (typeof kind !== 'string') return kind.join(' or ');
  const words: Partial<Record<typeof kind, string>> = {
    flag: 'true or false',
    count: 'a whole number from 0',
    signal: 'an AbortSignal',
  };
  return words[kind] ?? `a ${kind}`;
}

/** An option that is there and not what it must be. */
export function invalid(option: string, what: string): SottoError {
  return problem('invalid-option', option, what);
}

function problem(code: 'invalid-option' | 'unsupported-option', option: string, what: string): SottoError {
  return new SottoError(code, `"${option}" ${what}.`, { details: { option } });
}
