import { callMethod } from './python-methods.ts';
import { pythonText, type RuntimeValue } from './python-output.ts';
import {
  attributeOf,
  compared,
  filledIn,
  isList,
  isMapping,
  isNumber,
  isText,
  isTrue,
  itemsOf,
  joined,
  toList,
  toRuntime,
} from './python-values.ts';

/** What a filter stands between: its place's values, and the template's other filters and tests. */
export interface FilterCall {
  readonly value: RuntimeValue;
  readonly given: readonly RuntimeValue[];
  readonly named: ReadonlyMap<string, RuntimeValue>;
  readonly filter: (name: string, value: RuntimeValue, given: readonly RuntimeValue[]) => RuntimeValue;
  readonly test: (name: string, value: RuntimeValue, other?: RuntimeValue) => boolean;
}

type Filter = (call: FilterCall) => RuntimeValue | undefined;

const NOTHING = toRuntime(undefined);
const UNSAFE: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };

const onText =
  (name: string): Filter =>
  ({ value, given }) =>
    isText(value) ? callMethod(value, name, given) : undefined;

/** Words begin behind spaces, hyphens and brackets here, not behind an apostrophe as the method has it. */
const titled: Filter = ({ value }) =>
  isText(value)
    ? toRuntime(
        value.value.replace(/[^-\s({[<]+/gu, (word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()),
      )
    : undefined;

const escaped: Filter = ({ value }) =>
  toRuntime(pythonText(value).replace(/[&<>"']/gu, (character) => UNSAFE[character] ?? character));

const length: Filter = ({ value }) => {
  if (isMapping(value)) return toRuntime(value.value.size);
  return isText(value) || isList(value) || value.type === 'UndefinedValue'
    ? toRuntime(itemsOf(value).length)
    : undefined;
};

/** Keeps what passes, or what does not. */
const selected =
  (passes: boolean): Filter =>
  ({ value, given: [name, other], test }) => {
    const isOne = (item: RuntimeValue) => (isText(name) ? test(name.value, item, other) : isTrue(item));
    return toList(itemsOf(value).filter((item) => isOne(item) === passes));
  };

/** The same by an attribute of each. */
const selectedBy =
  (passes: boolean): Filter =>
  ({ value, given: [path, name, other], test }) => {
    if (!isText(path)) return undefined;
    const isOne = (item: RuntimeValue) => {
      const attribute = attributeOf(item, path.value) ?? NOTHING;
      return isText(name) ? test(name.value, attribute, other) : isTrue(attribute);
    };
    return toList(itemsOf(value).filter((item) => isOne(item) === passes));
  };

const mapped: Filter = ({ value, given: [name, ...rest], named, filter }) => {
  const path = named.get('attribute');
  if (isText(path)) {
    const missing = named.get('default') ?? NOTHING;
    return toList(itemsOf(value).map((item) => attributeOf(item, path.value) ?? missing));
  }
  return isText(name) ? toList(itemsOf(value).map((item) => filter(name.value, item, rest))) : undefined;
};

const extreme =
  (sign: 1 | -1): Filter =>
  ({ value }) => {
    const items = itemsOf(value);
    return items.length === 0
      ? NOTHING
      : items.reduce((best, item) => (sign * (compared(item, best) ?? 0) > 0 ? item : best));
  };

const unique: Filter = ({ value }) => {
  const seen = new Set<unknown>();
  return toList(
    itemsOf(value).filter((item) => {
      const key = isText(item)
        ? item.value.toLowerCase()
        : isMapping(item) || isList(item)
          ? pythonText(item)
          : item.value;
      return !seen.has(key) && seen.add(key) !== undefined;
    }),
  );
};

const rounded: Filter = ({ value, given: [precision] }) => {
  if (!isNumber(value)) return undefined;
  const power = 10 ** (precision && isNumber(precision) ? precision.value : 0);
  return toRuntime(Math.round(value.value * power) / power);
};

const batched: Filter = ({ value, given: [size, fill] }) => {
  if (!size || !isNumber(size) || size.value < 1) return undefined;
  const batches: RuntimeValue[][] = [];
  for (const item of itemsOf(value)) {
    if ((batches.at(-1)?.length ?? size.value) >= size.value) batches.push([]);
    batches.at(-1)?.push(item);
  }
  const last = batches.at(-1);
  if (fill && last) while (last.length < size.value) last.push(fill);
  return toList(batches.map(toList));
};

const indented: Filter = ({ value, given, named }) => {
  const width = named.get('width') ?? given[0];
  if (!isText(value) || !isText(width)) return undefined;
  return toRuntime(joined(value.value.split('\n'), `\n${width.value}`));
};

const sum: Filter = ({ value, named }) => {
  const path = named.get('attribute');
  const items = itemsOf(value).map((item) => (isText(path) ? (attributeOf(item, path.value) ?? NOTHING) : item));
  return toRuntime(items.reduce((total, item) => total + Number(item.value), 0));
};

/** Filters that the library lacks, or does otherwise than Python's Jinja; undefined: not for such a value. */
const FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['trim', onText('strip')],
  ['capitalize', onText('capitalize')],
  ['title', titled],
  ['length', length],
  ['count', length],
  ['list', ({ value }) => toList([...itemsOf(value)])],
  ['first', ({ value }) => itemsOf(value)[0] ?? NOTHING],
  ['last', ({ value }) => itemsOf(value).at(-1) ?? NOTHING],
  ['reverse', ({ value }) => (isText(value) ? toRuntime([...value.value].reverse().join('')) : undefined)],
  ['select', selected(true)],
  ['reject', selected(false)],
  ['selectattr', selectedBy(true)],
  ['rejectattr', selectedBy(false)],
  ['map', mapped],
  ['min', extreme(-1)],
  ['max', extreme(1)],
  ['unique', unique],
  ['sum', sum],
  ['round', rounded],
  ['batch', batched],
  ['indent', indented],
  ['escape', escaped],
  ['e', escaped],
  ['forceescape', escaped],
  ['urlencode', ({ value }) => toRuntime(encodeURIComponent(pythonText(value)).replaceAll('%2F', '/'))],
  ['wordcount', ({ value }) => toRuntime(pythonText(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)],
  ['format', ({ value, given }) => (isText(value) ? toRuntime(filledIn(value.value, given)) : undefined)],
  ['string', ({ value }) => toRuntime(pythonText(value))],
]);

/** What a filter gives that this file knows; undefined for others. */
export function applyFilter(name: string, call: FilterCall): RuntimeValue | undefined {
  return FILTERS.get(name)?.(call);
}
