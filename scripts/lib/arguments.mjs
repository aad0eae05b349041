import { parseArgs } from 'node:util';
import { Failure } from './failure.mjs';

/**
 * `node:util` parseArgs whose complaints are sentences for people.
 * @template {import('node:util').ParseArgsConfig} T
 * @param {T} config
 * @returns {ReturnType<typeof parseArgs<T>>}
 */
export function readArguments(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error));
  }
}

/**
 * A number within bounds, or a Failure naming the option.
 * @param {string} name The option as typed, "--port".
 * @param {string} text
 * @param {{ minimum: number, maximum: number, isInteger?: boolean }} bounds
 * @returns {number}
 */
export function readNumber(name, text, { minimum, maximum, isInteger = true }) {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || (isInteger && !Number.isInteger(value)) || value < minimum || value > maximum) {
    const kind = isInteger ? 'a whole number' : 'a number';
    throw new Failure(`${name} takes ${kind} from ${minimum} to ${maximum}, not "${text}".`);
  }
  return value;
}
