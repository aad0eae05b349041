import { ANY, type CodePoints, codePoints, complement } from './code-points.ts';
import { invalidGrammar, unsupportedGrammar } from './errors.ts';
import { characters, choice, type Expression, literal, repeat, rule, sequence } from './expression.ts';

/** The GBNF notation of llama.cpp (source: grammars/README.md of that project): rules by name. */
export function parseGbnf(text: string): Map<string, Expression> {
  return new GbnfReader(text).rules();
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

class GbnfReader {
  readonly #text: string;
  #index = 0;

  constructor(text: string) {
    this.#text = text;
  }

  rules(): Map<string, Expression> {
    const rules = new Map<string, Expression>();
    for (this.#space(true); this.#index < this.#text.length; this.#space(true)) {
      const name = this.#name();
      this.#space(false);
      if (!this.#take('::=')) throw this.#invalid('"::=" after the name of a rule');
      this.#space(true);
      if (rules.has(name)) throw invalidGrammar(`The rule "${name}" is defined twice.`, { rule: name });
      rules.set(name, this.#alternatives(false));
    }
    if (!rules.has('root')) throw invalidGrammar('The grammar has no rule "root", with which every answer begins.');
    return rules;
  }

  #alternatives(isNested: boolean): Expression {
    const items = [this.#sequence(isNested)];
    for (;;) {
      // Alternatives may begin on the next line; a new rule there begins with a name instead.
      const before = this.#index;
      this.#space(true);
      if (!this.#take('|')) {
        if (!isNested) this.#index = before;
        return choice(items);
      }
      this.#space(true);
      items.push(this.#sequence(isNested));
    }
  }

  #sequence(isNested: boolean): Expression {
    const items: Expression[] = [];
    for (;;) {
      const atom = this.#atom();
      if (atom === undefined) return sequence(...items);
      items.push(this.#quantified(atom));
      this.#space(isNested || !this.#isRuleNext());
    }
  }

  #atom(): Expression | undefined {
    const next = this.#text[this.#index];
    if (next === '"') return literal(this.#quoted());
    if (next === '[') return characters(this.#bracket());
    if (next === '.') {
      this.#index += 1;
      return characters(ANY);
    }
    if (next === '(') {
      this.#index += 1;
      this.#space(true);
      const inner = this.#alternatives(true);
      this.#space(true);
      if (!this.#take(')')) throw this.#invalid('")"');
      return inner;
    }
    if (next === '<' || next === '!') {
      throw unsupportedGrammar(
        'The grammar names tokens (<…>), which differ between models; write their text instead.',
      );
    }
    return next !== undefined && /[a-zA-Z0-9_-]/.test(next) ? rule(this.#name()) : undefined;
  }

  #quantified(item: Expression): Expression {
    if (this.#take('*')) return this.#quantified(repeat(item, 0));
    if (this.#take('+')) return this.#quantified(repeat(item, 1));
    if (this.#take('?')) return this.#quantified(repeat(item, 0, 1));
    const found = /^\{\s*(\d+)\s*(,\s*(\d*)\s*)?\}/.exec(this.#text.slice(this.#index, this.#index + 64));
    if (!found) return item;
    this.#index += found[0].length;
    const minimum = Number(found[1]);
    const maximum = found[2] === undefined ? minimum : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (maximum < minimum) throw this.#invalid('limits in ascending order');
    return this.#quantified(repeat(item, minimum, maximum));
  }

  #quoted(): string {
    let text = '';
    this.#index += 1;
    while (!this.#take('"')) text += this.#character();
    return text;
  }

  #bracket(): CodePoints {
    this.#index += 1;
    const isNegated = this.#take('^');
    const ranges: [number, number][] = [];
    while (!this.#take(']')) {
      const low = pointOf(this.#character());
      const isRange = this.#text[this.#index] === '-' && this.#text[this.#index + 1] !== ']';
      if (isRange) this.#index += 1;
      ranges.push([low, isRange ? pointOf(this.#character()) : low]);
    }
    const set = codePoints(ranges);
    return isNegated ? complement(set) : set;
  }

  /** One character, escaped or not. */
  #character(): string {
    const point = this.#text.codePointAt(this.#index);
    if (point === undefined || point === 0x0a) throw this.#invalid('the end of a text or a bracket');
    const character = String.fromCodePoint(point);
    this.#index += character.length;
    if (character !== '\\') return character;
    const letter = this.#text[this.#index++] ?? '';
    const digits = HEX_LENGTHS[letter];
    if (digits === undefined) {
      const known = ESCAPES[letter] ?? ('"\\[]-^/.'.includes(letter) && letter !== '' ? letter : undefined);
      if (known === undefined) throw this.#invalid('a known escape');
      return known;
    }
    const value = this.#text.slice(this.#index, this.#index + digits);
    const code = Number.parseInt(value, 16);
    if (!/^[0-9a-fA-F]+$/.test(value) || value.length !== digits || code > 0x10_ffff) {
      throw this.#invalid(`${digits} hexadecimal digits of a character`);
    }
    this.#index += digits;
    return String.fromCodePoint(code);
  }

  #name(): string {
    const name = /^[a-zA-Z0-9_-]+/.exec(this.#text.slice(this.#index, this.#index + 256))?.[0];
    if (name === undefined) throw this.#invalid('the name of a rule');
    this.#index += name.length;
    return name;
  }

  /** Skips blanks and comments, line ends too where they mean nothing. */
  #space(withLines: boolean): void {
    for (;;) {
      const next = this.#text[this.#index];
      if (next === '#')
        while (this.#index < this.#text.length && !/[\r\n]/.test(this.#text[this.#index]!)) this.#index += 1;
      else if (next === ' ' || next === '\t' || (withLines && (next === '\n' || next === '\r'))) this.#index += 1;
      else return;
    }
  }

  /** Whether the next line begins another rule; else it goes on with this one. */
  #isRuleNext(): boolean {
    const before = this.#index;
    this.#space(true);
    const isRule = /^[a-zA-Z0-9_-]+\s*::=/.test(this.#text.slice(this.#index, this.#index + 512));
    this.#index = before;
    return isRule;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#index)) return false;
    this.#index += text.length;
    return true;
  }

  #invalid(expected: string) {
    const line = this.#text.slice(0, this.#index).split('\n').length;
    return invalidGrammar(`Line ${line} of the grammar: expected ${expected}.`, { line });
  }
}

function pointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
