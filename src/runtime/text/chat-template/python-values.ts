import { Environment } from '@huggingface/jinja';
import { TEMPLATE_LIMITS } from './limits.ts';
import { pythonText, type RuntimeValue } from './python-output.ts';

/** A value of a template, of a value of JavaScript. */
export function toRuntime(value: unknown): RuntimeValue {
  return new Environment().set('value', value);
}

const List = toRuntime([]).constructor as new (items: readonly RuntimeValue[]) => RuntimeValue;

export function toList(items: readonly RuntimeValue[]): RuntimeValue {
  return new List(items);
}

const Mapping = toRuntime({}).constructor as new (entries: ReadonlyMap<string, RuntimeValue>) => RuntimeValue;

export function toMapping(entries: ReadonlyMap<string, RuntimeValue>): RuntimeValue {
  return new Mapping(entries);
}

export function isText(value: RuntimeValue | undefined): value is RuntimeValue & { readonly value: string } {
  return value?.type === 'StringValue';
}

export function isList(value: RuntimeValue): value is RuntimeValue & { readonly value: RuntimeValue[] } {
  return Array.isArray(value.value);
}

export function isMapping(value: RuntimeValue): value is RuntimeValue & { readonly value: Map<string, RuntimeValue> } {
  return value.value instanceof Map;
}

export function isNumber(value: RuntimeValue): value is RuntimeValue & { readonly value: number } {
  return typeof value.value === 'number';
}

export function isTrue(value: RuntimeValue): boolean {
  if (isList(value)) return value.value.length > 0;
  return isMapping(value) ? value.value.size > 0 : Boolean(value.value);
}

/** The items of a list, the characters of a text, the keys of a mapping; none of what is nothing. */
export function itemsOf(value: RuntimeValue): readonly RuntimeValue[] {
  if (isList(value)) return value.value;
  if (isText(value)) return Array.from(value.value, toRuntime);
  return isMapping(value) ? Array.from(value.value.keys(), toRuntime) : [];
}

/** What a path ("function.name") leads to; undefined where there is nothing. */
export function attributeOf(value: RuntimeValue, path: string): RuntimeValue | undefined {
  let found: RuntimeValue | undefined = value;
  for (const part of path.split('.')) {
    if (found === undefined) return undefined;
    if (isMapping(found)) found = found.value.get(part);
    else found = isList(found) && /^\d+$/u.test(part) ? found.value[Number(part)] : undefined;
  }
  return found;
}

/** As Python compares: lists and mappings by what they hold, and no text equals a number. */
export function isEqual(a: RuntimeValue, b: RuntimeValue): boolean {
  if (isList(a) && isList(b)) {
    return a.value.length === b.value.length && a.value.every((item, index) => isEqual(item, b.value[index]!));
  }
  if (isMapping(a) && isMapping(b)) {
    const { size } = b.value;
    const isIn = ([key, item]: [string, RuntimeValue]) => b.value.has(key) && isEqual(item, b.value.get(key)!);
    return a.value.size === size && [...a.value].every(isIn);
  }
  if (typeof a.value === 'boolean' && isNumber(b)) return Number(a.value) === b.value;
  if (isNumber(a) && typeof b.value === 'boolean') return a.value === Number(b.value);
  return a.value === b.value;
}

/** Below 0, 0 or above, as `a` stands to `b`; undefined where Python has no order. */
export function compared(a: RuntimeValue, b: RuntimeValue): number | undefined {
  if (isText(a) && isText(b)) return a.value < b.value ? -1 : Number(a.value > b.value);
  return isNumber(a) && isNumber(b) ? a.value - b.value : undefined;
}

/** Texts one behind the other. Refuses what would be too long before it is made. */
export function joined(texts: readonly string[], separator: string): string {
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  if (length > 2 * TEMPLATE_LIMITS.textLength) throw new RangeError('a text of too many characters');
  return texts.join(separator);
}

/** A text `count` times. */
export function repeated(text: string, count: number): string {
  if (text.length * count > 2 * TEMPLATE_LIMITS.textLength) throw new RangeError('a text of too many characters');
  return text.repeat(Math.max(0, count));
}

/** Text with values in the places that "%s" and "%d" leave. */
export function filledIn(text: string, values: readonly RuntimeValue[]): string {
  let next = 0;
  return text.replace(/%([sdr%])/gu, (_, kind: string) => {
    const value = kind === '%' ? undefined : values[next++];
    if (kind === '%') return '%';
    if (value === undefined) throw new TypeError('not enough values for a format');
    return kind === 'd' && isNumber(value) ? String(Math.trunc(value.value)) : pythonText(value);
  });
}
