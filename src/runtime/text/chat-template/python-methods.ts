import { pythonText, type RuntimeValue } from './python-output.ts';
import { isList, isMapping, isNumber, isText, itemsOf, joined, repeated, toList, toRuntime } from './python-values.ts';

type TextMethod = (text: string, ...given: readonly (string | number | undefined)[]) => unknown;

const SPACE = /\s/u;

/** Cuts characters of a set off the ends; white space where there is no set. */
function stripped(text: string, set: unknown, ends: { readonly left: boolean; readonly right: boolean }): string {
  const goes = (character: string | undefined) =>
    character !== undefined && (typeof set === 'string' ? set.includes(character) : SPACE.test(character));
  const characters = [...text];
  let start = 0;
  let end = characters.length;
  if (ends.left) while (start < end && goes(characters[start])) start += 1;
  if (ends.right) while (end > start && goes(characters[end - 1])) end -= 1;
  return characters.slice(start, end).join('');
}

function cutFromTheRight(text: string, separator: unknown, most: unknown): string[] {
  const parts = typeof separator === 'string' ? text.split(separator) : text.trim().split(/\s+/u);
  const cuts = typeof most === 'number' && most >= 0 ? most : parts.length;
  const first = Math.max(1, parts.length - cuts);
  return [parts.slice(0, first).join(typeof separator === 'string' ? separator : ' '), ...parts.slice(first)];
}

function occurrences(text: string, part: string): number {
  return part === '' ? text.length + 1 : text.split(part).length - 1;
}

function found(place: number): number {
  if (place < 0) throw new Error('substring not found');
  return place;
}

function parted(text: string, separator: string, place: number, isLast: boolean): string[] {
  if (place < 0) return isLast ? ['', '', text] : [text, '', ''];
  return [text.slice(0, place), separator, text.slice(place + separator.length)];
}

const capitalised = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
const has = (text: string, pattern: RegExp) => pattern.test(text);

/** Methods of texts that the library lacks, or does otherwise than Python. */
const TEXT_METHODS: ReadonlyMap<string, TextMethod> = new Map<string, TextMethod>([
  ['strip', (text, set) => stripped(text, set, { left: true, right: true })],
  ['lstrip', (text, set) => stripped(text, set, { left: true, right: false })],
  ['rstrip', (text, set) => stripped(text, set, { left: false, right: true })],
  ['capitalize', capitalised],
  ['title', (text) => text.replace(/\p{L}+/gu, capitalised)],
  ['swapcase', (text) => text.replace(/\p{L}/gu, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()))],
  ['casefold', (text) => text.toLowerCase()],
  ['find', (text, part, from) => text.indexOf(String(part), Number(from ?? 0))],
  ['rfind', (text, part) => text.lastIndexOf(String(part))],
  ['index', (text, part) => found(text.indexOf(String(part)))],
  ['count', (text, part) => occurrences(text, String(part))],
  ['rsplit', cutFromTheRight],
  ['splitlines', (text) => text.replace(/(?:\r\n|\n|\r)$/u, '').split(/\r\n|\n|\r/u)],
  ['partition', (text, separator) => parted(text, String(separator), text.indexOf(String(separator)), false)],
  ['rpartition', (text, separator) => parted(text, String(separator), text.lastIndexOf(String(separator)), true)],
  ['removeprefix', (text, part) => (text.startsWith(String(part)) ? text.slice(String(part).length) : text)],
  ['removesuffix', (text, part) => (part && text.endsWith(String(part)) ? text.slice(0, -String(part).length) : text)],
  ['isalpha', (text) => has(text, /^\p{L}+$/u)],
  ['isdigit', (text) => has(text, /^\p{Nd}+$/u)],
  ['isnumeric', (text) => has(text, /^\p{N}+$/u)],
  ['isalnum', (text) => has(text, /^[\p{L}\p{N}]+$/u)],
  ['isspace', (text) => has(text, /^\s+$/u)],
  ['isupper', (text) => has(text, /\p{Lu}/u) && !has(text, /\p{Ll}/u)],
  ['islower', (text) => has(text, /\p{Ll}/u) && !has(text, /\p{Lu}/u)],
  ['zfill', (text, width) => repeated('0', Number(width) - text.length) + text],
  ['ljust', (text, width, fill) => text + repeated(String(fill ?? ' '), Number(width) - text.length)],
  ['rjust', (text, width, fill) => repeated(String(fill ?? ' '), Number(width) - text.length) + text],
]);

/** "{}" and "{0}" filled in; other forms are refused. */
function formatted(text: string, values: readonly RuntimeValue[]): string {
  let next = 0;
  return text.replace(/\{\{|\}\}|\{([^{}]*)\}/gu, (whole, place: string | undefined) => {
    if (place === undefined) return whole.slice(1);
    const value = values[place === '' ? next++ : Number(place)];
    if (value === undefined) throw new TypeError(`no value for "${whole}" of a format`);
    return pythonText(value);
  });
}

/** What a method gives that this file knows; undefined for others. */
export function callMethod(
  object: RuntimeValue,
  name: string,
  given: readonly RuntimeValue[],
): RuntimeValue | undefined {
  if (isText(object)) {
    const [first] = given;
    if (name === 'join' && first) return toRuntime(joined(itemsOf(first).map(pythonText), object.value));
    if (name === 'format') return toRuntime(formatted(object.value, given));
    const method = TEXT_METHODS.get(name);
    const plain = given.map((value) => (isText(value) || isNumber(value) ? value.value : undefined));
    return method && toRuntime(method(object.value, ...plain));
  }
  if (isMapping(object)) {
    // `loop` is a mapping that knows its place.
    const place = name === 'cycle' ? object.value.get('index0') : undefined;
    return place && isNumber(place) ? given[place.value % given.length] : undefined;
  }
  if (!isList(object)) return undefined;
  const isIt = (item: RuntimeValue) => item.value === given[0]?.value;
  if (name === 'index') return toRuntime(found(object.value.findIndex(isIt)));
  if (name === 'count') return toRuntime(object.value.filter(isIt).length);
  return name === 'copy' ? toList([...object.value]) : undefined;
}
