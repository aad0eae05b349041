import type { Interpreter } from '@huggingface/jinja';

export type RuntimeValue = ReturnType<Interpreter['evaluate']>;
export type Statement = NonNullable<Parameters<Interpreter['evaluate']>[0]>;

/** An expression whose value becomes text of the answer. */
export interface Output extends Statement {
  readonly type: 'Output';
  readonly expression: Statement;
}

export function isOutput(statement: Statement | undefined): statement is Output {
  return statement?.type === 'Output';
}

/** Text as it stands, and statements that print what their own bodies print, or nothing. */
const PLAIN: ReadonlySet<string> = new Set([
  'StringLiteral',
  'Program',
  'Set',
  'If',
  'For',
  'Macro',
  'CallStatement',
  'FilterStatement',
  'Break',
  'Continue',
  'Comment',
]);
/** Where statements hold others. */
const BODIES = ['body', 'alternate', 'defaultBlock'] as const;

/** Marks, in place, every expression that a template prints: the library prints values as JavaScript would. */
export function markOutputs(statement: Statement): void {
  const holder = statement as Statement & { [K in (typeof BODIES)[number]]?: Statement[] };
  for (const name of BODIES) {
    for (const [index, inner] of (holder[name] ?? []).entries()) {
      if (PLAIN.has(inner.type)) markOutputs(inner);
      else holder[name]![index] = { type: 'Output', expression: inner } as Output;
    }
  }
}

/** A value as Python prints it: None, True, and lists and objects with texts in quotes. */
export function pythonText(value: RuntimeValue): string {
  return value.type === 'StringValue' || value.type === 'UndefinedValue'
    ? String(value.value ?? '')
    : pythonForm(value);
}

function pythonForm(runtimeValue: RuntimeValue): string {
  const { type, value } = runtimeValue;
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) {
    const items = (value as RuntimeValue[]).map(pythonForm);
    if (type !== 'TupleValue') return `[${items.join(', ')}]`;
    return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
  }
  if (value instanceof Map) {
    const entries = [...(value as Map<string, RuntimeValue>)].map(
      ([key, item]) => `${quoted(key)}: ${pythonForm(item)}`,
    );
    return `{${entries.join(', ')}}`;
  }
  return runtimeValue.toString();
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
  return `${quote}${escaped.replaceAll(quote, `\\${quote}`)}${quote}`;
}
