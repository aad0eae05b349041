type Json = Readonly<Record<string, unknown>>;

const NAMES = [
  'name',
  'age',
  'city',
  'tags',
  'price',
  'is_open',
  'notes',
  'größe',
  'a',
  'quote"d',
  'line\nbreak',
  '数',
];
const PATTERNS = ['^[a-z]{2,5}$', '^\\d{3}-\\d{4}$', 'foo|bar', '^(yes|no)$', '[A-Z]\\w*', '^\\S+@\\S+$', '^é+$'];
const FORMATS = ['date', 'time', 'date-time', 'duration', 'email', 'hostname', 'uuid', 'ipv4', 'ipv6', 'uri'];

/** Schemas as people write them, and combinations that nobody writes, from one seeded source of chance. */
export class RandomSchema {
  readonly #random: () => number;
  readonly #definitions: Record<string, unknown> = {};
  #recursion = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  make(): Json {
    const schema = this.#schema(3);
    return { ...schema, ...(Object.keys(this.#definitions).length > 0 ? { $defs: this.#definitions } : {}) };
  }

  #schema(depth: number): Json {
    const kinds = ['string', 'number', 'integer', 'boolean', 'null', 'enum', 'const', 'pattern', 'format'];
    if (depth > 0)
      kinds.push('object', 'object', 'object', 'array', 'array', 'anyOf', 'oneOf', 'allOf', 'ref', 'tuple', 'map');
    switch (this.#pick(kinds)) {
      case 'string':
        return { type: 'string', ...this.#limits('minLength', 'maxLength', 12) };
      case 'pattern':
        return { type: 'string', pattern: this.#pick(PATTERNS) };
      case 'format':
        return { type: 'string', format: this.#pick(FORMATS) };
      case 'number':
        return { type: 'number', ...this.#bounds(false) };
      case 'integer':
        return this.#chance(0.2)
          ? { type: 'integer', multipleOf: this.#whole(2, 12) }
          : { type: 'integer', ...this.#bounds(true) };
      case 'boolean':
        return { type: 'boolean' };
      case 'null':
        return { type: this.#chance(0.5) ? 'null' : ['null', 'string'] };
      case 'enum':
        return { enum: ['red', 'green', 3, null, true, 'with "quotes"', { a: [1, 2] }].slice(0, this.#whole(1, 7)) };
      case 'const':
        return { const: this.#pick<unknown>(['fixed', 7, -2.5, false, ['x', 'y'], { k: 'v' }]) };
      case 'array':
        return { type: 'array', items: this.#schema(depth - 1), ...this.#limits('minItems', 'maxItems', 4) };
      case 'tuple': {
        const prefixItems = [this.#schema(depth - 1), this.#schema(depth - 1)];
        return {
          type: 'array',
          prefixItems,
          ...(this.#chance(0.5) ? { items: { type: 'integer' }, maxItems: 4 } : {}),
        };
      }
      case 'map':
        return { type: 'object', additionalProperties: this.#schema(depth - 1), maxProperties: this.#whole(1, 3) };
      case 'anyOf':
        return { anyOf: [this.#schema(depth - 1), this.#schema(depth - 1)] };
      case 'oneOf':
        return {
          oneOf: ['circle', 'square'].map((kind) => ({
            type: 'object',
            properties: { kind: { const: kind }, size: this.#schema(depth - 1) },
            required: ['kind'],
          })),
        };
      case 'allOf':
        return {
          allOf: [
            this.#object(depth, ['a', 'b'], false),
            { properties: { c: this.#schema(depth - 1) }, required: ['c'] },
          ],
        };
      case 'ref':
        return this.#reference(depth);
      default:
        return this.#object(depth, this.#names());
    }
  }

  #object(depth: number, names: readonly string[], isAlone = true): Json {
    return {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, this.#schema(depth - 1)])),
      required: names.filter(() => this.#chance(0.6)),
      ...(isAlone && this.#chance(0.3) ? { additionalProperties: false } : {}),
      ...(isAlone && this.#chance(0.1)
        ? { additionalProperties: { type: 'boolean' }, maxProperties: names.length + 2 }
        : {}),
    };
  }

  #reference(depth: number): Json {
    const name = `definition ${Object.keys(this.#definitions).length}`;
    const reference = { $ref: `#/$defs/${name}` };
    this.#definitions[name] = true;
    const isRecursive = !this.#recursion && this.#chance(0.5);
    this.#recursion ||= isRecursive;
    this.#definitions[name] = isRecursive
      ? {
          type: 'object',
          properties: { value: this.#schema(depth - 1), next: { anyOf: [{ type: 'null' }, reference] } },
          required: ['value'],
        }
      : this.#schema(depth - 1);
    return reference;
  }

  #names(): readonly string[] {
    const names = NAMES.filter(() => this.#chance(0.3));
    return names.length > 0 ? names : ['only'];
  }

  #limits(low: string, high: string, most: number): Json {
    const minimum = this.#chance(0.4) ? this.#whole(0, 3) : undefined;
    const maximum = this.#chance(0.5) ? this.#whole(minimum ?? 0, most) : undefined;
    return {
      ...(minimum === undefined ? {} : { [low]: minimum }),
      ...(maximum === undefined ? {} : { [high]: maximum }),
    };
  }

  #bounds(isWhole: boolean): Json {
    const at = () =>
      isWhole ? this.#whole(-1_500, 1_500) : Math.round((this.#random() - 0.5) * 1e5) / this.#pick([1, 10, 1000]);
    const [low, high] = [at(), at()].sort((a, b) => a - b);
    return {
      ...(this.#chance(0.5) ? { [this.#pick(['minimum', 'exclusiveMinimum'])]: low } : {}),
      ...(this.#chance(0.5) ? { [this.#pick(['maximum', 'exclusiveMaximum'])]: (high ?? 0) + 2 } : {}),
    };
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
