import type { CompiledGrammar, CompiledRule } from '../../../../protocol/index.ts';
import { type Automaton, buildAutomaton, MOST_STATES, tooComplex } from './automaton.ts';
import { invalidGrammar, unsupportedGrammar } from './errors.ts';
import { type Expression, rule, sizeOf } from './expression.ts';
import { inlineSmallRules } from './inline-rules.ts';
import { withoutDeadEnds } from './languages.ts';

export type Rules = ReadonlyMap<string, Expression>;

/** States above which a bounded repetition is counted while it runs instead of being written out. */
const WRITTEN_OUT = 192;

type Lowered =
  | { readonly kind: 'automaton'; readonly automaton: Automaton }
  | { readonly kind: 'repeat'; readonly rule: string; readonly minimum: number; readonly maximum: number };

/**
 * Rules → pushdown automaton. Rejects rules that call themselves before they read anything, rules that are missing, and a
 * root that no text satisfies.
 */
export function compileRules(rules: Rules, root: string): CompiledGrammar {
  const lowered = new Lowering(inlineSmallRules(rules, root)).lower(root);
  const pruned = prune(lowered, root);
  const names = reachableFrom(root, pruned);
  refuseLeftRecursion(names, pruned);
  const ids = new Map(names.map((name, id) => [name, id]));
  const idOf = (name: string) => ids.get(name) ?? 0;
  return { rules: names.map((name) => compiled(pruned.get(name)!, idOf)) };
}

function compiled(lowered: Lowered, idOf: (name: string) => number): CompiledRule {
  if (lowered.kind === 'repeat') {
    const { minimum, maximum } = lowered;
    return { kind: 'repeat', rule: idOf(lowered.rule), minimum, maximum: Number.isFinite(maximum) ? maximum : -1 };
  }
  return {
    kind: 'automaton',
    states: lowered.automaton.map(({ edges, calls, isFinal }) => ({
      edges: flat(edges),
      calls: calls.flatMap((call) => [idOf(call.rule), call.target]),
      isFinal,
    })),
  };
}

function flat(edges: Automaton[number]['edges']): readonly number[] {
  const numbers: number[] = [];
  for (const { low, high, target } of edges) numbers.push(low, high, target);
  return numbers;
}

/** Builds the automaton of every rule that is used; long counted repetitions become rules of their own. */
class Lowering {
  readonly #rules: Rules;
  readonly #nullable: ReadonlySet<string>;
  readonly #result = new Map<string, Lowered>();
  readonly #waiting: string[] = [];
  #states = 0;
  #helpers = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#nullable = nullableRules(rules);
  }

  lower(root: string): Map<string, Lowered> {
    this.#waiting.push(root);
    for (let name = this.#waiting.pop(); name !== undefined; name = this.#waiting.pop()) {
      if (this.#result.has(name)) continue;
      const expression = this.#rules.get(name);
      if (expression === undefined) {
        throw invalidGrammar(`The rule "${shown(name)}" is used but not defined.`, { rule: shown(name) });
      }
      this.#build(name, expression);
    }
    return this.#result;
  }

  #build(name: string, expression: Expression): void {
    const automaton = buildAutomaton(this.#withoutLongRepeats(expression));
    this.#states += automaton.length;
    if (this.#states > MOST_STATES) throw tooComplex();
    this.#result.set(name, { kind: 'automaton', automaton });
    for (const { calls } of automaton) for (const call of calls) this.#waiting.push(call.rule);
  }

  #withoutLongRepeats(expression: Expression): Expression {
    switch (expression.kind) {
      case 'sequence':
      case 'choice':
        return { kind: expression.kind, items: expression.items.map((item) => this.#withoutLongRepeats(item)) };
      case 'repeat': {
        const { item, minimum, maximum } = expression;
        const body = this.#withoutLongRepeats(item);
        if (sizeOf({ ...expression, item: body }) <= WRITTEN_OUT) return { ...expression, item: body };
        const isNullable = isExpressionNullable(item, this.#nullable);
        if (minimum === 0 && maximum === Number.POSITIVE_INFINITY) return { ...expression, item: body };
        const bodyName = `repeated ${++this.#helpers}`;
        const name = `repeat ${this.#helpers}`;
        this.#build(bodyName, body);
        this.#result.set(name, { kind: 'repeat', rule: bodyName, minimum: isNullable ? 0 : minimum, maximum });
        return rule(name);
      }
      default:
        return expression;
    }
  }
}

/** The name its author gave a rule: several grammars in one answer have their names told apart by what stands before the colon. */
function shown(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Rules that the empty text satisfies. */
function nullableRules(rules: Rules): ReadonlySet<string> {
  const nullable = new Set<string>();
  for (let size = -1; size !== nullable.size; ) {
    size = nullable.size;
    for (const [name, expression] of rules) if (isExpressionNullable(expression, nullable)) nullable.add(name);
  }
  return nullable;
}

function isExpressionNullable(expression: Expression, nullable: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'bytes':
      return expression.bytes.length === 0;
    case 'characters':
      return false;
    case 'sequence':
      return expression.items.every((item) => isExpressionNullable(item, nullable));
    case 'choice':
      return expression.items.some((item) => isExpressionNullable(item, nullable));
    case 'repeat':
      return expression.minimum === 0 || isExpressionNullable(expression.item, nullable);
    case 'rule':
      return nullable.has(expression.name);
    case 'automaton':
      return expression.automaton[0]?.isFinal ?? false;
  }
}

/** Drops whatever cannot lead to a finished text, so that no answer ever runs into a dead end. */
function prune(rules: ReadonlyMap<string, Lowered>, root: string): Map<string, Lowered> {
  const possible = new Set<string>();
  const isPossible = (lowered: Lowered) =>
    lowered.kind === 'repeat'
      ? lowered.minimum === 0 || possible.has(lowered.rule)
      : hasEnd(lowered.automaton, possible);
  for (let size = -1; size !== possible.size; ) {
    size = possible.size;
    // Rules were found caller first: the other way round most are settled in one pass.
    for (const [name, lowered] of [...rules].reverse()) {
      if (!possible.has(name) && isPossible(lowered)) possible.add(name);
    }
  }
  if (!possible.has(root))
    throw invalidGrammar('No text satisfies this grammar: its conditions contradict each other.');
  const result = new Map<string, Lowered>();
  for (const [name, lowered] of rules) {
    if (!possible.has(name)) continue;
    if (lowered.kind === 'automaton') {
      const automaton = withoutDeadEnds(lowered.automaton, (called) => possible.has(called));
      result.set(name, { kind: 'automaton', automaton });
    } else if (possible.has(lowered.rule)) result.set(name, lowered);
    else result.set(name, { kind: 'automaton', automaton: [{ edges: [], calls: [], isFinal: true }] });
  }
  return result;
}

/** Whether an automaton has an end that these rules lead to. */
function hasEnd(automaton: Automaton, possible: ReadonlySet<string>): boolean {
  const reached = new Set(automaton.length > 0 ? [0] : []);
  for (const index of reached) {
    const { edges, calls, isFinal } = automaton[index]!;
    if (isFinal) return true;
    for (const { target } of edges) reached.add(target);
    for (const { rule: called, target } of calls) if (possible.has(called)) reached.add(target);
  }
  return false;
}

function reachableFrom(root: string, rules: ReadonlyMap<string, Lowered>): string[] {
  const names = new Set([root]);
  for (const name of names) for (const called of calledBy(rules.get(name))) names.add(called);
  return [...names];
}

function calledBy(lowered: Lowered | undefined): readonly string[] {
  if (lowered === undefined) return [];
  if (lowered.kind === 'repeat') return [lowered.rule];
  return lowered.automaton.flatMap(({ calls }) => calls.map((call) => call.rule));
}

/** A rule that calls itself before it has read a byte would be entered for ever. */
function refuseLeftRecursion(names: readonly string[], rules: ReadonlyMap<string, Lowered>): void {
  const nullable = new Set<string>();
  const first = new Map<string, readonly string[]>();
  for (let size = -1; size !== nullable.size; ) {
    size = nullable.size;
    for (const name of names) {
      const { isNullable, calls } = firstCalls(rules.get(name)!, nullable);
      if (isNullable) nullable.add(name);
      first.set(name, calls);
    }
  }
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string): void => {
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open') {
      throw unsupportedGrammar(`The rule "${shown(name)}" calls itself before it reads anything (left recursion).`, {
        rule: shown(name),
      });
    }
    state.set(name, 'open');
    for (const called of first.get(name) ?? []) visit(called);
    state.set(name, 'done');
  };
  for (const name of names) visit(name);
}

/** What a rule may call before it reads a byte. */
function firstCalls(lowered: Lowered, nullable: ReadonlySet<string>) {
  if (lowered.kind === 'repeat') {
    return { isNullable: lowered.minimum === 0 || nullable.has(lowered.rule), calls: [lowered.rule] };
  }
  const reached = new Set([0]);
  const calls = new Set<string>();
  let isNullable = false;
  for (const index of reached) {
    const state = lowered.automaton[index]!;
    isNullable ||= state.isFinal;
    for (const call of state.calls) {
      calls.add(call.rule);
      if (nullable.has(call.rule)) reached.add(call.target);
    }
  }
  return { isNullable, calls: [...calls] };
}
