import type { RuntimeValue, Statement } from './python-output.ts';

/** A value in the place of the expression it came from. */
export class Evaluated {
  readonly type = 'Evaluated';
  readonly value: RuntimeValue;

  constructor(value: RuntimeValue) {
    this.value = value;
  }
}

/** An argument; `key` where it is named. */
type Argument = Statement & { readonly key?: { readonly value: string }; readonly value?: unknown };

export interface FilterExpression extends Statement {
  readonly operand: Statement;
  readonly filter: {
    readonly value?: string;
    readonly callee?: { readonly value?: string };
    readonly args?: readonly Argument[];
  };
}

export interface TestExpression extends Statement {
  readonly operand: Statement;
  readonly negate: boolean;
  readonly test: { readonly value: string };
}

export interface BinaryExpression extends Statement {
  readonly operator: { readonly value: string };
  readonly left: Statement;
  readonly right: Statement;
}

export interface Loop extends Statement {
  readonly iterable: Statement & { readonly lhs?: Statement };
}

export interface MethodCall extends Statement {
  readonly callee: Statement & { readonly object: Statement; readonly property: { readonly value: string } };
  readonly args: readonly Argument[];
}

export interface DictCall extends Statement {
  readonly callee: Statement & { readonly value: string };
  readonly args: readonly Argument[];
}

const isOfType =
  <T extends Statement>(type: string) =>
  (statement: Statement | undefined): statement is T =>
    statement?.type === type;

export const isFilter = isOfType<FilterExpression>('FilterExpression');
export const isTest = isOfType<TestExpression>('TestExpression');
export const isBinary = isOfType<BinaryExpression>('BinaryExpression');
export const isLoop = isOfType<Loop>('For');

/** `dict(…)`. */
export function isDict(statement: Statement | undefined): statement is DictCall {
  if (statement?.type !== 'CallExpression') return false;
  const { callee } = statement as DictCall;
  return callee.type === 'Identifier' && callee.value === 'dict';
}

/** `object.name(…)`. */
export function isMethodCall(statement: Statement | undefined): statement is MethodCall {
  if (statement?.type !== 'CallExpression') return false;
  const { callee } = statement as MethodCall;
  return callee.type === 'MemberExpression' && !(callee as Statement & { computed?: boolean }).computed;
}

export function textLiteral(value: string): Statement {
  return { type: 'StringLiteral', value } as Statement;
}
