import { Environment } from '@huggingface/jinja';
import { TEMPLATE_LIMITS } from './limits.ts';
import { rejected } from './rejected.ts';
import { strftime } from './strftime.ts';

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
    strftime_now: (format: unknown) => strftime(now(), String(format)),
    raise_exception: (message: unknown) => {
      throw rejected(`The chat template refuses this conversation: ${String(message)}`);
    },
  })) {
    environment.set(name, value);
  }
  return environment;
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
