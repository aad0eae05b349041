import { intersect, isEmpty } from '../languages.ts';
import { itemAt } from './arrays.ts';
import type { Place, Shape } from './shape.ts';
import { stringLanguage } from './strings.ts';
import { hasShape, type ValidationContext } from './validate.ts';

/** Deeper than this, schemas count as overlapping: nobody tells values apart by what lies there. */
const DEEPEST = 6;

/**
 * Whether no value that is written for `a` satisfies `b`. False where that cannot be shown. What is written for a schema
 * has no properties but those it names, unless it asks for others.
 */
export function areApart(a: readonly Place[], b: readonly Place[], context: ValidationContext, depth = 0): boolean {
  if (depth > DEEPEST) return false;
  const others = context.shapes(b);
  return context.shapes(a).every((shape) => others.every((other) => isApart(shape, other, context, depth)));
}

function isApart(a: Shape, b: Shape, context: ValidationContext, depth: number): boolean {
  if (a.values) {
    return a.values.every((value) => !hasShape(value, a, context) || !hasShape(value, b, context));
  }
  if (b.values?.every((value) => !hasShape(value, a, context))) return true;
  return [...a.types].every((type) => {
    if (!b.types.has(type)) return true;
    switch (type) {
      case 'number':
        return areNumbersApart(a, b);
      case 'string':
        return a.minLength > b.maxLength || b.minLength > a.maxLength || areStringsApart(a, b);
      case 'array':
        return areArraysApart(a, b, context, depth);
      case 'object':
        return areObjectsApart(a, b, context, depth);
      default:
        return false;
    }
  });
}

function areNumbersApart(a: Shape, b: Shape): boolean {
  const isBelow = (left: Shape, right: Shape) => {
    const [upper, lower] = [left.upper, right.lower];
    if (!upper || !lower) return false;
    return upper.value < lower.value || (upper.value === lower.value && (upper.isExclusive || lower.isExclusive));
  };
  return isBelow(a, b) || isBelow(b, a);
}

function areStringsApart(a: Shape, b: Shape): boolean {
  const isFree = ({ patterns, formats }: Shape) => patterns.length + formats.length === 0;
  return !isFree(a) && !isFree(b) && isEmpty(intersect(stringLanguage(a), stringLanguage(b)));
}

function areArraysApart(a: Shape, b: Shape, context: ValidationContext, depth: number): boolean {
  if (a.minItems > b.maxItems || b.minItems > a.maxItems) return true;
  for (let index = 0; index < Math.min(a.minItems, 8); index++) {
    const [left, right] = [itemAt(a, index), itemAt(b, index)];
    if (left && right && areApart(left, right, context, depth + 1)) return true;
  }
  return false;
}

function areObjectsApart(a: Shape, b: Shape, context: ValidationContext, depth: number): boolean {
  if (a.minProperties > b.maxProperties || b.minProperties > a.maxProperties) return true;
  const [own, other] = [context.contentOf(a), context.contentOf(b)];
  const written = new Map(own.properties.map((property) => [property.name, property]));
  if (own.others.length === 0 && other.properties.some(({ name, isRequired }) => isRequired && !written.has(name))) {
    return true;
  }
  return other.properties.some(({ name, value }) => {
    const mine = written.get(name);
    return mine?.isRequired === true && areApart(mine.value, value, context, depth + 1);
  });
}
