import { utf8Sequences } from './code-points.ts';
import { grammarTooComplex } from './errors.ts';
import type { Expression } from './expression.ts';

/** One state of a deterministic automaton over bytes and calls of rules. */
export interface AutomatonState {
  /** Disjoint, ascending by `low`. */
  readonly edges: readonly { readonly low: number; readonly high: number; readonly target: number }[];
  readonly calls: readonly { readonly rule: string; readonly target: number }[];
  readonly isFinal: boolean;
}

/** State 0 is the first. */
export type Automaton = readonly AutomatonState[];

/** Above this an automaton takes seconds to make and megabytes to hold. */
export const MOST_STATES = 30_000;

export function tooComplex(): Error {
  return grammarTooComplex(`The grammar needs more than ${MOST_STATES} states: shorten its lists, limits or patterns.`);
}

interface NfaState {
  readonly silent: number[];
  readonly edges: { readonly low: number; readonly high: number; readonly target: number }[];
  readonly calls: { readonly rule: string; readonly target: number }[];
}

/** Expression → the smallest deterministic automaton of the same language (calls of rules count as letters). */
export function buildAutomaton(expression: Expression): Automaton {
  if (expression.kind === 'automaton') return expression.automaton;
  const nfa = new Nfa();
  const start = nfa.add();
  const end = nfa.append(expression, start);
  return minimise(determinise(nfa.states, start, end));
}

/** Thompson's construction: a state a step, silent moves between alternatives. */
class Nfa {
  readonly states: NfaState[] = [];

  add(): number {
    if (this.states.length > 20 * MOST_STATES) throw tooComplex();
    this.states.push({ silent: [], edges: [], calls: [] });
    return this.states.length - 1;
  }

  /** Adds what is read from `from` on; returns the state in which it has been read. */
  append(expression: Expression, from: number): number {
    switch (expression.kind) {
      case 'bytes': {
        let state = from;
        for (const byte of expression.bytes) state = this.#edge(state, byte, byte);
        return state;
      }
      case 'characters': {
        const end = this.add();
        for (const ranges of utf8Sequences(expression.set)) {
          let state = from;
          for (const [index, [low, high]] of ranges.entries()) {
            if (index === ranges.length - 1) this.states[state]!.edges.push({ low, high, target: end });
            else state = this.#edge(state, low, high);
          }
        }
        return end;
      }
      case 'sequence':
        return expression.items.reduce((state, item) => this.append(item, state), from);
      case 'choice': {
        const end = this.add();
        for (const item of expression.items) {
          // Each alternative begins in a state of its own: a loop at its start must not leak into the others.
          const start = this.#silent(from);
          this.states[this.append(item, start)]!.silent.push(end);
        }
        return end;
      }
      case 'repeat':
        return this.#repeat(expression.item, expression.minimum, expression.maximum, from);
      case 'rule': {
        const target = this.add();
        this.states[from]!.calls.push({ rule: expression.name, target });
        return target;
      }
      case 'automaton': {
        const base = this.states.length;
        for (const _ of expression.automaton) this.add();
        const end = this.add();
        for (const [index, { edges, calls, isFinal }] of expression.automaton.entries()) {
          const state = this.states[base + index]!;
          for (const { low, high, target } of edges) state.edges.push({ low, high, target: base + target });
          for (const call of calls) state.calls.push({ rule: call.rule, target: base + call.target });
          if (isFinal) state.silent.push(end);
        }
        if (expression.automaton.length > 0) this.states[from]!.silent.push(base);
        return end;
      }
    }
  }

  #repeat(item: Expression, minimum: number, maximum: number, from: number): number {
    let state = from;
    for (let count = 0; count < minimum; count++) state = this.append(item, state);
    if (maximum === Number.POSITIVE_INFINITY) {
      const loop = this.#silent(state);
      this.states[this.append(item, loop)]!.silent.push(loop);
      return this.#silent(loop);
    }
    const end = this.add();
    for (let count = minimum; count < maximum; count++) {
      this.states[state]!.silent.push(end);
      state = this.append(item, state);
    }
    this.states[state]!.silent.push(end);
    return end;
  }

  #edge(from: number, low: number, high: number): number {
    const target = this.add();
    this.states[from]!.edges.push({ low, high, target });
    return target;
  }

  #silent(from: number): number {
    const target = this.add();
    this.states[from]!.silent.push(target);
    return target;
  }
}

/** The subset construction. */
function determinise(nfa: readonly NfaState[], start: number, end: number): Automaton {
  const ids = new Map<string, number>();
  const subsets: (readonly number[])[] = [];
  const idOf = (states: Iterable<number>) => {
    const subset = closure(nfa, states);
    const key = subset.join();
    const known = ids.get(key);
    if (known !== undefined) return known;
    if (subsets.length >= MOST_STATES) throw tooComplex();
    ids.set(key, subsets.length);
    subsets.push(subset);
    return subsets.length - 1;
  };
  idOf([start]);
  const states: AutomatonState[] = [];
  for (let index = 0; index < subsets.length; index++) {
    const subset = subsets[index]!;
    const calls = new Map<string, number[]>();
    for (const state of subset) {
      for (const { rule, target } of nfa[state]!.calls) {
        const targets = calls.get(rule);
        if (targets) targets.push(target);
        else calls.set(rule, [target]);
      }
    }
    states.push({
      edges: splitEdges(subset.flatMap((state) => nfa[state]!.edges)).map(({ low, high, targets }) => ({
        low,
        high,
        target: idOf(targets),
      })),
      calls: [...calls].map(([rule, targets]) => ({ rule, target: idOf(targets) })),
      isFinal: subset.includes(end),
    });
  }
  return states;
}

function closure(nfa: readonly NfaState[], states: Iterable<number>): readonly number[] {
  const found = new Set<number>(states);
  for (const state of found) for (const next of nfa[state]!.silent) found.add(next);
  return [...found].sort((a, b) => a - b);
}

/** Overlapping ranges → disjoint ones, each with all targets it leads to. */
function splitEdges(edges: readonly { readonly low: number; readonly high: number; readonly target: number }[]) {
  if (edges.length === 1) return edges.map(({ low, high, target }) => ({ low, high, targets: [target] }));
  const cuts = new Uint8Array(257);
  for (const { low, high } of edges) {
    cuts[low] = 1;
    cuts[high + 1] = 1;
  }
  const targetsAt: (number[] | undefined)[] = new Array(257);
  const starts: number[] = [];
  for (let byte = 0; byte < 257; byte++) if (cuts[byte]) starts.push(byte);
  for (const { low, high, target } of edges) {
    for (const start of starts) {
      if (start < low) continue;
      if (start > high) break;
      const targets = targetsAt[start];
      if (targets) targets.push(target);
      else targetsAt[start] = [target];
    }
  }
  return starts.flatMap((low, index) => {
    const targets = targetsAt[low];
    return targets ? [{ low, high: (starts[index + 1] ?? 257) - 1, targets }] : [];
  });
}

/**
 * Joins states that no continuation can tell apart. States are sorted into classes by where they lead; whenever some leave
 * their class, the ones that lead to them are looked at again.
 */
export function minimise(automaton: Automaton): Automaton {
  if (automaton.length < 2) return automaton;
  const before: number[][] = automaton.map(() => []);
  for (const [index, { edges, calls }] of automaton.entries()) {
    for (const { target } of edges) if (before[target]!.at(-1) !== index) before[target]!.push(index);
    for (const { target } of calls) if (before[target]!.at(-1) !== index) before[target]!.push(index);
  }
  const classes: number[] = automaton.map(({ isFinal }) => (isFinal ? 1 : 0));
  const members = [new Set<number>(), new Set<number>()];
  for (const [index, id] of classes.entries()) members[id]!.add(index);
  let changed = new Set(automaton.keys());
  while (changed.size > 0) {
    const byClass = groupBy(changed, (index) => classes[index]!);
    const leaving: (readonly number[])[] = [];
    for (const [id, states] of byClass) {
      const block = members[id]!;
      if (block.size === 1) continue;
      const groups = groupBy(states, (index) => signature(automaton[index]!, classes));
      // The states nobody looked at are still alike: one of them speaks for all.
      const silent = states.length < block.size ? firstBut(block, changed) : undefined;
      const staying =
        silent === undefined
          ? [...groups].reduce((largest, group) => (group[1].length > largest[1].length ? group : largest))[0]
          : signature(automaton[silent]!, classes);
      for (const [key, group] of groups) if (key !== staying) leaving.push(group);
    }
    // Only now: all signatures of one round are made of the same classes.
    for (const group of leaving) {
      for (const index of group) {
        members[classes[index]!]!.delete(index);
        classes[index] = members.length;
      }
      members.push(new Set(group));
    }
    changed = new Set(leaving.flatMap((group) => group.flatMap((index) => before[index]!)));
  }
  return joined(automaton, classes);
}

function groupBy<K>(states: Iterable<number>, keyOf: (state: number) => K): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  for (const state of states) {
    const key = keyOf(state);
    const group = groups.get(key);
    if (group) group.push(state);
    else groups.set(key, [state]);
  }
  return groups;
}

function firstBut(block: ReadonlySet<number>, others: ReadonlySet<number>): number | undefined {
  for (const index of block) if (!others.has(index)) return index;
  return undefined;
}

/** One state a class; the class of state 0 is the first. */
function joined(automaton: Automaton, classes: readonly number[]): Automaton {
  const ids = new Map<number, number>();
  for (const id of classes) if (!ids.has(id)) ids.set(id, ids.size);
  const idOf = (state: number) => ids.get(classes[state]!)!;
  const result: AutomatonState[] = [];
  for (const [index, state] of automaton.entries()) {
    const id = idOf(index);
    if (result[id]) continue;
    result[id] = {
      edges: joinEdges(state.edges.map((edge) => ({ ...edge, target: idOf(edge.target) }))),
      calls: state.calls.map((call) => ({ ...call, target: idOf(call.target) })),
      isFinal: state.isFinal,
    };
  }
  return result;
}

function signature({ edges, calls }: AutomatonState, classes: readonly number[]): string {
  let key = '';
  let open: { low: number; high: number; target: number } | undefined;
  for (const { low, high, target } of edges) {
    const to = classes[target]!;
    if (open && open.target === to && open.high + 1 === low) {
      open.high = high;
      continue;
    }
    if (open) key += `${open.low}-${open.high}:${open.target},`;
    open = { low, high, target: to };
  }
  if (open) key += `${open.low}-${open.high}:${open.target}`;
  if (calls.length === 0) return key;
  return `${key};${calls.map(({ rule, target }) => `${rule}>${classes[target]}`).sort()}`;
}

/** Neighbouring ranges with one target become one range. */
function joinEdges(edges: AutomatonState['edges']): AutomatonState['edges'] {
  const joined: { low: number; high: number; target: number }[] = [];
  for (const edge of edges) {
    const last = joined.at(-1);
    if (last && last.target === edge.target && last.high + 1 === edge.low) last.high = edge.high;
    else joined.push({ ...edge });
  }
  return joined;
}
