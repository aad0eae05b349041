import { type Automaton, type AutomatonState, buildAutomaton, MOST_STATES, minimise, tooComplex } from './automaton.ts';
import type { Expression } from './expression.ts';

/** Sums over languages without calls of rules: what patterns, lengths and formats have in common, or have not. */

/** Texts that both languages have. */
export function intersect(a: Automaton, b: Automaton): Automaton {
  return product(a, b, (left, right) => left && right, false);
}

/** Texts of `a` that `b` has not. */
export function subtract(a: Automaton, b: Automaton): Automaton {
  return product(a, b, (left, right) => left && !right, true);
}

export function isEmpty(automaton: Automaton): boolean {
  return !automaton.some(({ isFinal }) => isFinal);
}

export function accepts(automaton: Automaton, bytes: Uint8Array): boolean {
  let state = automaton[0];
  for (const byte of bytes) {
    const edge = state?.edges.find(({ low, high }) => byte >= low && byte <= high);
    state = edge && automaton[edge.target];
  }
  return state?.isFinal ?? false;
}

/** The language of an expression that calls no rule. */
export function languageOf(expression: Expression): Automaton {
  return expression.kind === 'automaton' ? expression.automaton : buildAutomaton(expression);
}

/** Larger ones are products with a count, whose states differ anyway: looking for equal ones would take longest of all. */
const MOST_MINIMISED = 1_500;

/** Of `b` there is no state any more. */
const GONE = -1;

function product(
  a: Automaton,
  b: Automaton,
  isFinal: (left: boolean, right: boolean) => boolean,
  mayLeaveSecond: boolean,
): Automaton {
  const ids = new Map<number, number>();
  const pairs: (readonly [number, number])[] = [];
  const idOf = (left: number, right: number) => {
    const key = left * (b.length + 1) + right + 1;
    const known = ids.get(key);
    if (known !== undefined) return known;
    if (pairs.length >= MOST_STATES) throw tooComplex();
    ids.set(key, pairs.length);
    pairs.push([left, right]);
    return pairs.length - 1;
  };
  if (a.length === 0) return [];
  idOf(0, b.length === 0 ? GONE : 0);
  const states: AutomatonState[] = [];
  for (let index = 0; index < pairs.length; index++) {
    const [left, right] = pairs[index]!;
    const first = a[left]!;
    const second = right === GONE ? undefined : b[right];
    const edges: { low: number; high: number; target: number }[] = [];
    for (const { low, high, target } of first.edges) {
      let next = low;
      for (const other of second?.edges ?? []) {
        if (other.high < next) continue;
        if (other.low > high) break;
        if (other.low > next && mayLeaveSecond) {
          edges.push({ low: next, high: other.low - 1, target: idOf(target, GONE) });
        }
        const start = Math.max(next, other.low);
        const end = Math.min(high, other.high);
        edges.push({ low: start, high: end, target: idOf(target, other.target) });
        next = end + 1;
      }
      if (next <= high && mayLeaveSecond) edges.push({ low: next, high, target: idOf(target, GONE) });
    }
    states.push({ edges, calls: [], isFinal: isFinal(first.isFinal, second?.isFinal ?? false) });
  }
  const alive = withoutDeadEnds(states);
  return alive.length > MOST_MINIMISED ? alive : minimise(alive);
}

/** Drops states from which the end cannot be reached; an empty language becomes an empty automaton. */
export function withoutDeadEnds(automaton: Automaton, isPossible: (rule: string) => boolean = () => true): Automaton {
  const before: number[][] = automaton.map(() => []);
  for (const [index, { edges, calls }] of automaton.entries()) {
    for (const { target } of edges) before[target]!.push(index);
    for (const { rule, target } of calls) if (isPossible(rule)) before[target]!.push(index);
  }
  const alive = new Set<number>();
  for (const [index, { isFinal }] of automaton.entries()) if (isFinal) alive.add(index);
  for (const state of alive) for (const previous of before[state]!) alive.add(previous);
  if (!alive.has(0)) return [];
  const reachable = [0];
  const ids = new Map([[0, 0]]);
  for (const state of reachable) {
    const { edges, calls } = automaton[state]!;
    for (const { target } of [...edges, ...calls.filter(({ rule }) => isPossible(rule))]) {
      if (!alive.has(target) || ids.has(target)) continue;
      ids.set(target, reachable.length);
      reachable.push(target);
    }
  }
  return reachable.map((index) => {
    const { edges, calls, isFinal } = automaton[index]!;
    return {
      edges: edges.flatMap(({ target, ...range }) => {
        const id = ids.get(target);
        return id === undefined || !alive.has(target) ? [] : [{ ...range, target: id }];
      }),
      calls: calls.flatMap(({ rule, target }) => {
        const id = ids.get(target);
        return id === undefined || !alive.has(target) || !isPossible(rule) ? [] : [{ rule, target: id }];
      }),
      isFinal,
    };
  });
}
