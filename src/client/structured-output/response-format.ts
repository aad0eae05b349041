import type { GrammarSource } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { ResponseFormat } from '../openai-types.ts';

const TYPES = ['text', 'json_object', 'json_schema', 'regex', 'grammar', 'choice'] as const;

/** What a `response_format` asks for; undefined for text as the model likes. Rejects with `invalid-option`. */
export function responseGrammar(format: ResponseFormat | null | undefined): GrammarSource | undefined {
  if (format === undefined || format === null) return undefined;
  if (typeof format !== 'object') throw invalid('must be an object');
  switch (format.type) {
    case 'text':
      only(format, []);
      return undefined;
    case 'json_object':
      only(format, []);
      return { kind: 'json', root: 'object' };
    case 'json_schema':
      only(format, ['json_schema']);
      return schemaGrammar(format.json_schema);
    case 'regex':
      only(format, ['regex']);
      return regexGrammar(format.regex);
    case 'grammar':
      only(format, ['grammar']);
      return { kind: 'gbnf', text: text(format.grammar, 'grammar') };
    case 'choice': {
      only(format, ['choices']);
      const { choices } = format;
      const isList = Array.isArray(choices) && choices.length > 0;
      if (!isList || !choices.every((item) => typeof item === 'string' && item !== '')) {
        throw invalid('needs "choices", a list of texts, none of them empty');
      }
      return { kind: 'choice', choices: [...choices] };
    }
    default:
      throw invalid(`must have a "type" of ${TYPES.join(', ')}`);
  }
}

function schemaGrammar(value: Extract<ResponseFormat, { type: 'json_schema' }>['json_schema']): GrammarSource {
  if (typeof value !== 'object' || value === null) throw invalid('needs "json_schema"');
  const { name, schema, strict } = value;
  for (const key of Object.keys(value)) {
    if (!['name', 'description', 'schema', 'strict'].includes(key))
      throw invalid(`has an unknown "json_schema.${key}"`);
  }
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    throw invalid('needs a "json_schema.name" of letters, digits, - and _, 64 at most');
  }
  if (strict !== undefined && strict !== null && typeof strict !== 'boolean') {
    throw invalid('has a "json_schema.strict" that is neither true nor false');
  }
  return schema === undefined ? { kind: 'json', root: 'object' } : { kind: 'json-schema', schema };
}

function regexGrammar(value: string | RegExp): GrammarSource {
  // What a flag changes is where matches are looked for (g, y, d): here the whole answer is the match.
  if (value instanceof RegExp) {
    return { kind: 'regex', pattern: value.source, flags: value.flags.replace(/[gyd]/g, '') };
  }
  return { kind: 'regex', pattern: text(value, 'regex') };
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw invalid(`needs "${name}", a text`);
  return value;
}

function only(format: object, names: readonly string[]): void {
  for (const name of Object.keys(format)) {
    if (name !== 'type' && !names.includes(name)) throw invalid(`has an unknown "${name}"`);
  }
}

function invalid(problem: string): SottoError {
  return new SottoError('invalid-option', `"response_format" ${problem}.`, { details: { option: 'response_format' } });
}
