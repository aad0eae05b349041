/** A small seeded generator (mulberry32): shuffles must be the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A shuffled copy. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
  }
  return copy;
}

/** The fold of each row: every class is spread evenly over the folds. */
export function stratifiedFolds(targets: readonly number[], folds: number, seed: number): number[] {
  const random = seededRandom(seed);
  const result = new Array<number>(targets.length).fill(0);
  let next = 0;
  for (const label of [...new Set(targets)].sort((a, b) => a - b)) {
    const own = targets.flatMap((target, index) => (target === label ? [index] : []));
    for (const index of shuffled(own, random)) result[index] = next++ % folds;
  }
  return result;
}
