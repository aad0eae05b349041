import { pythonText, type RuntimeValue } from './python-output.ts';
import { holds } from './python-tests.ts';
import {
  compared,
  filledIn,
  isEqual,
  isList,
  isMapping,
  isNumber,
  isText,
  repeated,
  toRuntime,
} from './python-values.ts';

type Operation = (left: RuntimeValue, right: RuntimeValue) => RuntimeValue | undefined;

const ordered =
  (is: (order: number) => boolean): Operation =>
  (left, right) => {
    const order = compared(left, right);
    return order === undefined ? undefined : toRuntime(is(order));
  };

const times: Operation = (left, right) => {
  if (isText(left) && isNumber(right)) return toRuntime(repeated(left.value, right.value));
  return isNumber(left) && isText(right) ? toRuntime(repeated(right.value, left.value)) : undefined;
};

/** The remainder has the sign of what is divided by; a text has values filled in. */
const remainder: Operation = (left, right) => {
  if (isText(left)) return toRuntime(filledIn(left.value, isList(right) ? right.value : [right]));
  if (left.type !== 'IntegerValue' || right.type !== 'IntegerValue' || right.value === 0) return undefined;
  const [a, b] = [Number(left.value), Number(right.value)];
  return toRuntime(((a % b) + b) % b);
};

const added: Operation = (left, right) => {
  // The library would write "[object Map]", or JSON.
  if (left.type !== right.type && [left, right].some((side) => isMapping(side) || isList(side))) {
    throw new TypeError('Text and a list or an object cannot be added.');
  }
  return undefined;
};

/** Operations that the library lacks, or does otherwise than Python; undefined: not for such values. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['==', (left, right) => toRuntime(isEqual(left, right))],
  ['!=', (left, right) => toRuntime(!isEqual(left, right))],
  ['<', ordered((order) => order < 0)],
  ['<=', ordered((order) => order <= 0)],
  ['>', ordered((order) => order > 0)],
  ['>=', ordered((order) => order >= 0)],
  ['*', times],
  ['%', remainder],
  ['+', added],
  ['in', (left, right) => toRuntime(holds(right, left))],
  ['not in', (left, right) => toRuntime(!holds(right, left))],
  ['~', (left, right) => toRuntime(pythonText(left) + pythonText(right))],
]);

export function operationOf(operator: string): Operation | undefined {
  return OPERATIONS.get(operator);
}
