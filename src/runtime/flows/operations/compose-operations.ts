import { SottoError } from '../../../shared/index.ts';
import { type Operations, WaitsForPerson } from '../operation.ts';
import { fillTemplate } from '../template.ts';
import { valueAt } from '../value-path.ts';
import { listOf, needs, numberIn, recordOf, textOf } from './settings.ts';

/** What brings results together, asks a language model, or asks a person. */
export const COMPOSE_OPERATIONS: Operations = {
  'transform.record': {
    // Whatever edges bring under these names becomes a field; what else is set is kept as it is.
    arguments: Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => [name, { type: 'any', isOptional: true } as const]),
    ),
    result: { '*': 'any' },
    check: needs('fields', 'object'),
    run: async (given, { fields, also }) => ({
      ...recordOf(also),
      ...Object.fromEntries(
        Object.entries(recordOf(fields)).flatMap(([name, path]) => {
          const value = valueAt(given, String(path));
          return value === undefined ? [] : [[name, value]];
        }),
      ),
    }),
  },
  'transform.zip': {
    // Two lists of equal length become one: fields of the one, fields of the other.
    arguments: { items: { type: 'record[]' }, with: { type: 'record[]' } },
    result: { items: 'record[]' },
    check: needs('added', 'object'),
    run: async ({ items, with: others }, { fields, added }) => {
      const pick = (value: unknown, names: unknown) =>
        Object.fromEntries(
          Object.entries(recordOf(names)).flatMap(([name, path]) => {
            const part = valueAt(value, String(path));
            return part === undefined ? [] : [[name, part]];
          }),
        );
      const list = listOf(others);
      if (list.length !== listOf(items).length) throw new SottoError('task-input', 'The two lists differ in length.');
      return { items: listOf(items).map((item, index) => ({ ...pick(item, fields), ...pick(list[index], added) })) };
    },
  },
  'transform.text': {
    arguments: {
      values: { type: 'any', isOptional: true },
      a: { type: 'any', isOptional: true },
      b: { type: 'any', isOptional: true },
      c: { type: 'any', isOptional: true },
    },
    result: { text: 'text' },
    check: needs('template', 'string'),
    run: async (given, { template }) => ({ text: fillTemplate(String(template), given) }),
  },
  'transform.choose': {
    arguments: { key: { type: 'text' } },
    result: { value: 'any' },
    check: needs('from', 'object'),
    run: async ({ key }, { from, otherwise }) => {
      const table = recordOf(from);
      const value = Object.hasOwn(table, String(key)) ? table[String(key)] : otherwise;
      if (value === undefined) throw new SottoError('task-input', `There is nothing for "${String(key)}".`);
      return { value };
    },
  },
  'transform.count': {
    arguments: { items: { type: 'record[]' } },
    result: { counts: 'record', total: 'number', groups: 'record[]' },
    check: needs('by', 'string'),
    run: async ({ items }, { by }) => {
      const counts: Record<string, number> = {};
      for (const item of listOf(items)) {
        for (const value of listOf(valueAt(item, String(by)))) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
      }
      const groups = Object.entries(counts)
        .map(([value, count]) => ({ value, count }))
        .sort((a, b) => b.count - a.count);
      return { counts, total: listOf(items).length, groups };
    },
  },
  prompt: {
    arguments: { values: { type: 'any', isOptional: true }, text: { type: 'text', isOptional: true } },
    result: { text: 'text', value: 'any', label: 'text', '*': 'any' },
    check: (settings) =>
      needs('prompt', 'string')(settings) ??
      (settings['choices'] === undefined ? undefined : needs('choices', 'array')(settings)),
    run: async (given, settings, { generate, seed }) => {
      const { schema, system, choices, model: modelId } = settings;
      const wantsJson = typeof schema === 'object' && schema !== null;
      const isChoice = Array.isArray(choices);
      const result = await generate({
        prompt: fillTemplate(String(settings['prompt']), given),
        ...(typeof system === 'string' ? { system: fillTemplate(system, given) } : {}),
        maxTokens: numberIn(settings, 'maxTokens', 256),
        seed,
        leastParameters: numberIn(settings, 'leastParameters', 0),
        ...(typeof modelId === 'string' ? { modelId } : {}),
        ...(wantsJson ? { schema: schema as Record<string, unknown> } : {}),
        ...(isChoice ? { choices: choices.map(String) } : {}),
      });
      const { text, model } = result;
      if (isChoice && !choices.map(String).includes(text))
        throw new SottoError('flow-failed', `The model wrote "${text.slice(0, 80)}", which is none of the choices.`);
      if (isChoice) return { text, label: text, model };
      if (!wantsJson) return { text: text.trim(), model };
      return { text, value: readJson(text, schema as Record<string, unknown>), model };
    },
  },
  human: {
    arguments: {
      context: { type: 'any', isOptional: true },
      a: { type: 'any', isOptional: true },
      b: { type: 'any', isOptional: true },
    },
    result: { '*': 'any' },
    check: needs('question', 'string'),
    run: async (given, { question, options }) => {
      throw new WaitsForPerson({ question, options: listOf(options), ...given });
    },
  },
  'task.pass': {
    arguments: { value: { type: 'any' } },
    result: { value: 'any', text: 'text' },
    run: async ({ value }) => ({ value, ...(typeof value === 'string' ? { text: textOf(value, 'value') } : {}) }),
  },
};

/** A small model wraps JSON in words: the first whole object or list counts, and it must have what the schema demands. */
export function readJson(text: string, schema: Readonly<Record<string, unknown>>): unknown {
  const start = text.search(/[{[]/);
  for (
    let end = text.length;
    start !== -1 && end > start;
    end = text.lastIndexOf(text[start] === '{' ? '}' : ']', end - 2) + 1
  ) {
    let value: unknown;
    try {
      value = JSON.parse(text.slice(start, end));
    } catch {
      continue;
    }
    const missing = listOf(schema['required']).filter((name) => !Object.hasOwn(recordOf(value), String(name)));
    if (missing.length > 0) throw new SottoError('flow-failed', `The model left out ${missing.join(', ')}.`);
    const properties = recordOf(schema['properties']);
    for (const [name, rule] of Object.entries(properties)) {
      const { enum: allowed } = recordOf(rule);
      const given = recordOf(value)[name];
      if (Array.isArray(allowed) && given !== undefined && !allowed.includes(given)) {
        throw new SottoError('flow-failed', `The model wrote "${String(given).slice(0, 80)}" for ${name}.`);
      }
    }
    return value;
  }
  throw new SottoError('flow-failed', 'The model wrote no JSON.');
}
