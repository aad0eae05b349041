import { Environment, Interpreter } from '@huggingface/jinja';
import { SottoError } from '../../../shared/index.ts';
import { TEMPLATE_LIMITS } from './limits.ts';

type Evaluate = Interpreter['evaluate'];
type RuntimeValue = ReturnType<Evaluate>;

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
    const result = super.evaluate(statement, environment);
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

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#mostSteps) throw rejected(`The chat template takes more than ${this.#mostSteps} steps.`);
  }
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
