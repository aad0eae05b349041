import type { Automaton } from '../automaton.ts';
import { ANY } from '../code-points.ts';
import { unsupportedGrammar } from '../errors.ts';
import { characters, choice, type Expression, literal, NOTHING, repeat, rule } from '../expression.ts';
import { accepts, intersect, languageOf, subtract } from '../languages.ts';
import { regexExpression } from '../regex.ts';
import { FORMATS } from './formats.ts';
import { anyString, STRING, stringOf } from './json-text.ts';
import type { Shape } from './shape.ts';

type StringRules = Pick<Shape, 'minLength' | 'maxLength' | 'patterns' | 'formats'>;

/** The JSON strings of a shape. */
export function stringExpression(shape: StringRules): Expression {
  const { minLength, maxLength } = shape;
  if (minLength > maxLength) return NOTHING;
  if (shape.patterns.length + shape.formats.length > 0) {
    return { kind: 'automaton', automaton: stringLanguage(shape) };
  }
  return minLength === 0 && maxLength === Number.POSITIVE_INFINITY ? rule(STRING) : anyString(minLength, maxLength);
}

const languages = new WeakMap<StringRules, Automaton>();

/** The same as a language to compute with, each string written in one way only. */
export function stringLanguage(shape: StringRules): Automaton {
  const known = languages.get(shape);
  if (known) return known;
  const language = computeLanguage(shape);
  languages.set(shape, language);
  return language;
}

function computeLanguage({ minLength, maxLength, patterns, formats }: StringRules): Automaton {
  const contents = [...patterns, ...formats.map(({ name, path }) => formatPattern(name, path))].map(patternLanguage);
  const isLimited = minLength > 0 || maxLength < Number.POSITIVE_INFINITY || contents.length === 0;
  if (isLimited) contents.push(languageOf(stringOf(repeat(characters(ANY), minLength, maxLength))));
  return contents.reduce(intersect);
}

/** Patterns come again and again, in one schema and in the next. */
const patternLanguages = new Map<string, Automaton>();
const MOST_KEPT = 64;

function patternLanguage(pattern: string): Automaton {
  const known = patternLanguages.get(pattern);
  if (known) return known;
  const language = languageOf(stringOf(regexExpression(pattern, { whole: false })));
  if (patternLanguages.size >= MOST_KEPT) patternLanguages.clear();
  patternLanguages.set(pattern, language);
  return language;
}

function formatPattern(name: string, path: string): string {
  const pattern = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (pattern !== undefined) return pattern;
  const message = `The format "${name}" at ${path} is not supported; ${Object.keys(FORMATS).join(', ')} are.`;
  throw unsupportedGrammar(message, { keyword: 'format', path, format: name });
}

const encoder = new TextEncoder();

/** Whether a text is a string of the shape. */
export function isStringOf(shape: StringRules, text: string): boolean {
  return accepts(stringLanguage(shape), encoder.encode(JSON.stringify(text)));
}

/** Keys of an object: those of a language without some names. Empty if none is left. */
export function keysBut(keys: Automaton, names: readonly string[]): Automaton {
  if (names.length === 0) return keys;
  return subtract(keys, languageOf(choice(names.map((name) => literal(JSON.stringify(name))))));
}
