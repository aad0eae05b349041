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
  const alive = statesWithAnEnd(automaton, isPossible);
  if (alive[0] !== 1) return [];
  const ids = new Int32Array(automaton.length).fill(-1);
  ids[0] = 0;
  const reachable = [0];
  let hasCalls = false;
  const reach = (target: number) => {
    if (alive[target] !== 1 || ids[target] !== -1) return;
    ids[target] = reachable.length;
    reachable.push(target);
  };
  for (const state of reachable) {
    const { edges, calls } = automaton[state]!;
    hasCalls ||= calls.length > 0;
    for (const { target } of edges) reach(target);
    for (const { rule, target } of calls) if (isPossible(rule)) reach(target);
  }
  // Nothing to drop: most automatons, and the largest above all, come here twice.
  if (reachable.length === automaton.length && !hasCalls && reachable.every((state, id) => state === id)) {
    return automaton;
  }
  return reachable.map((index) => {
    const { edges, calls, isFinal } = automaton[index]!;
    const kept: { low: number; high: number; target: number }[] = [];
    for (const { low, high, target } of edges) {
      if (alive[target] === 1) kept.push({ low, high, target: ids[target]! });
    }
    return {
      edges: kept,
      calls: calls.flatMap(({ rule, target }) =>
        alive[target] === 1 && isPossible(rule) ? [{ rule, target: ids[target]! }] : [],
      ),
      isFinal,
    };
  });
}

/** 1 for each state from which the end can be reached. */
function statesWithAnEnd(automaton: Automaton, isPossible: (rule: string) => boolean): Uint8Array {
  const count = automaton.length;
  // Who leads where, as lists one after the other: large automatons have too many edges for an object each.
  const starts = new Int32Array(count + 1);
  const each = (visit: (from: number, to: number) => void) => {
    for (let from = 0; from < count; from++) {
      const { edges, calls } = automaton[from]!;
      for (const { target } of edges) visit(from, target);
      for (const { rule, target } of calls) if (isPossible(rule)) visit(from, target);
    }
  };
  each((_, to) => {
    starts[to + 1]! += 1;
  });
  for (let state = 0; state < count; state++) starts[state + 1]! += starts[state]!;
  const before = new Int32Array(starts[count]!);
  const next = starts.slice();
  each((from, to) => {
    before[next[to]!] = from;
    next[to]! += 1;
  });
  const alive = new Uint8Array(count);
  const waiting: number[] = [];
  const add = (state: number) => {
    if (alive[state] === 1) return;
    alive[state] = 1;
    waiting.push(state);
  };
  for (let state = 0; state < count; state++) if (automaton[state]!.isFinal) add(state);
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    for (let index = starts[state]!; index < starts[state + 1]!; index++) add(before[index]!);
  }
  return alive;
}
