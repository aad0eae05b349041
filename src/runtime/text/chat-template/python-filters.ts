import { TEMPLATE_LIMITS } from './limits.ts';
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

/** As many lists as asked for, the first ones longer by one where it does not come out even. */
const sliced: Filter = ({ value, given: [count, fill] }) => {
  if (!count || !isNumber(count) || count.value < 1) return undefined;
  const items = itemsOf(value);
  const size = Math.floor(items.length / count.value);
  const longer = items.length % count.value;
  const slices: RuntimeValue[] = [];
  let start = 0;
  for (let index = 0; index < count.value && index < TEMPLATE_LIMITS.rangeLength; index++) {
    const end = start + size + (index < longer ? 1 : 0);
    slices.push(toList([...items.slice(start, end), ...(fill && index >= longer ? [fill] : [])]));
    start = end;
  }
  return toList(slices);
};

/** Pairs of what items have in common and those items, in its order. */
const grouped: Filter = ({ value, given, named, filter }) => {
  const path = named.get('attribute') ?? given[0];
  if (!isText(path)) return undefined;
  const missing = named.get('default') ?? given[1] ?? NOTHING;
  const keyOf = (item: RuntimeValue) => attributeOf(item, path.value) ?? missing;
  const folded = (key: RuntimeValue) => (isText(key) ? key.value.toLowerCase() : pythonText(key));
  const groups = new Map<string, { readonly key: RuntimeValue; readonly items: RuntimeValue[] }>();
  for (const item of itemsOf(value)) {
    const key = keyOf(item);
    const group = groups.get(folded(key)) ?? { key, items: [] };
    groups.set(folded(key), group);
    group.items.push(item);
  }
  const keys = filter('sort', toList([...groups.values()].map(({ key }) => key)), []);
  return toList(itemsOf(keys).map((key) => toList([key, toList(groups.get(folded(key))!.items)])));
};

const centred: Filter = ({ value, given, named }) => {
  const width = named.get('width') ?? given[0] ?? toRuntime(80);
  const text = pythonText(value);
  const space = isNumber(width) ? Math.min(width.value, TEMPLATE_LIMITS.textLength) - [...text].length : 0;
  if (space <= 0) return toRuntime(text);
  // As Python has it: of an odd rest the left side gets more where the width is odd.
  const left = Math.floor(space / 2) + (space % 2 === 1 && isNumber(width) && width.value % 2 === 1 ? 1 : 0);
  return toRuntime(' '.repeat(left) + text + ' '.repeat(space - left));
};

/** Cut behind the last whole word, unless words may be cut; what is hardly too long stays. */
const truncated: Filter = ({ value, given, named }) => {
  const option = (name: string, index: number, fallback: unknown) =>
    named.get(name) ?? given[index] ?? toRuntime(fallback);
  const [length, cutsWords] = [option('length', 0, 255), option('killwords', 1, false)];
  const [end, leeway] = [option('end', 2, '...'), option('leeway', 3, 5)];
  const characters = [...pythonText(value)];
  if (!isNumber(length) || !isText(end)) return undefined;
  const most = length.value + (isNumber(leeway) ? leeway.value : 5);
  if (characters.length <= most) return toRuntime(characters.join(''));
  const kept = characters.slice(0, Math.max(0, length.value - [...end.value].length)).join('');
  const lastWord = kept.lastIndexOf(' ');
  return toRuntime((isTrue(cutsWords) || lastWord < 0 ? kept : kept.slice(0, lastWord)) + end.value);
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
  ['slice', sliced],
  ['groupby', grouped],
  ['center', centred],
  ['truncate', truncated],
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
