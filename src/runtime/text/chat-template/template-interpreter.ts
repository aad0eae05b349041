import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { SottoError } from '../../../shared/index.ts';
import { TEMPLATE_LIMITS } from './limits.ts';
import { isOutput, pythonText, type RuntimeValue, type Statement } from './python-output.ts';

type Evaluate = Interpreter['evaluate'];

/** A value in the place of the expression it came from. */
class Evaluated {
  readonly type = 'Evaluated';
  readonly value: RuntimeValue;

  constructor(value: RuntimeValue) {
    this.value = value;
  }
}

interface FilterExpression extends Statement {
  readonly operand: Statement;
  readonly filter: {
    readonly value?: string;
    readonly callee?: { readonly value?: string };
    readonly args?: readonly (Statement & { readonly value?: unknown })[];
  };
}

function isFilter(statement: Statement | undefined): statement is FilterExpression {
  return statement?.type === 'FilterExpression';
}

interface Joining extends Statement {
  readonly operator: { readonly value: string };
  readonly left: Statement;
  readonly right: Statement;
}

function isJoining(statement: Statement | undefined, operator: '+' | '~'): statement is Joining {
  return statement?.type === 'BinaryExpression' && (statement as Joining).operator.value === operator;
}

function textLiteral(value: string): Statement {
  return { type: 'StringLiteral', value } as Statement;
}

interface Loop extends Statement {
  readonly iterable: Statement & { readonly lhs?: Statement };
}

function isLoop(statement: Statement | undefined): statement is Loop {
  return statement?.type === 'For';
}

const EMPTY_TEXT_FILTERS: ReadonlySet<string> = new Set([
  'trim',
  'upper',
  'lower',
  'capitalize',
  'title',
  'replace',
  'indent',
]);
const EMPTY_LIST_FILTERS: ReadonlySet<string> = new Set([
  'selectattr',
  'rejectattr',
  'select',
  'reject',
  'map',
  'join',
  'list',
]);
const EMPTY_TEXT = parse(tokenize("{{ '' }}")).body[0] as Statement;
const EMPTY_LIST = parse(tokenize('{{ [] }}')).body[0] as Statement;

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
    this.#spend(1);
    const known = this.#asPython(statement, environment);
    if (known instanceof Evaluated) return known.value;
    const result = super.evaluate(known, environment);
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

  /** What Python's Jinja does otherwise than this library, put in the library's terms. */
  #asPython(statement: Statement | undefined, environment: Environment): Statement | undefined {
    const textOf = (expression: Statement) => pythonText(this.evaluate(expression, environment));
    if (isOutput(statement)) return textLiteral(textOf(statement.expression));
    if (isFilter(statement)) return this.#filterAsPython(statement, environment);
    if (isLoop(statement)) return this.#loopAsPython(statement, environment);
    if (isJoining(statement, '~')) return textLiteral(textOf(statement.left) + textOf(statement.right));
    if (!isJoining(statement, '+')) return statement;
    const { type, operator } = statement;
    const left = this.evaluate(statement.left, environment);
    const right = this.evaluate(statement.right, environment);
    // The library would write "[object Map]".
    const isMixed = left.type !== right.type && [left, right].some((side) => side.type === 'ObjectValue');
    if (isMixed) throw new TypeError('Text and an object cannot be added.');
    return { type, operator, left: new Evaluated(left), right: new Evaluated(right) } as Joining;
  }

  /** A loop over what is not defined, which Python runs no times. */
  #loopAsPython(loop: Loop, environment: Environment): Statement {
    const { iterable } = loop;
    const value = this.evaluate(iterable.lhs ?? iterable, environment);
    const items = value.type === 'UndefinedValue' ? EMPTY_LIST : new Evaluated(value);
    return { ...loop, iterable: iterable.lhs === undefined ? items : { ...iterable, lhs: items } } as Loop;
  }

  /** Filters of nothing, which Python takes for an empty text or list, and filters that the library lacks. */
  #filterAsPython({ type, operand, filter }: FilterExpression, environment: Environment): Statement {
    const name = filter.value ?? filter.callee?.value ?? '';
    const value = this.evaluate(operand, environment);
    if (name === 'string') return textLiteral(pythonText(value));
    if (value.value === null || value.value === undefined) {
      if (EMPTY_TEXT_FILTERS.has(name)) return { type, operand: EMPTY_TEXT, filter } as FilterExpression;
      if (EMPTY_LIST_FILTERS.has(name)) return { type, operand: EMPTY_LIST, filter } as FilterExpression;
    }
    if ((name === 'min' || name === 'max') && Array.isArray(value.value) && value.value.length > 0) {
      return new Evaluated(extreme(value.value as RuntimeValue[], name));
    }
    const each = name === 'map' ? filter.args?.[0] : undefined;
    if (each?.type === 'StringLiteral' && Array.isArray(value.value)) {
      const apply = { type: 'Identifier', value: each.value };
      const items = (value.value as RuntimeValue[]).map((item) =>
        this.evaluate({ type, operand: new Evaluated(item), filter: apply } as FilterExpression, environment),
      );
      return new Evaluated(new (value.constructor as new (items: RuntimeValue[]) => RuntimeValue)(items));
    }
    return { type, operand: new Evaluated(value), filter } as FilterExpression;
  }

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#mostSteps) throw rejected(`The chat template takes more than ${this.#mostSteps} steps.`);
  }
}

function extreme(items: readonly RuntimeValue[], name: 'min' | 'max'): RuntimeValue {
  const isBetter = (a: RuntimeValue, b: RuntimeValue) =>
    name === 'min' ? Number(a.value) < Number(b.value) : Number(a.value) > Number(b.value);
  return items.reduce((best, item) => (isBetter(item, best) ? item : best));
}

/** What every chat template may count on, besides `messages` and its tokens. */
export function createTemplateEnvironment(now: () => Date): Environment {
  const environment = new Environment();
  for (const [name, value] of Object.entries({
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    range: boundedRange,
    strftime_now: (format: unknown) => formatDate(now(), String(format)),
    raise_exception: (message: unknown) => {
      throw rejected(`The chat template refuses this conversation: ${String(message)}`);
    },
  })) {
    environment.set(name, value);
  }
  return environment;
}

export function rejected(message: string, cause?: unknown): SottoError {
  return new SottoError('template-rejected', message, { cause });
}

function boundedRange(...bounds: readonly unknown[]): number[] {
  // Keyword arguments come as one trailing map, which `range` does not take, and absent ones as undefined.
  const given = bounds.filter((bound) => bound !== undefined);
  if (given.length < 1 || given.length > 3 || !given.every((bound): bound is number => Number.isInteger(bound))) {
    throw rejected('The chat template calls range() with something else than one to three integers.');
  }
  const [start = 0, stop = 0, step = 1] = given.length === 1 ? [0, given[0]] : given;
  const length = step === 0 ? Number.POSITIVE_INFINITY : Math.max(0, Math.ceil((stop - start) / step));
  if (length > TEMPLATE_LIMITS.rangeLength) {
    throw rejected(`The chat template asks for a range of more than ${TEMPLATE_LIMITS.rangeLength} items.`);
  }
  return Array.from({ length }, (_, index) => start + index * step);
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** The directives of Python's strftime that templates use, in English whatever the browser speaks: models were trained so. */
function formatDate(date: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const month = MONTHS[date.getMonth()] ?? '';
  const day = DAYS[date.getDay()] ?? '';
  const directives: Record<string, string> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    d: two(date.getDate()),
    B: month,
    b: month.slice(0, 3),
    A: day,
    a: day.slice(0, 3),
    H: two(date.getHours()),
    I: two(date.getHours() % 12 || 12),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    p: date.getHours() < 12 ? 'AM' : 'PM',
    '%': '%',
  };
  return format.replace(/%(.)/gsu, (whole, letter: string) => directives[letter] ?? whole);
}
