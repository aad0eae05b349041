import type { Pushdown, State } from '../match/pushdown.ts';

/** The fewest bytes with which a text can end from here. */
export function shortestEnd(pushdown: Pushdown, from: State): readonly number[] {
  const ways = new Map<State, { readonly before: State; readonly byte: number } | undefined>([[from, undefined]]);
  for (const state of ways.keys()) {
    if (state.isAccepting) return wayTo(state, ways);
    for (const { position } of pushdown.readers(state)) {
      for (let index = 0; index < position.edges.length; index += 3) {
        const byte = position.edges[index]!;
        const next = pushdown.step(state, byte);
        if (next && !ways.has(next)) ways.set(next, { before: state, byte });
      }
    }
  }
  throw new Error('a state from which no text ends');
}

function wayTo(
  end: State,
  ways: ReadonlyMap<State, { readonly before: State; readonly byte: number } | undefined>,
): readonly number[] {
  const bytes: number[] = [];
  for (let way = ways.get(end); way !== undefined; way = ways.get(way.before)) bytes.unshift(way.byte);
  return bytes;
}
