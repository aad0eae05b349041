/** A pair that may be joined. */
export interface Candidate {
  readonly rank: number;
  /** Index of the left symbol. */
  readonly left: number;
  /** Where the joined symbol would end. */
  readonly end: number;
}

/** A queue of pairs: lowest rank first, of equals the leftmost. */
export class MinHeap {
  readonly #items: Candidate[] = [];

  push(rank: number, left: number, end: number): void {
    const items = this.#items;
    const item = { rank, left, end };
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent];
      if (above === undefined || !isBefore(item, above)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  pop(): Candidate | undefined {
    const items = this.#items;
    const top = items[0];
    const item = items.pop();
    if (top === undefined || item === undefined || items.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = items[child];
      const other = items[child + 1];
      if (below === undefined) break;
      if (other !== undefined && isBefore(other, below)) {
        child += 1;
        below = other;
      }
      if (!isBefore(below, item)) break;
      items[index] = below;
      index = child;
    }
    items[index] = item;
    return top;
  }
}

function isBefore(a: Candidate, b: Candidate): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.left < b.left);
}
