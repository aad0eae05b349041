/** Keeps one list from deciding alone (source: Cormack, Clarke and Büttcher, SIGIR 2009). */
const RANK_CONSTANT = 60;

/** Reciprocal rank fusion: several rankings → one, best first. What several lists name rises. */
export function fuseRanks(rankings: readonly (readonly number[])[]): readonly number[] {
  const scores = new Map<number, number>();
  for (const ranking of rankings) {
    ranking.forEach((id, rank) => {
      scores.set(id, (scores.get(id) ?? 0) + 1 / (RANK_CONSTANT + rank + 1));
    });
  }
  return [...scores.entries()].sort((a, b) => b[1] - a[1]).map(([id]) => id);
}
