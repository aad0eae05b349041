/** What a text field must look like. */
export interface TextRule {
  readonly pattern?: RegExp;
  /** Most UTF-16 units. */
  readonly limit?: number;
}

/** What a number must lie between, both ends included. */
export interface NumberRule {
  readonly least?: number;
  readonly most?: number;
}

/** What the texts of a list must look like, and how many there may be. */
export interface ListRule {
  readonly pattern?: RegExp;
  readonly limit?: number;
}

const DEFAULT_TEXT_LIMIT = 10_000;
const DEFAULT_LIST_LIMIT = 10_000;

/**
 * Reads an untrusted object field by field: stored records and fetched JSON are rebuilt from what was checked, never cast.
 * The first field that is wrong is reported through `fail`, which throws the caller's coded error.
 */
export class Fields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #what: string;
  readonly #fail: (message: string) => never;

  constructor(value: unknown, what: string, fail: (message: string) => never) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(`${what} is not an object.`);
    this.#value = value as Readonly<Record<string, unknown>>;
    this.#what = what;
    this.#fail = fail;
  }

  /** The value of a field of the object itself; inherited names count as absent. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
  }

  text(name: string, { pattern, limit = DEFAULT_TEXT_LIMIT }: TextRule = {}): string {
    const value = this.raw(name);
    if (typeof value !== 'string' || value.length > limit || (pattern !== undefined && !pattern.test(value))) {
      return this.#wrong(name);
    }
    return value;
  }

  number(name: string, { least = -Number.MAX_VALUE, most = Number.MAX_VALUE }: NumberRule = {}): number {
    const value = this.raw(name);
    if (typeof value !== 'number' || !Number.isFinite(value) || value < least || value > most) return this.#wrong(name);
    return value;
  }

  integer(name: string, { least = 0, most = Number.MAX_SAFE_INTEGER }: NumberRule = {}): number {
    const value = this.number(name, { least, most });
    return Number.isSafeInteger(value) ? value : this.#wrong(name);
  }

  /** An array of at most `limit` texts that all match. */
  texts(name: string, { pattern, limit = DEFAULT_LIST_LIMIT }: ListRule = {}): readonly string[] {
    const value = this.raw(name);
    if (!Array.isArray(value) || value.length > limit) return this.#wrong(name);
    const isRight = (item: unknown): item is string => typeof item === 'string' && (pattern?.test(item) ?? true);
    return value.every(isRight) ? [...value] : this.#wrong(name);
  }

  /** A nested object. */
  object(name: string): Fields {
    return new Fields(this.raw(name), `${this.#what}.${name}`, this.#fail);
  }

  #wrong(name: string): never {
    return this.#fail(`${this.#what}.${name} is missing or wrong.`);
  }
}
