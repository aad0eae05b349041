type Json = Readonly<Record<string, unknown>>;

const NAMES = ['name', 'age', 'city', 'tags', 'price', 'is_open', 'größe'];

/** Schemas of the keywords that every grammar compiler reads alike. */
export class CommonSchema {
  readonly #random: () => number;
  readonly #definitions: Record<string, unknown> = {};

  constructor(random: () => number) {
    this.#random = random;
  }

  make(): Json {
    return { ...this.#schema(3), $defs: this.#definitions };
  }

  #schema(depth: number): Json {
    const kinds = ['string', 'number', 'integer', 'boolean', 'null', 'enum', 'const', 'range'];
    if (depth > 0) kinds.push('object', 'object', 'object', 'array', 'array', 'anyOf', 'ref');
    const kind = this.#pick(kinds);
    switch (kind) {
      case 'enum':
        return { enum: ['red', 'green', 3, null, true, 'with "quotes"', -1.5].slice(0, this.#whole(1, 7)) };
      case 'const':
        return { const: this.#pick<unknown>(['fixed', 7, -2.5, false]) };
      case 'range': {
        const minimum = this.#whole(0, 900);
        return { type: 'integer', minimum, maximum: minimum + this.#whole(0, 2_000) };
      }
      case 'array': {
        const minItems = this.#whole(0, 2);
        const maxItems = this.#random() < 0.5 ? { maxItems: minItems + this.#whole(1, 3) } : {};
        return { type: 'array', items: this.#schema(depth - 1), minItems, ...maxItems };
      }
      case 'anyOf':
        return { anyOf: [this.#schema(depth - 1), this.#schema(depth - 1)] };
      case 'ref': {
        const name = `definition${Object.keys(this.#definitions).length}`;
        const reference = { $ref: `#/$defs/${name}` };
        this.#definitions[name] = true;
        this.#definitions[name] = {
          type: 'object',
          properties: { value: this.#schema(depth - 1), next: { anyOf: [{ type: 'null' }, reference] } },
          required: ['value', 'next'],
        };
        return reference;
      }
      case 'object': {
        const names = NAMES.filter(() => this.#random() < 0.4);
        const all = names.length > 0 ? names : ['only'];
        return {
          type: 'object',
          properties: Object.fromEntries(all.map((name) => [name, this.#schema(depth - 1)])),
          required: all.filter(() => this.#random() < 0.6),
          additionalProperties: false,
        };
      }
      default:
        return { type: kind };
    }
  }

  #whole(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T;
  }
}
