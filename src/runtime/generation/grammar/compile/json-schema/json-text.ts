import { buildAutomaton } from '../automaton.ts';
import { ANY, type CodePoints, codePoints, difference, includes, intersection } from '../code-points.ts';
import {
  characters,
  choice,
  type Expression,
  literal,
  mapCharacters,
  repeat,
  rule,
  sequence,
  sizeOf,
} from '../expression.ts';

/** The pieces that all JSON is made of. White space is fixed, as Python's json.dumps writes it: there is nothing to loop in. */
export const COMMA = literal(', ');
export const COLON = literal(': ');

/** Characters that stand in a JSON text only behind a backslash. */
const ESCAPED = codePoints([
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
]);
const PLAIN = characters(difference(ANY, ESCAPED));

const hex = characters(
  codePoints([
    [0x30, 0x39],
    [0x41, 0x46],
    [0x61, 0x66],
  ]),
);
const digits = (text: string) =>
  characters(codePoints([...text].map((digit) => [digit.charCodeAt(0), digit.charCodeAt(0)])));

/** One character inside quotes, however it is written; halves of surrogate pairs only as pairs. */
const CHARACTER = choice([
  PLAIN,
  sequence(
    literal('\\'),
    choice([
      digits('"\\/bfnrt'),
      sequence(
        literal('u'),
        choice([
          sequence(digits('0123456789abcefABCEF'), hex, hex, hex),
          sequence(digits('dD'), digits('01234567'), hex, hex),
          sequence(
            digits('dD'),
            digits('89abAB'),
            hex,
            hex,
            literal('\\u'),
            digits('dD'),
            digits('cdefCDEF'),
            hex,
            hex,
          ),
        ]),
      ),
    ]),
  ),
]);

const QUOTE = literal('"');

/** Any JSON string of so many characters. */
export function anyString(minimum = 0, maximum = Number.POSITIVE_INFINITY): Expression {
  return sequence(QUOTE, repeat(CHARACTER, minimum, maximum), QUOTE);
}

/** The JSON strings whose content an expression describes, each written in one way only: as JSON.stringify would. */
export function stringOf(content: Expression): Expression {
  return sequence(QUOTE, mapCharacters(content, writtenInQuotes), QUOTE);
}

const inQuotes = new WeakMap<CodePoints, Expression>();

/** Large sets are made into an automaton once: patterns repeat them a hundred times. */
function writtenInQuotes(set: CodePoints): Expression {
  const known = inQuotes.get(set);
  if (known) return known;
  const expression = spelt(set);
  const result: Expression =
    sizeOf(expression) < 8 ? expression : { kind: 'automaton', automaton: buildAutomaton(expression) };
  inQuotes.set(set, result);
  return result;
}

function spelt(set: CodePoints): Expression {
  const plain = difference(set, ESCAPED);
  const escaped: Expression[] = [];
  for (const [low, high] of intersection(set, ESCAPED)) {
    for (let point = low; point <= high; point++) {
      if (includes(set, point)) escaped.push(literal(JSON.stringify(String.fromCodePoint(point)).slice(1, -1)));
    }
  }
  return choice([...(plain.length > 0 ? [characters(plain)] : []), ...escaped]);
}

/** Digits after the first of a number that is not limited otherwise: what a double holds exactly, and no loop of digits. */
const MOST_DIGITS = 14;
const DIGIT = digits('0123456789');
const MINUS = repeat(literal('-'), 0, 1);
const FROM_ONE = sequence(digits('123456789'), repeat(DIGIT, 0, MOST_DIGITS));
export const ANY_INTEGER = choice([literal('0'), sequence(MINUS, FROM_ONE)]);
export const ANY_NUMBER = sequence(
  MINUS,
  choice([literal('0'), FROM_ONE]),
  repeat(sequence(literal('.'), repeat(DIGIT, 1, MOST_DIGITS)), 0, 1),
  // Two digits: the number stays finite.
  repeat(sequence(digits('eE'), repeat(digits('+-'), 0, 1), repeat(DIGIT, 1, 2)), 0, 1),
);

/** Names of the rules below; no rule of a schema is called so. */
export const ANY_VALUE = 'any value';
export const ANY_OBJECT = 'any object';
export const ANY_ARRAY = 'any array';
export const STRING = 'any string';
export const NUMBER = 'any number';

const list = (item: Expression) => repeat(sequence(item, repeat(sequence(COMMA, item), 0)), 0, 1);
const value = rule(ANY_VALUE);

/** The rules of JSON itself. */
export const JSON_RULES: readonly (readonly [string, Expression])[] = (
  [
    [STRING, anyString()],
    [NUMBER, ANY_NUMBER],
    [ANY_ARRAY, sequence(literal('['), list(value), literal(']'))],
    [ANY_OBJECT, sequence(literal('{'), list(sequence(rule(STRING), COLON, value)), literal('}'))],
    [
      ANY_VALUE,
      choice([
        rule(ANY_OBJECT),
        rule(ANY_ARRAY),
        rule(STRING),
        rule(NUMBER),
        literal('true'),
        literal('false'),
        literal('null'),
      ]),
    ],
  ] as const
).map(([name, body]) => [name, { kind: 'automaton', automaton: buildAutomaton(body) }] as const);

/** A value written as the grammar writes it. */
export function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${written(item)}`);
  return `{${entries.join(', ')}}`;
}
