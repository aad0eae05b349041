import { type Expression, sizeOf } from './expression.ts';

/** Rules up to this size are read in place: a call costs more than the copy. */
const LARGEST_INLINED = 24;

/** Puts small rules that call nothing in the place of their calls, so that alternatives that begin alike become one path. */
export function inlineSmallRules(
  rules: ReadonlyMap<string, Expression>,
  root: string,
): ReadonlyMap<string, Expression> {
  const result = new Map(rules);
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    const small = new Map([...result].filter(([name, body]) => name !== root && isSmall(body)));
    for (const [name, body] of result) {
      if (!calls(body, small)) continue;
      result.set(name, inlined(body, small));
      hasChanged = true;
    }
  }
  return result;
}

function isSmall(expression: Expression): boolean {
  return sizeOf(expression) <= LARGEST_INLINED && !calls(expression, undefined);
}

/** Whether the expression calls one of these rules, or any rule at all. */
function calls(expression: Expression, rules: ReadonlyMap<string, Expression> | undefined): boolean {
  switch (expression.kind) {
    case 'rule':
      return rules?.has(expression.name) ?? true;
    case 'sequence':
    case 'choice':
      return expression.items.some((item) => calls(item, rules));
    case 'repeat':
      return calls(expression.item, rules);
    default:
      return false;
  }
}

function inlined(expression: Expression, rules: ReadonlyMap<string, Expression>): Expression {
  switch (expression.kind) {
    case 'rule':
      return rules.get(expression.name) ?? expression;
    case 'sequence':
    case 'choice':
      return { kind: expression.kind, items: expression.items.map((item) => inlined(item, rules)) };
    case 'repeat':
      return { ...expression, item: inlined(expression.item, rules) };
    default:
      return expression;
  }
}
