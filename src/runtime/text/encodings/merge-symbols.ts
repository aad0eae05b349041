import { MinHeap } from './min-heap.ts';

/**
 * How soon two neighbouring pieces of `text` join: `[start, middle)` and `[middle, end)`. The lowest joins first, of equals
 * the leftmost; undefined: never.
 */
export type MergeRank = (text: string, start: number, middle: number, end: number) => number | undefined;

/**
 * Joins neighbouring characters of a text, best pair first, until no pair joins. Returns the pieces in order.
 * Costs n log n in the length of the text.
 */
export function mergeSymbols(text: string, rankOf: MergeRank): string[] {
  const starts = characterStarts(text);
  const count = starts.length;
  if (count < 2) return count === 0 ? [] : [text];
  // A symbol is [starts[i], ends[i]); one that was joined to its left neighbour is empty.
  const ends = starts.map((_, index) => starts[index + 1] ?? text.length);
  const next = starts.map((_, index) => index + 1);
  const previous = starts.map((_, index) => index - 1);
  const queue = new MinHeap();
  const consider = (left: number, right: number) => {
    if (left < 0 || right >= count) return;
    const start = starts[left] ?? 0;
    const end = ends[right] ?? 0;
    const rank = rankOf(text, start, starts[right] ?? 0, end);
    if (rank !== undefined) queue.push(rank, left, end);
  };
  for (let index = 1; index < count; index++) consider(index - 1, index);

  for (let best = queue.pop(); best; best = queue.pop()) {
    const { left, end } = best;
    const right = next[left] ?? count;
    // Stale: one of the two has been joined to something else since.
    if (right >= count || ends[left] === starts[left] || ends[right] !== end || starts[right] !== ends[left]) continue;
    ends[left] = end;
    ends[right] = starts[right] ?? 0;
    const after = next[right] ?? count;
    next[left] = after;
    if (after < count) previous[after] = left;
    consider(previous[left] ?? -1, left);
    consider(left, after);
  }

  const pieces: string[] = [];
  for (let index = 0; index < count; index = next[index] ?? count) pieces.push(text.slice(starts[index], ends[index]));
  return pieces;
}

function characterStarts(text: string): number[] {
  const starts: number[] = [];
  for (let index = 0; index < text.length; index++) {
    starts.push(index);
    if ((text.codePointAt(index) ?? 0) > 0xffff) index += 1;
  }
  return starts;
}
