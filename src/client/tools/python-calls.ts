/** A call as a model wrote it: `arguments` is JSON text. */
export interface WrittenCall {
  readonly name: string;
  readonly arguments: string;
}

/** Calls written as in a Python program, `[f(a="x", b=[1, None]), g()]`; undefined where the text is something else. */
export function parsePythonCalls(text: string): readonly WrittenCall[] | undefined {
  try {
    return new PythonReader(text).calls();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const WORDS: Readonly<Record<string, unknown>> = {
  True: true,
  False: false,
  None: null,
  true: true,
  false: false,
  null: null,
};
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', 0: '\0' };
const DEEPEST = 100;

class PythonReader {
  readonly #text: string;
  #index = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  calls(): readonly WrittenCall[] {
    const isList = this.#take('[');
    const calls: WrittenCall[] = [];
    do {
      if (isList && this.#peek() === ']') break;
      calls.push(this.#call());
    } while (this.#take(','));
    if (isList) this.#expect(']');
    if (this.#peek() !== undefined) throw new SyntaxError('more than calls');
    return calls;
  }

  #call(): WrittenCall {
    const name = this.#match(/^[A-Za-z_][\w.-]*/);
    this.#expect('(');
    const given: Record<string, unknown> = {};
    while (!this.#take(')')) {
      const key = this.#match(/^[A-Za-z_]\w*/);
      this.#expect('=');
      Object.defineProperty(given, key, { value: this.#value(), enumerable: true, configurable: true });
      if (this.#peek() !== ')') this.#expect(',');
    }
    return { name, arguments: JSON.stringify(given) };
  }

  #value(): unknown {
    if (++this.#depth > DEEPEST) throw new SyntaxError('too deep');
    const next = this.#peek();
    const value =
      next === '"' || next === "'"
        ? this.#string(next)
        : next === '[' || next === '('
          ? this.#list(next === '[' ? ']' : ')')
          : next === '{'
            ? this.#dictionary()
            : this.#word();
    this.#depth -= 1;
    return value;
  }

  #list(close: string): unknown[] {
    this.#index += 1;
    const items: unknown[] = [];
    while (!this.#take(close)) {
      items.push(this.#value());
      if (this.#peek() !== close) this.#expect(',');
    }
    return items;
  }

  #dictionary(): Record<string, unknown> {
    this.#index += 1;
    const result: Record<string, unknown> = {};
    while (!this.#take('}')) {
      const key = String(this.#value());
      this.#expect(':');
      Object.defineProperty(result, key, { value: this.#value(), enumerable: true, configurable: true });
      if (this.#peek() !== '}') this.#expect(',');
    }
    return result;
  }

  #string(quote: string): string {
    this.#index += 1;
    let text = '';
    for (;;) {
      const character = this.#text[this.#index++];
      if (character === undefined) throw new SyntaxError('an open string');
      if (character === quote) return text;
      if (character !== '\\') {
        text += character;
        continue;
      }
      const letter = this.#text[this.#index++] ?? '';
      const digits = letter === 'u' ? /^[\da-fA-F]{4}/.exec(this.#text.slice(this.#index))?.[0] : undefined;
      if (digits !== undefined) this.#index += digits.length;
      text += digits === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(digits, 16));
    }
  }

  #word(): unknown {
    const word = this.#match(/^[-+.\w]+/);
    if (Object.hasOwn(WORDS, word)) return WORDS[word];
    const number = Number(word.replaceAll('_', ''));
    if (!Number.isFinite(number)) throw new SyntaxError('an unknown word');
    return number;
  }

  #match(expression: RegExp): string {
    this.#peek();
    const found = expression.exec(this.#text.slice(this.#index, this.#index + 256))?.[0];
    if (found === undefined) throw new SyntaxError('something else');
    this.#index += found.length;
    return found;
  }

  /** The next character that is no white space. */
  #peek(): string | undefined {
    while (/\s/.test(this.#text[this.#index] ?? '')) this.#index += 1;
    return this.#text[this.#index];
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#index += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw new SyntaxError(`no ${character}`);
  }
}
