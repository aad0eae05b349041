import { codePoints } from '../code-points.ts';
import { characters, choice, EMPTY, type Expression, literal, NOTHING, repeat, sequence } from '../expression.ts';
import type { Bound } from './shape.ts';

/** Decimal numbers between bounds, as digits. All bounds are the decimals that JavaScript writes for them. */

const digit = (low: number, high = low): Expression =>
  low > high ? NOTHING : characters(codePoints([[0x30 + low, 0x30 + high]]));
const DIGIT = digit(0, 9);
const digitAt = (text: string, index: number) => text.charCodeAt(index) - 0x30;

/** Digits a number without an upper or lower end may have: integers stay exact in a double. */
const LONGEST = 15;

/** Whole numbers between two bounds. */
export function integersBetween(lower: Bound | undefined, upper: Bound | undefined): Expression {
  const low = lower === undefined ? undefined : wholeAtLeast(lower);
  const high = upper === undefined ? undefined : wholeAtMost(upper);
  const most = 10n ** BigInt(LONGEST) - 1n;
  const from = low ?? smaller(-most, high === undefined ? -most : high - most);
  const to = high ?? larger(most, from + most);
  if (from > to) return NOTHING;
  const parts: Expression[] = [];
  if (from < 0n) {
    const [near, far] = [to < 0n ? -to : 1n, -from];
    parts.push(sequence(literal('-'), naturals(near, far)));
  }
  if (to >= 0n) parts.push(naturals(from > 0n ? from : 0n, to));
  return choice(parts);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function wholeAtLeast({ value, isExclusive }: Bound): bigint {
  const whole = BigInt(Math.ceil(value));
  return isExclusive && Number.isInteger(value) ? whole + 1n : whole;
}

function wholeAtMost({ value, isExclusive }: Bound): bigint {
  const whole = BigInt(Math.floor(value));
  return isExclusive && Number.isInteger(value) ? whole - 1n : whole;
}

/** The natural numbers from `low` to `high`, without leading zeros. */
function naturals(low: bigint, high: bigint): Expression {
  const parts: Expression[] = [];
  let from = low;
  while (from <= high) {
    const length = from.toString().length;
    const longest = 10n ** BigInt(length) - 1n;
    const to = smaller(high, longest);
    parts.push(sameLength(from.toString(), to.toString()));
    from = to + 1n;
  }
  return choice(parts);
}

/** Digit strings of one length between two of that length. */
function sameLength(low: string, high: string): Expression {
  if (low === '') return EMPTY;
  if (/^0*$/.test(low) && /^9*$/.test(high)) return repeat(DIGIT, low.length, low.length);
  const [first, last] = [digitAt(low, 0), digitAt(high, 0)];
  const rest = low.length - 1;
  if (first === last) return sequence(digit(first), sameLength(low.slice(1), high.slice(1)));
  return choice([
    sequence(digit(first), sameLength(low.slice(1), '9'.repeat(rest))),
    sequence(digit(first + 1, last - 1), repeat(DIGIT, rest, rest)),
    sequence(digit(last), sameLength('0'.repeat(rest), high.slice(1))),
  ]);
}

/** A positive decimal: digits before and after the point. */
interface Decimal {
  readonly whole: bigint;
  /** Without zeros at its end. */
  readonly fraction: string;
}

/** Decimal numbers between two bounds, at least one of them given; without an exponent. */
export function numbersBetween(lower: Bound | undefined, upper: Bound | undefined): Expression {
  const parts: Expression[] = [];
  // Below zero the same with the bounds' signs turned round.
  const isNegativePossible = lower === undefined || lower.value < 0;
  if (isNegativePossible) {
    const nearest = upper && upper.value <= 0 ? { ...upper, value: -upper.value } : { value: 0, isExclusive: true };
    const farthest = lower && { ...lower, value: -lower.value };
    parts.push(sequence(literal('-'), positives(nearest, farthest)));
  }
  const isPositivePossible = upper === undefined || upper.value > 0 || (upper.value === 0 && !upper.isExclusive);
  if (isPositivePossible) {
    parts.push(positives(lower && lower.value >= 0 ? lower : { value: 0, isExclusive: false }, upper));
  }
  return choice(parts);
}

function positives(low: Bound, high: Bound | undefined): Expression {
  if (high && (low.value > high.value || (low.value === high.value && (low.isExclusive || high.isExclusive)))) {
    return NOTHING;
  }
  const from = decimal(low.value);
  const to = high && decimal(high.value);
  // More digits than a double holds could round to the bound itself.
  const wholeDigits = Math.max(from.whole.toString().length, to?.whole.toString().length ?? 0);
  const places = Math.max(0, LONGEST - wholeDigits);
  const any = optionalFraction(repeat(DIGIT, 1, places), places);
  if (to === undefined) {
    const last = larger(10n ** BigInt(LONGEST) - 1n, from.whole * 10n);
    return choice([
      sequence(literal(from.whole.toString()), fractionFrom(from.fraction, low.isExclusive, places)),
      sequence(naturals(from.whole + 1n, last), any),
    ]);
  }
  const upperExclusive = high?.isExclusive ?? false;
  if (from.whole === to.whole) {
    const within = fractionBetween(from.fraction, low.isExclusive, to.fraction, upperExclusive, places);
    return sequence(literal(from.whole.toString()), within);
  }
  const between = from.whole + 1n <= to.whole - 1n ? [sequence(naturals(from.whole + 1n, to.whole - 1n), any)] : [];
  return choice([
    sequence(literal(from.whole.toString()), fractionFrom(from.fraction, low.isExclusive, places)),
    ...between,
    sequence(literal(to.whole.toString()), fractionUpTo(to.fraction, upperExclusive, places)),
  ]);
}

/** The shortest decimal that JavaScript reads as this number (not negative). */
function decimal(value: number): Decimal {
  const [digits = '0', exponent = '0'] = value.toString().split('e');
  const [whole = '0', fraction = ''] = digits.split('.');
  const shift = Number(exponent);
  const all = whole + fraction;
  const point = whole.length + shift;
  const padded = point <= 0 ? '0'.repeat(1 - point) + all : all.padEnd(point, '0');
  const at = point <= 0 ? 1 : point;
  return { whole: BigInt(padded.slice(0, at)), fraction: padded.slice(at).replace(/0+$/, '') };
}

function optionalFraction(digits: Expression, places: number): Expression {
  return places === 0 ? EMPTY : choice([EMPTY, sequence(literal('.'), digits)]);
}

/** Fractions, the point included, of at least (or more than) 0.`from`. */
function fractionFrom(from: string, isExclusive: boolean, places: number): Expression {
  const digits = digitsFrom(from, isExclusive, Math.max(places, from.length + 1));
  const isNoneEnough = from === '' && !isExclusive;
  return choice([...(isNoneEnough ? [EMPTY] : []), sequence(literal('.'), digits)]);
}

/** Digits whose value as a fraction is at least (or more than) `from`; at least one. */
function digitsFrom(from: string, isExclusive: boolean, places: number): Expression {
  if (places <= 0) return NOTHING;
  if (from === '') return isExclusive ? notZero(places) : repeat(DIGIT, 1, places);
  const first = digitAt(from, 0);
  const rest = from.slice(1);
  const more = sequence(digit(first + 1, 9), repeat(DIGIT, 0, places - 1));
  const isEnough = rest === '' && !isExclusive;
  const equal = sequence(
    digit(first),
    choice([...(isEnough ? [EMPTY] : []), digitsFrom(rest, isExclusive, places - 1)]),
  );
  return choice([more, equal]);
}

/** Digits of which at least one is not zero. */
function notZero(places: number): Expression {
  const ways: Expression[] = [];
  for (let zeros = 0; zeros < places; zeros++) {
    ways.push(sequence(repeat(digit(0), zeros, zeros), digit(1, 9), repeat(DIGIT, 0, places - zeros - 1)));
  }
  return choice(ways);
}

/** Fractions, the point included, of at most (or less than) 0.`to`; none is the smallest of them. */
function fractionUpTo(to: string, isExclusive: boolean, places: number): Expression {
  if (to === '' && isExclusive) return NOTHING;
  return choice([EMPTY, sequence(literal('.'), digitsUpTo(to, isExclusive, Math.max(places, to.length)))]);
}

/** Digits whose value as a fraction is at most (or less than) `to`; at least one. */
function digitsUpTo(to: string, isExclusive: boolean, places: number): Expression {
  if (places <= 0) return NOTHING;
  if (to === '') return isExclusive ? NOTHING : repeat(digit(0), 1, places);
  const first = digitAt(to, 0);
  const rest = to.slice(1);
  const less = sequence(digit(0, first - 1), repeat(DIGIT, 0, places - 1));
  const isEnough = rest !== '' || !isExclusive;
  const equal = sequence(
    digit(first),
    choice([...(isEnough ? [EMPTY] : []), digitsUpTo(rest, isExclusive, places - 1)]),
  );
  return choice([less, equal]);
}

/** Fractions, the point included, between two of one whole number. */
function fractionBetween(
  from: string,
  isLowerExclusive: boolean,
  to: string,
  isUpperExclusive: boolean,
  places: number,
): Expression {
  const isNoneEnough = from === '' && !isLowerExclusive && !(to === '' && isUpperExclusive);
  const digits = digitsBetween(
    from,
    isLowerExclusive,
    to,
    isUpperExclusive,
    Math.max(places, from.length + 1, to.length),
  );
  return choice([...(isNoneEnough ? [EMPTY] : []), sequence(literal('.'), digits)]);
}

function digitsBetween(from: string, isLow: boolean, to: string, isHigh: boolean, places: number): Expression {
  if (places <= 0) return NOTHING;
  const [first, last] = [from === '' ? 0 : digitAt(from, 0), to === '' ? 0 : digitAt(to, 0)];
  const [restFrom, restTo] = [from.slice(1), to.slice(1)];
  if (first === last) {
    const isEnough = restFrom === '' && !isLow && !(restTo === '' && isHigh);
    if (restFrom === '' && restTo === '' && from === '' && to === '') {
      return isLow || isHigh ? NOTHING : repeat(digit(0), 1, places);
    }
    const rest = digitsBetween(restFrom, isLow, restTo, isHigh, places - 1);
    return sequence(digit(first), choice([...(isEnough ? [EMPTY] : []), rest]));
  }
  if (first > last) return NOTHING;
  const isLowEnough = restFrom === '' && !isLow;
  const isHighEnough = restTo !== '' || !isHigh;
  return choice([
    sequence(digit(first), choice([...(isLowEnough ? [EMPTY] : []), digitsFrom(restFrom, isLow, places - 1)])),
    sequence(digit(first + 1, last - 1), repeat(DIGIT, 0, places - 1)),
    sequence(digit(last), choice([...(isHighEnough ? [EMPTY] : []), digitsUpTo(restTo, isHigh, places - 1)])),
  ]);
}

/** Whole numbers that a number divides, as digits; the sign is free. */
export function multiplesOf(divisor: number): Expression {
  const states = Array.from({ length: divisor + 1 }, (_, index) => {
    const remainder = index === 0 ? 0 : index - 1;
    return {
      edges: Array.from({ length: 10 }, (_unused, next) => ({
        low: 0x30 + next,
        high: 0x30 + next,
        target: ((remainder * 10 + next) % divisor) + 1,
      })),
      calls: [],
      isFinal: index === 1,
    };
  });
  return sequence(repeat(literal('-'), 0, 1), { kind: 'automaton', automaton: states });
}
