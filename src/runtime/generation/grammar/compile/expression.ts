import type { Automaton } from './automaton.ts';
import type { CodePoints } from './code-points.ts';

/** What a piece of an answer may be: the form that every notation is translated to. */
export type Expression =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** One character of a set, as UTF-8. */
  | { readonly kind: 'characters'; readonly set: CodePoints }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  /** Without items: nothing at all matches. */
  | { readonly kind: 'choice'; readonly items: readonly Expression[] }
  /** `maximum` may be infinite. */
  | { readonly kind: 'repeat'; readonly item: Expression; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'rule'; readonly name: string }
  /** A language that was computed, without calls of rules. */
  | { readonly kind: 'automaton'; readonly automaton: Automaton };

const encoder = new TextEncoder();

export const EMPTY: Expression = { kind: 'sequence', items: [] };
export const NOTHING: Expression = { kind: 'choice', items: [] };

export function literal(text: string): Expression {
  return { kind: 'bytes', bytes: encoder.encode(text) };
}

export function characters(set: CodePoints): Expression {
  return { kind: 'characters', set };
}

export function sequence(...items: readonly Expression[]): Expression {
  return items.length === 1 && items[0] ? items[0] : { kind: 'sequence', items };
}

export function choice(items: readonly Expression[]): Expression {
  return items.length === 1 && items[0] ? items[0] : { kind: 'choice', items };
}

export function repeat(item: Expression, minimum: number, maximum = Number.POSITIVE_INFINITY): Expression {
  return { kind: 'repeat', item, minimum, maximum };
}

export function optional(item: Expression): Expression {
  return choice([item, EMPTY]);
}

export function rule(name: string): Expression {
  return { kind: 'rule', name };
}

/** Replaces every set of characters; the shape stays. */
export function mapCharacters(expression: Expression, change: (set: CodePoints) => Expression): Expression {
  switch (expression.kind) {
    case 'characters':
      return change(expression.set);
    case 'sequence':
    case 'choice':
      return { kind: expression.kind, items: expression.items.map((item) => mapCharacters(item, change)) };
    case 'repeat':
      return { ...expression, item: mapCharacters(expression.item, change) };
    default:
      return expression;
  }
}

/** How many states an expression takes, about, when its repetitions are written out. Infinite where they have no end. */
export function sizeOf(expression: Expression): number {
  switch (expression.kind) {
    case 'bytes':
      return expression.bytes.length;
    case 'characters':
      return expression.set.length > 2 ? 4 + expression.set.length : 2;
    case 'sequence':
    case 'choice':
      return expression.items.reduce((size, item) => size + sizeOf(item), 1);
    case 'repeat': {
      const { item, minimum, maximum } = expression;
      return sizeOf(item) * Math.max(1, minimum, Number.isFinite(maximum) ? maximum : 0);
    }
    case 'rule':
      return 1;
    case 'automaton':
      return expression.automaton.length;
  }
}
