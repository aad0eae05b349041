type Json = Readonly<Record<string, unknown>>;

const PATTERNS = [
  '^[A-Za-z ]+$',
  '.',
  '^\\p{L}+$',
  '^[α-ω]{1,4}$',
  '^\\p{Lu}\\p{Ll}{0,9}$',
  '^[^\\x00-\\x7f]{2,6}$',
  '^😀?x{2,}$',
  '^(ab|c){2,40}$',
  '^\\w{1,100}$',
  '\\.(jpg|png)$',
  '^"\\\\?[\\t\\n ]{1,3}$',
  '^[\\s\\S]{3,30}$',
];
const FORMATS = ['date', 'email', 'uuid', 'ipv4', 'uri', 'hostname', 'date-time'];
const VALUES: readonly unknown[] = [
  'text',
  '',
  0,
  -1.5,
  1e21,
  true,
  null,
  [],
  {},
  [1, 'two', [null]],
  { a: { b: ['c'] } },
  'ünï',
  '\u2028',
  '"',
];

/** Schemas of the kind that other people generate: everything that is documented, in combinations nobody planned. */
export class VariedSchema {
  readonly #random: () => number;
  readonly #definitions: Record<string, unknown> = {};

  constructor(random: () => number) {
    this.#random = random;
  }

  make(): Json {
    const schema = this.#schema(3);
    const definitions = Object.keys(this.#definitions).length > 0 ? { $defs: this.#definitions } : {};
    return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema, ...definitions };
  }

  #schema(depth: number): Json {
    const leaves = ['sized', 'pattern', 'formatted', 'mixed', 'listed', 'integer', 'number', 'both'] as const;
    const nodes = [
      'record',
      'tree',
      'mutual',
      'keys',
      'named keys',
      'tuple',
      'list',
      'by type',
      'by tag',
      'all',
      'many',
    ] as const;
    switch (
      this.#pick<(typeof leaves)[number] | (typeof nodes)[number]>(depth > 0 ? [...leaves, ...nodes, ...nodes] : leaves)
    ) {
      case 'sized':
        return { type: 'string', minLength: this.#whole(0, 3), maxLength: this.#whole(3, 60) };
      case 'pattern':
        return { type: 'string', pattern: this.#pick(PATTERNS), ...this.#maybe({ maxLength: this.#whole(6, 90) }) };
      case 'formatted':
        return { type: 'string', format: this.#pick(FORMATS), ...this.#maybe({ maxLength: 90 }) };
      case 'mixed':
        return { type: ['string', 'integer', 'null', 'boolean'], maxLength: 9, minimum: -3, maximum: 12 };
      case 'listed': {
        const values = VALUES.filter(() => this.#chance(0.4));
        return { enum: values.length > 0 ? values : ['only'], ...this.#maybe({ description: 'one of them' }) };
      }
      case 'integer':
        return { type: 'integer', minimum: this.#whole(-1e6, 0), exclusiveMaximum: this.#whole(1, 2 ** 31) };
      case 'number':
        return { type: 'number', exclusiveMinimum: this.#whole(-99, 0) / 8, maximum: this.#whole(1, 10_000) / 7 };
      case 'both':
        return {
          allOf: [{ type: 'string', minLength: 2 }, { maxLength: 20 }, { pattern: this.#pick(['^[a-f0-9]+$', '-']) }],
        };
      case 'record': {
        const names = ['id', 'naïve "key"', 'a/b~c', '', '数', '__proto__x', 'constructor'].filter(() =>
          this.#chance(0.5),
        );
        return {
          type: 'object',
          properties: Object.fromEntries(names.map((name) => [name, this.#schema(depth - 1)])),
          required: names.filter(() => this.#chance(0.5)),
          ...this.#maybe({ additionalProperties: false }),
          ...this.#maybe({ minProperties: Math.min(names.length, 1) }),
        };
      }
      case 'tree':
        return this.#define((reference) => ({
          type: 'object',
          properties: { value: this.#schema(depth - 1), children: { type: 'array', items: reference, maxItems: 2 } },
          required: ['value'],
          additionalProperties: false,
        }));
      case 'mutual':
        return this.#define((first) => ({
          anyOf: [
            { type: 'null' },
            this.#define((second) => ({
              type: 'object',
              properties: { next: first, other: { anyOf: [{ const: 0 }, second] } },
              required: ['next'],
            })),
          ],
        }));
      case 'keys':
        return {
          type: 'object',
          patternProperties: { '^x_': this.#schema(depth - 1), '^y[0-9]{1,3}$': { type: 'boolean' } },
          additionalProperties: false,
          maxProperties: this.#whole(1, 3),
        };
      case 'named keys':
        return {
          type: 'object',
          propertyNames: this.#pick<Json>([{ pattern: '^[a-z]{1,8}$' }, { maxLength: 6 }, { enum: ['p', 'q', 'r'] }]),
          additionalProperties: this.#schema(depth - 1),
          minProperties: this.#whole(0, 1),
          maxProperties: 2,
        };
      case 'tuple':
        return {
          type: 'array',
          prefixItems: [this.#schema(depth - 1), { const: this.#pick(VALUES) }],
          minItems: this.#whole(0, 2),
          items: this.#pick<unknown>([false, { type: 'null' }]),
          maxItems: 3,
        };
      case 'list':
        return {
          type: 'array',
          items: this.#schema(depth - 1),
          minItems: this.#whole(0, 2),
          maxItems: this.#whole(2, 12),
        };
      case 'by type':
        return {
          oneOf: [
            { type: 'integer' },
            { type: 'string', maxLength: 8 },
            { type: 'array', items: { type: 'null' }, maxItems: 2 },
          ],
        };
      case 'by tag':
        return {
          oneOf: [1, 2, null].map((tag) => ({
            type: 'object',
            properties: { tag: { const: tag }, body: this.#schema(depth - 1) },
            required: ['tag', 'body'],
          })),
        };
      case 'all':
        return {
          type: 'object',
          properties: { a: { type: 'integer' } },
          required: ['a'],
          allOf: [{ properties: { a: { minimum: 3 }, b: this.#schema(depth - 1) }, required: ['b'] }],
        };
      case 'many': {
        const names = Array.from({ length: this.#whole(9, 24) }, (_, index) => `field_${index}`);
        return {
          type: 'object',
          properties: Object.fromEntries(names.map((name) => [name, { type: 'boolean' }])),
          required: names.slice(0, 3),
        };
      }
    }
  }

  #define(make: (reference: Json) => Json): Json {
    const name = `d${Object.keys(this.#definitions).length}`;
    const reference = { $ref: `#/$defs/${name}` };
    this.#definitions[name] = true;
    this.#definitions[name] = make(reference);
    return reference;
  }

  #maybe(part: Json): Json {
    return this.#chance(0.4) ? part : {};
  }

  #whole(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T;
  }
}
