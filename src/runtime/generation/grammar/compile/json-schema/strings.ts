import { type Automaton, MOST_STATES, tooComplex } from '../automaton.ts';
import { ANY } from '../code-points.ts';
import { unsupportedGrammar } from '../errors.ts';
import { characters, choice, type Expression, literal, NOTHING, repeat, rule, sizeOf } from '../expression.ts';
import { accepts, intersect, languageOf, subtract } from '../languages.ts';
import { lengthsOf, withLength } from '../lengths.ts';
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
    return countedExpression(shape) ?? { kind: 'automaton', automaton: stringLanguage(shape) };
  }
  return minLength === 0 && maxLength === Number.POSITIVE_INFINITY ? rule(STRING) : anyString(minLength, maxLength);
}

/** Above this a pattern's repetitions are counted while they run instead of being written out. */
const WRITTEN_OUT = 600;

/**
 * The strings of one pattern or format whose repetitions are better counted than written out, one state a round; undefined
 * where the pattern is small, or only a sum of languages tells what is left of it.
 */
function countedExpression({ minLength, maxLength, patterns, formats }: StringRules): Expression | undefined {
  const [pattern, ...others] = patternsOf({ patterns, formats });
  if (pattern === undefined || others.length > 0) return undefined;
  const content = regexExpression(pattern, { whole: false });
  const sized = withLength(content, minLength, maxLength);
  if (sized !== undefined) return stringOf(sized);
  return isWithin(pattern, minLength, maxLength) && sizeOf(content) > WRITTEN_OUT ? stringOf(content) : undefined;
}

function patternsOf({ patterns, formats }: Pick<StringRules, 'patterns' | 'formats'>): readonly string[] {
  return [...patterns, ...formats.map(({ name, path }) => formatPattern(name, path))];
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
  const known = patternsOf({ patterns, formats });
  const contents = known.map(patternLanguage);
  const isLimited = minLength > 0 || maxLength < Number.POSITIVE_INFINITY || contents.length === 0;
  if (isLimited && !known.some((pattern) => isWithin(pattern, minLength, maxLength))) {
    contents.push(stringsOfLength(minLength, maxLength));
  }
  return contents.reduce(intersect);
}

/** Whether all texts of a pattern have such a length, so that the limits say nothing new. */
function isWithin(pattern: string, minLength: number, maxLength: number): boolean {
  const lengths = lengthsOf(regexExpression(pattern, { whole: false }));
  return lengths !== undefined && lengths.least >= minLength && lengths.most <= maxLength;
}

/**
 * All strings of such a length. Made of copies of the automaton of one character, which is deterministic by itself: there is
 * nothing to determinise or to minimise, however long it is.
 */
function stringsOfLength(minLength: number, maxLength: number): Automaton {
  if (maxLength === Number.POSITIVE_INFINITY || maxLength === 0) {
    return languageOf(stringOf(repeat(characters(ANY), minLength, maxLength)));
  }
  const one = languageOf(stringOf(characters(ANY)));
  // State 0 reads the opening quote, the state behind it a character, the one behind that the closing quote.
  const start = one[0]?.edges[0]?.target ?? 0;
  const inner = one.map((_, index) => index).filter((index) => index !== 0 && !one[index]?.isFinal);
  const isEnd = (index: number) => one[index]?.edges.some(({ target }) => one[target]?.isFinal) ?? false;
  const end = inner.find(isEnd) ?? 0;
  const places = new Map(inner.filter((index) => index !== end).map((index, place) => [index, place]));
  const width = places.size;
  if (width * maxLength > MOST_STATES) throw tooComplex();
  const last = 1 + width * maxLength;
  const states: Automaton[number][] = [
    { edges: [{ low: 0x22, high: 0x22, target: 1 + (places.get(start) ?? 0) }], calls: [], isFinal: false },
  ];
  const at = (round: number, index: number) =>
    index === end
      ? round + 1 < maxLength
        ? 1 + width * (round + 1) + (places.get(start) ?? 0)
        : last
      : 1 + width * round + (places.get(index) ?? 0);
  for (let round = 0; round < maxLength; round++) {
    for (const index of places.keys()) {
      const edges = (one[index]?.edges ?? []).map(({ low, high, target }) => ({
        low,
        high,
        target: at(round, target),
      }));
      if (index === start && round >= minLength) edges.push({ low: 0x22, high: 0x22, target: last + 1 });
      states.push({ edges: edges.sort((a, b) => a.low - b.low), calls: [], isFinal: false });
    }
  }
  states.push({ edges: [{ low: 0x22, high: 0x22, target: last + 1 }], calls: [], isFinal: false });
  states.push({ edges: [], calls: [], isFinal: true });
  return states;
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
