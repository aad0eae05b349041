import type { RuntimeValue } from './python-output.ts';
import { compared, isEqual, isList, isMapping, isNumber, isText, itemsOf } from './python-values.ts';

type Test = (value: RuntimeValue, other: RuntimeValue | undefined) => boolean;

const against =
  (is: (value: RuntimeValue, other: RuntimeValue) => boolean): Test =>
  (value, other) => {
    if (other === undefined) throw new TypeError('a test lacks what to test against');
    return is(value, other);
  };
const equal = against(isEqual);
const unequal = against((a, b) => !isEqual(a, b));
const ordered = (is: (order: number) => boolean) =>
  against((a, b) => {
    const order = compared(a, b);
    return order !== undefined && is(order);
  });
const less = ordered((order) => order < 0);
const lessOrEqual = ordered((order) => order <= 0);
const greater = ordered((order) => order > 0);
const greaterOrEqual = ordered((order) => order >= 0);

/** Whether a text, list or mapping holds a value. */
export function holds(container: RuntimeValue, value: RuntimeValue): boolean {
  if (isText(container)) return isText(value) && container.value.includes(value.value);
  return itemsOf(container).some((item) => isEqual(item, value));
}

/** Tests that the library lacks, or does otherwise than Python's Jinja. */
const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['==', equal],
  ['eq', equal],
  ['equalto', equal],
  ['sameas', equal],
  ['!=', unequal],
  ['ne', unequal],
  ['<', less],
  ['lt', less],
  ['lessthan', less],
  ['<=', lessOrEqual],
  ['le', lessOrEqual],
  ['>', greater],
  ['gt', greater],
  ['greaterthan', greater],
  ['>=', greaterOrEqual],
  ['ge', greaterOrEqual],
  ['in', against((value, container) => holds(container, value))],
  ['divisibleby', against((a, b) => isNumber(a) && isNumber(b) && a.value % b.value === 0)],
  ['float', (value) => value.type === 'FloatValue'],
  ['iterable', (value) => isText(value) || isList(value) || isMapping(value) || value.type === 'UndefinedValue'],
]);

/** Whether a value passes a test that this file knows; undefined for others. */
export function passesTest(name: string, value: RuntimeValue, other?: RuntimeValue): boolean | undefined {
  return TESTS.get(name)?.(value, other);
}
