import { classByLetter, NOT_LINE_END, propertySet } from './character-classes.ts';
import { ANY, type CodePoints, codePoints, complement, withBothCases } from './code-points.ts';
import { invalidGrammar, unsupportedGrammar } from './errors.ts';

/** A regular expression as it is written: like an `Expression`, with anchors. */
export type RegexNode =
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'characters'; readonly set: CodePoints }
  | { readonly kind: 'sequence' | 'choice'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly item: RegexNode; readonly minimum: number; readonly maximum: number };

const CONTROL_LETTERS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };
const DEEPEST = 200;

/**
 * Reads the regular expressions of ECMAScript without what looks around (lookahead, lookbehind, \b) or back (\1): those
 * are refused by name. Greedy and lazy quantifiers mean the same here, and so do capturing and other groups.
 */
export function parseRegex(pattern: string, flags = ''): RegexNode {
  for (const flag of flags) {
    if (!'isuv'.includes(flag)) {
      throw unsupportedGrammar(`The flag "${flag}" of a regular expression is not supported; i, s, u and v are.`, {
        flag,
      });
    }
  }
  return new RegexReader(pattern, flags).read();
}

class RegexReader {
  readonly #pattern: string;
  readonly #characters: readonly string[];
  readonly #ignoresCase: boolean;
  readonly #dot: CodePoints;
  #index = 0;
  #depth = 0;

  constructor(pattern: string, flags: string) {
    this.#pattern = pattern;
    this.#characters = [...pattern];
    this.#ignoresCase = flags.includes('i');
    this.#dot = flags.includes('s') ? ANY : NOT_LINE_END;
  }

  read(): RegexNode {
    const node = this.#alternatives();
    if (this.#index < this.#characters.length) throw this.#invalid('an unmatched ")"');
    return node;
  }

  #alternatives(): RegexNode {
    if (++this.#depth > DEEPEST) throw unsupportedGrammar(`A regular expression nests more than ${DEEPEST} groups.`);
    const items = [this.#sequence()];
    while (this.#take('|')) items.push(this.#sequence());
    this.#depth -= 1;
    return items.length === 1 && items[0] ? items[0] : { kind: 'choice', items };
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      items.push(this.#quantified(this.#atom()));
    }
    return { kind: 'sequence', items };
  }

  #atom(): RegexNode {
    const next = this.#next();
    switch (next) {
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '.':
        return { kind: 'characters', set: this.#dot };
      case '(':
        return this.#group();
      case '[':
        return this.#set(this.#bracket());
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw this.#invalid(`a "${next}" that repeats nothing`);
      default:
        return this.#set(pointSet(next));
    }
  }

  #set(set: CodePoints): RegexNode {
    return { kind: 'characters', set: this.#ignoresCase ? withBothCases(set) : set };
  }

  #group(): RegexNode {
    if (this.#take('?')) {
      if (this.#take('<')) {
        if (this.#peek() === '=' || this.#peek() === '!') throw this.#unsupported('lookbehind');
        while (this.#next() !== '>');
      } else if (!this.#take(':')) {
        const next = this.#next();
        throw this.#unsupported(next === '=' || next === '!' ? 'lookahead' : `"(?${next}"`);
      }
    }
    const node = this.#alternatives();
    if (!this.#take(')')) throw this.#invalid('a "(" without its ")"');
    return node;
  }

  #escape(): RegexNode {
    const letter = this.#peek() ?? '';
    if (letter === 'b' || letter === 'B') throw this.#unsupported('a word boundary (\\b)');
    if (/[1-9k]/u.test(letter)) throw this.#unsupported('a backreference');
    return this.#set(this.#escapedSet());
  }

  /** What follows a backslash, in or outside a bracket. */
  #escapedSet(): CodePoints {
    const letter = this.#next();
    const set = classByLetter(letter);
    if (set) return set;
    if (letter === 'p' || letter === 'P') {
      const name = /^\{([^}]+)\}/u.exec(this.#rest())?.[1];
      const found = name === undefined ? undefined : propertySet(name);
      if (name === undefined || !found) throw this.#invalid('an unknown Unicode property');
      this.#index += [...name].length + 2;
      return letter === 'p' ? found : complement(found);
    }
    return pointSet(String.fromCodePoint(this.#escapedPoint(letter)));
  }

  #escapedPoint(letter: string): number {
    const control = CONTROL_LETTERS[letter];
    if (control !== undefined) return control;
    const rest = this.#rest();
    const digits =
      letter === 'x'
        ? /^([0-9a-f]{2})/iu.exec(rest)
        : letter === 'u'
          ? (/^([0-9a-f]{4})/iu.exec(rest) ?? /^\{([0-9a-f]{1,6})\}/iu.exec(rest))
          : letter === 'c'
            ? /^([a-z])/iu.exec(rest)
            : undefined;
    if (digits === undefined) {
      if (/[a-z0-9]/iu.test(letter)) throw this.#invalid(`the unknown escape "\\${letter}"`);
      return letter.codePointAt(0) ?? 0;
    }
    const [whole, value] = digits ?? [];
    if (whole === undefined || value === undefined) throw this.#invalid(`an incomplete escape "\\${letter}"`);
    this.#index += whole.length;
    if (letter === 'c') return value.toUpperCase().charCodeAt(0) - 64;
    const point = Number.parseInt(value, 16);
    // Two escapes may write the halves of one character.
    const low = point >= 0xd800 && point < 0xdc00 ? /^\\u(d[c-f][0-9a-f]{2})/iu.exec(this.#rest()) : null;
    if (low?.[1] !== undefined) {
      this.#index += 6;
      return 0x1_0000 + ((point - 0xd800) << 10) + (Number.parseInt(low[1], 16) - 0xdc00);
    }
    if (point > 0x10_ffff) throw this.#invalid(`the escape "\\u{${value}}", which is no character`);
    return point;
  }

  #bracket(): CodePoints {
    const isNegated = this.#take('^');
    const ranges: (readonly [number, number])[] = [];
    while (!this.#take(']')) {
      const from = this.#bracketItem();
      // After a class like \\w a hyphen is only a hyphen.
      const isOne = from.length === 1 && from[0]?.[0] === from[0]?.[1];
      if (!isOne || this.#peek() !== '-' || this.#characters[this.#index + 1] === ']') {
        ranges.push(...from);
        continue;
      }
      this.#index += 1;
      const to = this.#bracketItem();
      const [low, high] = [from[0]?.[0], to[0]?.[1]];
      if (low === undefined || high === undefined || from.length > 1 || to.length > 1 || low > high) {
        throw this.#invalid('a range whose ends are no two characters in order');
      }
      ranges.push([low, high]);
    }
    const set = codePoints(ranges);
    return isNegated ? complement(this.#ignoresCase ? withBothCases(set) : set) : set;
  }

  #bracketItem(): CodePoints {
    const next = this.#next();
    if (next !== '\\') return pointSet(next);
    if (this.#take('b')) return [[8, 8]];
    return this.#escapedSet();
  }

  #quantified(item: RegexNode): RegexNode {
    const bounds = this.#quantifier();
    if (!bounds) return item;
    this.#take('?');
    const [minimum, maximum] = bounds;
    if (maximum < minimum) throw this.#invalid('a quantifier whose limits are the wrong way round');
    if ('*+?{'.includes(this.#peek() ?? ' ') && this.#quantifier()) throw this.#invalid('two quantifiers in a row');
    return { kind: 'repeat', item, minimum, maximum };
  }

  #quantifier(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    const found = /^\{(\d+)(,(\d*))?\}/u.exec(this.#peek() === '{' ? this.#rest() : '');
    if (!found) return undefined;
    this.#index += found[0].length;
    const minimum = Number(found[1]);
    if (found[2] === undefined) return [minimum, minimum];
    return [minimum, found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3])];
  }

  #peek(): string | undefined {
    return this.#characters[this.#index];
  }

  #next(): string {
    const next = this.#characters[this.#index];
    if (next === undefined) throw this.#invalid('an end in the middle of something');
    this.#index += 1;
    return next;
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#index += 1;
    return true;
  }

  #rest(): string {
    return this.#characters.slice(this.#index, this.#index + 64).join('');
  }

  #invalid(what: string) {
    return invalidGrammar(`The regular expression /${this.#pattern}/ has ${what}.`, { pattern: this.#pattern });
  }

  #unsupported(what: string) {
    const message = `The regular expression /${this.#pattern}/ uses ${what}, which cannot be guaranteed.`;
    return unsupportedGrammar(message, { pattern: this.#pattern });
  }
}

function pointSet(character: string): CodePoints {
  const point = character.codePointAt(0) ?? 0;
  return [[point, point]];
}
