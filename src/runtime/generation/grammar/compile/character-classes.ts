import { ANY, type CodePoints, codePoints, complement } from './code-points.ts';

/** The classes of ECMAScript's regular expressions. */
export const DIGITS = codePoints([[0x30, 0x39]]);
export const WORD = codePoints([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);
export const SPACE = codePoints(
  [
    [0x09, 0x0d],
    [0x20, 0x20],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
    [0x2028, 0x2029],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
  ].map(([low = 0, high = 0]) => [low, high] as const),
);
const LINE_ENDS = codePoints([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]);
/** What `.` matches. */
export const NOT_LINE_END = complement(LINE_ENDS);

/** The set that `\d`, `\W` and their like stand for, or undefined for other letters. */
export function classByLetter(letter: string): CodePoints | undefined {
  const set = { d: DIGITS, w: WORD, s: SPACE }[letter.toLowerCase()];
  return set && (letter === letter.toLowerCase() ? set : complement(set));
}

const properties = new Map<string, CodePoints>();

/** The set of a Unicode property ("L", "Script=Greek"), asked from the engine's own tables; undefined where it knows none. */
export function propertySet(name: string): CodePoints | undefined {
  const known = properties.get(name);
  if (known) return known;
  let expression: RegExp;
  try {
    expression = new RegExp(`\\p{${name}}+`, 'gu');
  } catch {
    return undefined;
  }
  const ranges: [number, number][] = [];
  for (const [from, to, text] of blocks()) {
    for (const { 0: run, index } of text.matchAll(expression)) {
      // All characters of a block take one unit, or two.
      const width = text.length / (to - from + 1);
      const low = from + index / width;
      const high = low + run.length / width - 1;
      const last = ranges.at(-1);
      if (last && last[1] === low - 1) last[1] = high;
      else ranges.push([low, high]);
    }
  }
  properties.set(name, ranges);
  return ranges;
}

/** All characters in their order, those of one unit and those of two: a search is far faster than a test of each. */
const blocks = (): readonly (readonly [low: number, high: number, text: string])[] => {
  allCharacters ??= ANY.flatMap(([low, high]) => [
    ...(low < ASTRAL ? [[low, Math.min(high, ASTRAL - 1)] as const] : []),
    ...(high >= ASTRAL ? [[Math.max(low, ASTRAL), high] as const] : []),
  ]).map(([low, high]) => [low, high, textOf(low, high)] as const);
  return allCharacters;
};

const ASTRAL = 0x1_0000;
let allCharacters: ReturnType<typeof blocks> | undefined;

function textOf(low: number, high: number): string {
  const width = low < ASTRAL ? 1 : 2;
  const units = new Uint16Array((high - low + 1) * width);
  for (let point = low, unit = 0; point <= high; point++) {
    if (width === 2) units[unit++] = 0xd800 + ((point - ASTRAL) >> 10);
    units[unit++] = width === 1 ? point : 0xdc00 + ((point - ASTRAL) & 0x3ff);
  }
  return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(units);
}
