import { type Environment, Interpreter } from '@huggingface/jinja';
import { applyFilter } from './python-filters.ts';
import { callMethod } from './python-methods.ts';
import { operationOf } from './python-operators.ts';
import { isOutput, pythonText, type RuntimeValue, type Statement } from './python-output.ts';
import { passesTest } from './python-tests.ts';
import { isMapping, isText, itemsOf, toList, toMapping, toRuntime } from './python-values.ts';
import { rejected } from './rejected.ts';
import {
  type BinaryExpression,
  type DictCall,
  Evaluated,
  type FilterExpression,
  isBinary,
  isDict,
  isFilter,
  isLoop,
  isMethodCall,
  isTest,
  type Loop,
  type MethodCall,
  type TestExpression,
  textLiteral,
} from './template-nodes.ts';

type Evaluate = Interpreter['evaluate'];

/** Filters that read whatever they are given as text, as Python prints it. */
const TEXT_FILTERS: ReadonlySet<string> = new Set([
  'trim',
  'upper',
  'lower',
  'capitalize',
  'title',
  'replace',
  'indent',
]);
const EMPTY_LIST = toList([]);

/**
 * The Jinja interpreter with a meter. The library itself has none: a loop of 10⁹ steps or a doubling string would run
 * until the thread is ended from outside, and by then memory may be gone.
 */
export class MeteredInterpreter extends Interpreter {
  readonly #longestText: number;
  readonly #mostSteps: number;
  #steps = 0;

  constructor(environment: Environment, most: { readonly steps: number; readonly textLength: number }) {
    super(environment);
    this.#mostSteps = most.steps;
    this.#longestText = most.textLength;
  }

  override evaluate(...[statement, environment]: Parameters<Evaluate>): RuntimeValue {
    if (statement instanceof Evaluated) return statement.value;
    this.#spend(1);
    const known = this.#asPython(statement, environment);
    const result = known instanceof Evaluated ? known.value : super.evaluate(known, environment);
    const { value } = result;
    // A list is charged by its items: a loop with an empty body evaluates nothing else.
    if (Array.isArray(value)) this.#spend(value.length);
    if (typeof value !== 'string') return result;
    if (value.length > this.#longestText) {
      throw rejected(`The chat template makes more than ${this.#longestText} characters.`);
    }
    this.#spend(Math.floor(value.length / 1_000));
    return result;
  }

  /** What Python's Jinja does otherwise than this library: done here, or put in the library's terms. */
  #asPython(statement: Statement | undefined, environment: Environment): Statement | Evaluated | undefined {
    if (isOutput(statement)) return textLiteral(pythonText(this.evaluate(statement.expression, environment)));
    if (isFilter(statement)) return this.#filterAsPython(statement, environment);
    if (isLoop(statement)) return this.#loopAsPython(statement, environment);
    if (isMethodCall(statement)) return this.#callAsPython(statement, environment);
    if (isDict(statement)) return new Evaluated(this.#mappingOf(statement, environment));
    if (isTest(statement)) return this.#testAsPython(statement, environment);
    return isBinary(statement) ? this.#operationAsPython(statement, environment) : statement;
  }

  #operationAsPython(statement: BinaryExpression, environment: Environment): Statement | Evaluated {
    const { type, operator } = statement;
    const operation = operationOf(operator.value);
    if (operation === undefined) return statement;
    const left = this.evaluate(statement.left, environment);
    const right = this.evaluate(statement.right, environment);
    const result = operation(left, right);
    if (result !== undefined) return new Evaluated(result);
    return { type, operator, left: new Evaluated(left), right: new Evaluated(right) } as BinaryExpression;
  }

  /** A loop over the characters of a text, and over what is not defined, which Python runs no times. */
  #loopAsPython(loop: Loop, environment: Environment): Statement {
    const { iterable } = loop;
    const value = this.evaluate(iterable.lhs ?? iterable, environment);
    const isOther = value.type === 'UndefinedValue' || isText(value);
    const items = new Evaluated(isOther ? toList(itemsOf(value)) : value);
    return { ...loop, iterable: iterable.lhs === undefined ? items : { ...iterable, lhs: items } } as Loop;
  }

  /** Mappings and named values, the later over the earlier. */
  #mappingOf({ args }: DictCall, environment: Environment): RuntimeValue {
    const entries = new Map<string, RuntimeValue>();
    for (const { key, value, ...argument } of args) {
      if (key !== undefined) entries.set(key.value, this.evaluate(value as Statement, environment));
      else {
        const part = this.evaluate({ ...argument, value } as Statement, environment);
        if (isMapping(part)) for (const [name, item] of part.value) entries.set(name, item);
      }
    }
    return toMapping(entries);
  }

  #callAsPython(call: MethodCall, environment: Environment): Statement | Evaluated {
    const { callee, args } = call;
    const object = this.evaluate(callee.object, environment);
    const isPlain = args.every(({ type }) => !/^(?:KeywordArgument|Spread)/u.test(type));
    const isOurs = isText(object) || Array.isArray(object.value) || callee.property.value === 'cycle';
    if (isPlain && isOurs) {
      const given = args.map((argument) => this.evaluate(argument, environment));
      const result = callMethod(object, callee.property.value, given);
      if (result !== undefined) return new Evaluated(result);
      const evaluated = given.map((value) => new Evaluated(value));
      return { ...call, callee: { ...callee, object: new Evaluated(object) }, args: evaluated } as Statement;
    }
    return { ...call, callee: { ...callee, object: new Evaluated(object) } } as Statement;
  }

  #testAsPython(statement: TestExpression, environment: Environment): Statement | Evaluated {
    const { operand, negate, test } = statement;
    const value = this.evaluate(operand, environment);
    const passes = passesTest(test.value, value);
    if (passes !== undefined) return new Evaluated(toRuntime(passes !== negate));
    return { ...statement, operand: new Evaluated(value) } as Statement;
  }

  /** Filters that the library lacks, or does otherwise. */
  #filterAsPython({ type, operand, filter }: FilterExpression, environment: Environment): Statement | Evaluated {
    const written = filter.value ?? filter.callee?.value ?? '';
    const name = written === 'd' ? 'default' : written;
    const own = this.evaluate(operand, environment);
    const isRead = TEXT_FILTERS.has(name) && !isText(own);
    const value = isRead ? toRuntime(pythonText(own)) : own;
    const args = filter.args ?? [];
    const result = applyFilter(name, {
      value,
      given: args.filter(({ key }) => key === undefined).map((argument) => this.evaluate(argument, environment)),
      named: new Map(
        args.flatMap(({ key, value }) => (key ? [[key.value, this.evaluate(value as Statement, environment)]] : [])),
      ),
      filter: (other, item, given) => this.#filtered(other, item, given, environment),
      test: (other, item, against) => this.#passes(other, item, against, environment),
    });
    if (result !== undefined) return new Evaluated(result);
    // Python takes nothing for an empty list here.
    const isNothing = value.value === undefined || value.value === null;
    const taken = isNothing && name === 'join' ? EMPTY_LIST : value;
    const named = { type: 'Identifier', value: name };
    const call = filter.args === undefined ? named : { ...filter, callee: named };
    return { type, operand: new Evaluated(taken), filter: call } as FilterExpression;
  }

  #filtered(name: string, value: RuntimeValue, given: readonly RuntimeValue[], environment: Environment): RuntimeValue {
    const named = { type: 'Identifier', value: name };
    const args = given.map((item) => new Evaluated(item));
    const filter = given.length === 0 ? named : { type: 'CallExpression', callee: named, args };
    const expression = { type: 'FilterExpression', operand: new Evaluated(value), filter };
    return this.evaluate(expression as FilterExpression, environment);
  }

  #passes(name: string, value: RuntimeValue, against: RuntimeValue | undefined, environment: Environment): boolean {
    this.#spend(1);
    const passes = passesTest(name, value, against);
    if (passes !== undefined) return passes;
    const test = environment.tests.get(name);
    if (test === undefined) throw new TypeError(`there is no test "${name}"`);
    return test(value);
  }

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#mostSteps) throw rejected(`The chat template takes more than ${this.#mostSteps} steps.`);
  }
}
