/** Reads deeper values as missing: nobody shows them, and a hostile text must not use up the stack. */
const DEEPEST = 200;

/**
 * The value that a JSON text holds so far: objects, lists and strings that are still open are closed, a name without its
 * value and a number or word that may still grow are left out. Undefined where there is no value yet.
 */
export function parsePartialJson(text: string): unknown {
  return new PartialReader(text).read();
}

/** The end of the text came in the middle of something of which nothing can be said yet. */
const NOTHING_YET = Symbol('nothing yet');

class PartialReader {
  readonly #text: string;
  #index = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    const value = this.#value();
    return value === NOTHING_YET ? undefined : value;
  }

  #value(): unknown {
    this.#space();
    const next = this.#text[this.#index];
    if (next === undefined || this.#depth >= DEEPEST) return NOTHING_YET;
    this.#depth += 1;
    const value =
      next === '{' ? this.#object() : next === '[' ? this.#array() : next === '"' ? this.#string() : this.#word();
    this.#depth -= 1;
    return value;
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#index += 1;
    for (;;) {
      this.#space();
      if (this.#text[this.#index] !== '"') break;
      const start = this.#index;
      const key = this.#string();
      if (!this.#isClosed(start)) return object;
      this.#space();
      if (this.#text[this.#index] !== ':') return object;
      this.#index += 1;
      const value = this.#value();
      if (value === NOTHING_YET) return object;
      // As JSON.parse does it: "__proto__" is a name like any other.
      Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      this.#space();
      if (this.#text[this.#index] !== ',') break;
      this.#index += 1;
    }
    if (this.#text[this.#index] === '}') this.#index += 1;
    else this.#index = this.#text.length;
    return object;
  }

  #array(): unknown[] {
    const items: unknown[] = [];
    this.#index += 1;
    for (;;) {
      this.#space();
      if (this.#text[this.#index] === ']') break;
      const value = this.#value();
      if (value === NOTHING_YET) return items;
      items.push(value);
      this.#space();
      if (this.#text[this.#index] !== ',') break;
      this.#index += 1;
    }
    if (this.#text[this.#index] === ']') this.#index += 1;
    else this.#index = this.#text.length;
    return items;
  }

  #string(): string {
    const start = this.#index + 1;
    let end = start;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    this.#index = Math.min(end + 1, this.#text.length);
    const isOpen = end >= this.#text.length;
    const body = this.#text.slice(start, end);
    try {
      return JSON.parse(`"${isOpen ? withoutHalfEscape(body) : body}"`) as string;
    } catch {
      return '';
    }
  }

  /** Whether the string that began there has its closing quote. */
  #isClosed(start: number): boolean {
    return this.#index - start >= 2 && this.#text[this.#index - 1] === '"' && !this.#endsEscaped(start);
  }

  #endsEscaped(start: number): boolean {
    let slashes = 0;
    for (let at = this.#index - 2; at > start && this.#text[at] === '\\'; at--) slashes += 1;
    return slashes % 2 === 1;
  }

  /** A number, true, false or null, once something after it says that it is over. */
  #word(): unknown {
    const word = /^[-+.\w]+/.exec(this.#text.slice(this.#index, this.#index + 64))?.[0] ?? '';
    this.#index += word.length;
    const isFixed = word === 'true' || word === 'false' || word === 'null';
    if (word === '' || (this.#index >= this.#text.length && !isFixed && this.#depth > 1)) {
      this.#index = this.#text.length;
      return NOTHING_YET;
    }
    try {
      return JSON.parse(word);
    } catch {
      this.#index = this.#text.length;
      return NOTHING_YET;
    }
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#index] ?? '')) this.#index += 1;
  }
}

/** A string's content without an escape, or half of a pair of surrogates, that has only begun. */
function withoutHalfEscape(body: string): string {
  const begun = /\\(u[\da-fA-F]{0,3})?$/.exec(body);
  const isEscaped = begun && (/\\+$/.exec(body.slice(0, begun.index))?.[0].length ?? 0) % 2 === 0;
  return (isEscaped ? body.slice(0, begun.index) : body).replace(/\\u[dD][89abAB][\da-fA-F]{2}$/, '');
}
