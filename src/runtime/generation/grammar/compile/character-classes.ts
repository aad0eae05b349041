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
    expression = new RegExp(`^\\p{${name}}$`, 'u');
  } catch {
    return undefined;
  }
  const ranges: [number, number][] = [];
  for (const [low, high] of ANY) {
    for (let point = low; point <= high; point++) {
      if (!expression.test(String.fromCodePoint(point))) continue;
      const last = ranges.at(-1);
      if (last && last[1] === point - 1) last[1] = point;
      else ranges.push([point, point]);
    }
  }
  properties.set(name, ranges);
  return ranges;
}
