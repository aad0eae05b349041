import type { FlowCondition } from '../../protocol/index.ts';

/** A part of a value: "items.0.text". Undefined where it is not there; inherited names are not there. */
export function valueAt(value: unknown, path: string | undefined): unknown {
  if (path === undefined || path === '') return value;
  let part: unknown = value;
  for (const name of path.split('.')) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, name)) return undefined;
    part = (part as Record<string, unknown>)[name];
  }
  return part;
}

/** True where a condition holds for the value. */
export function holds(condition: FlowCondition, value: unknown): boolean {
  if ('all' in condition) return condition.all.every((part) => holds(part, value));
  if ('any' in condition) return condition.any.some((part) => holds(part, value));
  if ('not' in condition) return !holds(condition.not, value);
  const part = valueAt(value, condition.path);
  if ('equals' in condition) return (part ?? null) === condition.equals;
  if ('in' in condition) return condition.in.includes((part ?? null) as string);
  if ('atLeast' in condition) return typeof part === 'number' && part >= condition.atLeast;
  if ('below' in condition) return typeof part === 'number' && part < condition.below;
  const isEmpty = part === undefined || part === null || part === '' || (Array.isArray(part) && part.length === 0);
  return isEmpty === condition.isEmpty;
}
