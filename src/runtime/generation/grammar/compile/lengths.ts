import type { CodePoints } from './code-points.ts';
import { type Expression, repeat } from './expression.ts';

/** How many characters the texts of an expression have; undefined where it is not made of characters alone. */
export function lengthsOf(expression: Expression): { readonly least: number; readonly most: number } | undefined {
  switch (expression.kind) {
    case 'characters':
      return { least: 1, most: 1 };
    case 'sequence': {
      let [least, most] = [0, 0];
      for (const item of expression.items) {
        const lengths = lengthsOf(item);
        if (lengths === undefined) return undefined;
        least += lengths.least;
        most += lengths.most;
      }
      return { least, most };
    }
    case 'choice': {
      let [least, most] = [Number.POSITIVE_INFINITY, 0];
      for (const item of expression.items) {
        const lengths = lengthsOf(item);
        if (lengths === undefined) return undefined;
        least = Math.min(least, lengths.least);
        most = Math.max(most, lengths.most);
      }
      return { least, most };
    }
    case 'repeat': {
      const lengths = lengthsOf(expression.item);
      if (lengths === undefined) return undefined;
      const { minimum, maximum } = expression;
      return { least: lengths.least * minimum, most: lengths.most === 0 ? 0 : lengths.most * maximum };
    }
    default:
      return undefined;
  }
}

/** The expression with a length between these, where it is nothing but one kind of characters again and again. */
export function withLength(expression: Expression, minimum: number, maximum: number): Expression | undefined {
  const set = new Set<CodePoints>();
  if (!isOneKind(expression, set) || set.size !== 1) return undefined;
  const lengths = lengthsOf(expression);
  const [points] = set;
  if (lengths === undefined || points === undefined) return undefined;
  const least = Math.max(minimum, lengths.least);
  const most = Math.min(maximum, lengths.most);
  return least > most ? { kind: 'choice', items: [] } : repeat({ kind: 'characters', set: points }, least, most);
}

/** Whether an expression is a sequence of characters of one set, which any number between its least and its most satisfies. */
function isOneKind(expression: Expression, sets: Set<CodePoints>): boolean {
  switch (expression.kind) {
    case 'characters':
      sets.add(expression.set);
      return true;
    case 'sequence':
      return expression.items.every((item) => isOneKind(item, sets));
    case 'choice': {
      const [only, ...others] = expression.items;
      return only !== undefined && others.length === 0 && isOneKind(only, sets);
    }
    case 'repeat':
      if (expression.item.kind === 'characters') sets.add(expression.item.set);
      // (aa)+ has no texts of an odd length.
      return expression.item.kind === 'characters';
    default:
      return false;
  }
}
