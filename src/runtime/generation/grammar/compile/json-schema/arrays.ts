import { choice, EMPTY, type Expression, literal, NOTHING, repeat, sequence } from '../expression.ts';
import { COMMA } from './json-text.ts';
import { keyword, list, unsupported } from './keywords.ts';
import { type Place, placeAt, type Shape } from './shape.ts';

/** The schemas of the item at an index, or undefined where there must be none. */
export function itemAt({ arrays }: Pick<Shape, 'arrays'>, index: number): readonly Place[] | undefined {
  const places: Place[] = [];
  for (const { schema, path } of arrays) {
    const first = list(schema, 'prefixItems', path) ?? [];
    const rest = keyword(schema, 'items');
    if (index < first.length) places.push(placeAt(first[index], `${path}/prefixItems/${index}`));
    else if (rest !== undefined) places.push(placeAt(rest, `${path}/items`));
    // As with properties: who lists the first items and says nothing of more wants no more.
    else if (first.length > 0) return undefined;
  }
  return places.some(({ schema }) => schema === false) ? undefined : places;
}

/** How many items stand on a place of their own. */
export function prefixLength({ arrays }: Pick<Shape, 'arrays'>): number {
  return Math.max(0, ...arrays.map(({ schema, path }) => list(schema, 'prefixItems', path)?.length ?? 0));
}

/** The JSON arrays of a shape. */
export function arrayExpression(shape: Shape, value: (places: readonly Place[]) => Expression): Expression {
  const { minItems } = shape;
  for (const { schema, path } of shape.arrays) {
    if (keyword(schema, 'uniqueItems') === true && shape.maxItems > 1) throw unsupported('uniqueItems', path);
  }
  const first = prefixLength(shape);
  const more = itemAt(shape, first);
  const open = [...Array(first).keys()].findIndex((index) => itemAt(shape, index) === undefined);
  const most = Math.min(shape.maxItems, open >= 0 ? open : more === undefined ? first : Number.POSITIVE_INFINITY);
  if (minItems > most) return NOTHING;
  const comma = (index: number) => (index > 0 ? COMMA : EMPTY);
  const item = more === undefined ? NOTHING : value(more);
  /** Items from `first` on. */
  const rest = (): Expression => {
    if (most <= first) return EMPTY;
    const least = Math.max(0, minItems - first);
    const next = sequence(COMMA, item);
    if (first > 0) return repeat(next, least, most - first);
    const some = sequence(item, repeat(next, Math.max(0, least - 1), most - 1));
    return least > 0 ? some : choice([some, EMPTY]);
  };
  let expression = rest();
  for (let index = Math.min(first, most) - 1; index >= 0; index--) {
    const some = sequence(comma(index), value(itemAt(shape, index) ?? []), expression);
    expression = index < minItems ? some : choice([some, EMPTY]);
  }
  return sequence(literal('['), expression, literal(']'));
}
