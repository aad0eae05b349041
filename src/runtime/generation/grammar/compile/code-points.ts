/** A set of code points: ascending, disjoint ranges, both ends included. */
export type CodePoints = readonly (readonly [low: number, high: number])[];

const LAST = 0x10_ffff;

/** Every character there is. Halves of surrogate pairs are no characters: UTF-8 cannot write them. */
export const ANY: CodePoints = [
  [0, 0xd7ff],
  [0xe000, LAST],
];

/** Ranges in any order → a set; surrogates are left out. */
export function codePoints(ranges: Iterable<readonly [number, number]>): CodePoints {
  const sorted = [...ranges].filter(([low, high]) => low <= high).sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [low, high] of sorted) {
    const last = merged.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return intersection(merged, ANY);
}

export function intersection(a: CodePoints, b: CodePoints): CodePoints {
  const result: [number, number][] = [];
  for (const [low, high] of a) {
    for (const [otherLow, otherHigh] of b) {
      if (otherLow > high) break;
      if (otherHigh >= low) result.push([Math.max(low, otherLow), Math.min(high, otherHigh)]);
    }
  }
  return result;
}

export function complement(set: CodePoints): CodePoints {
  const result: [number, number][] = [];
  let next = 0;
  for (const [low, high] of set) {
    if (low > next) result.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= LAST) result.push([next, LAST]);
  return intersection(result, ANY);
}

export function difference(a: CodePoints, b: CodePoints): CodePoints {
  return intersection(a, complement(b));
}

export function includes(set: CodePoints, point: number): boolean {
  return set.some(([low, high]) => point >= low && point <= high);
}

/** Adds what differs from a member only by case, one character for one. */
export function withBothCases(set: CodePoints): CodePoints {
  const ranges: [number, number][] = set.map(([low, high]) => [low, high]);
  for (const [low, high] of set) {
    // Beyond this no script has case but a few historical ones.
    for (let point = low; point <= Math.min(high, 0x2fff); point++) {
      const text = String.fromCodePoint(point);
      for (const other of [text.toLowerCase(), text.toUpperCase()]) {
        const [first = point] = [...other].map((character) => character.codePointAt(0) ?? point);
        if ([...other].length === 1 && first !== point) ranges.push([first, first]);
      }
    }
  }
  return codePoints(ranges);
}

/** Ranges of bytes, one after the other. */
type ByteRanges = readonly (readonly [low: number, high: number])[];

const LENGTH_ENDS = [0x7f, 0x7ff, 0xffff, LAST];

/** The UTF-8 of a set as sequences of byte ranges (the method of Russ Cox's RE2: cut where a range is no rectangle of bytes). */
export function* utf8Sequences(set: CodePoints): Generator<ByteRanges> {
  for (const [low, high] of set) {
    let start = low;
    for (const end of LENGTH_ENDS) {
      if (start > high) break;
      if (start > end) continue;
      yield* rectangles(start, Math.min(high, end));
      start = end + 1;
    }
  }
}

function* rectangles(low: number, high: number): Generator<ByteRanges> {
  if (high <= 0x7f) {
    yield [[low, high]];
    return;
  }
  for (let bits = 6; bits <= 18; bits += 6) {
    const mask = (1 << bits) - 1;
    if ((low & ~mask) === (high & ~mask)) break;
    if ((low & mask) !== 0) {
      yield* rectangles(low, low | mask);
      yield* rectangles((low | mask) + 1, high);
      return;
    }
    if ((high & mask) !== mask) {
      yield* rectangles(low, (high & ~mask) - 1);
      yield* rectangles(high & ~mask, high);
      return;
    }
  }
  const [first, last] = [utf8(low), utf8(high)];
  yield first.map((byte, index) => [byte, last[index] ?? byte] as const);
}

function utf8(point: number): readonly number[] {
  if (point <= 0x7f) return [point];
  const tail = (shift: number) => 0x80 | ((point >> shift) & 0x3f);
  if (point <= 0x7ff) return [0xc0 | (point >> 6), tail(0)];
  if (point <= 0xffff) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}
