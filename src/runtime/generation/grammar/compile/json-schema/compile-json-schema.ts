import type { Automaton } from '../automaton.ts';
import { invalidGrammar } from '../errors.ts';
import { choice, type Expression, literal, NOTHING, rule } from '../expression.ts';
import { intersect, languageOf } from '../languages.ts';
import { arrayExpression } from './arrays.ts';
import { areApart } from './disjoint.ts';
import { ANY_ARRAY, ANY_INTEGER, ANY_OBJECT, ANY_VALUE, JSON_RULES, NUMBER, written } from './json-text.ts';
import { asSchema, isSchemaObject, unsupported, wrong } from './keywords.ts';
import { integersBetween, multiplesOf, numbersBetween } from './numbers.ts';
import { contentOf, type ObjectContent, objectExpression } from './objects.ts';
import { type Place, type Shape, shapesOf } from './shape.ts';
import { stringExpression, stringLanguage } from './strings.ts';
import { hasShape, type ValidationContext } from './validate.ts';

/** Rules of a schema; `root` is the value it describes. */
export interface SchemaRules {
  readonly root: Expression;
  readonly rules: ReadonlyMap<string, Expression>;
}

/**
 * A JSON Schema (draft 2020-12) as rules. What they let through satisfies the schema; of the texts that satisfy it they let
 * through those with the properties in the schema's order and white space as json.dumps writes it.
 * Throws `grammar-unsupported` naming the keyword, or `grammar-invalid` with the place.
 */
export function schemaRules(schema: unknown, prefix = ''): SchemaRules {
  return new SchemaCompiler(schema, prefix).compile();
}

/** Largest divisor that whole numbers are tested against digit by digit. */
const LARGEST_DIVISOR = 1_000;

class SchemaCompiler {
  readonly #document: unknown;
  readonly #prefix: string;
  readonly #rules = new Map<string, Expression>(JSON_RULES);
  readonly #ids = new Map<unknown, number>();
  readonly #shapes = new Map<string, readonly Shape[]>();
  readonly #contents = new Map<Shape, ObjectContent>();
  readonly #oneOf: { readonly branches: readonly (readonly Place[])[]; readonly path: string }[] = [];
  readonly #checked = new Set<string>();
  readonly #context: ValidationContext = {
    shapes: (places) => this.#shapesOf(places),
    contentOf: (shape) => this.#contentOf(shape),
  };
  #names = 0;

  constructor(document: unknown, prefix: string) {
    this.#document = document;
    this.#prefix = prefix;
  }

  compile(): SchemaRules {
    const root = this.#value([{ schema: asSchema(this.#document, '#'), path: '#' }]);
    for (let next = this.#oneOf.pop(); next !== undefined; next = this.#oneOf.pop()) this.#checkOneOf(next);
    return { root, rules: this.#rules };
  }

  /** A call of the rule for values that satisfy all of these schemas. */
  #value(places: readonly Place[]): Expression {
    const said = places.filter(({ schema }) => schema !== true);
    if (said.length === 0) return rule(ANY_VALUE);
    const name = `${this.#prefix}value ${this.#keyOf(said)}`;
    if (!this.#rules.has(name)) {
      // Named before it is made, so that a schema can contain itself.
      this.#rules.set(name, NOTHING);
      this.#rules.set(name, choice(this.#shapesOf(said).map((shape) => this.#shape(shape))));
    }
    return rule(name);
  }

  #shape(shape: Shape): Expression {
    if (shape.values) {
      const fitting = shape.values.filter((value) => hasShape(value, shape, this.#context));
      return choice(fitting.map((value) => literal(written(value))));
    }
    return choice([...shape.types].map((type) => this.#ofType(type, shape)));
  }

  #ofType(type: 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object', shape: Shape): Expression {
    switch (type) {
      case 'null':
        return literal('null');
      case 'boolean':
        return choice([literal('true'), literal('false')]);
      case 'number':
        return this.#number(shape);
      case 'string':
        return stringExpression(shape);
      case 'array': {
        const isFree = shape.arrays.length === 0 && shape.minItems === 0 && shape.maxItems === Number.POSITIVE_INFINITY;
        return isFree ? rule(ANY_ARRAY) : arrayExpression(shape, (places) => this.#value(places));
      }
      case 'object': {
        const { objects, minProperties, maxProperties } = shape;
        if (objects.length === 0 && minProperties === 0 && maxProperties === Number.POSITIVE_INFINITY) {
          return rule(ANY_OBJECT);
        }
        return objectExpression(shape, {
          keyLanguage: (place) => this.#keyLanguage(place),
          value: (places) => this.#value(places),
          asRule: (expression) => this.#asRule(expression),
        });
      }
    }
  }

  #number({ isInteger, lower, upper, multiples, objects, arrays }: Shape): Expression {
    const divisors = multiples.filter((multiple) => !(isInteger && multiple === 1));
    for (const divisor of divisors) {
      const path = [...objects, ...arrays][0]?.path ?? '#';
      if (!isInteger) throw unsupported('multipleOf', path, 'is supported for integers only');
      if (!Number.isInteger(divisor) || divisor > LARGEST_DIVISOR) {
        throw unsupported('multipleOf', path, `must be a whole number up to ${LARGEST_DIVISOR}`);
      }
    }
    const isFree = lower === undefined && upper === undefined;
    if (!isInteger) return isFree ? rule(NUMBER) : numbersBetween(lower, upper);
    const range = isFree ? ANY_INTEGER : integersBetween(lower, upper);
    if (divisors.length === 0) return range;
    const languages = [range, ...divisors.map(multiplesOf)].map(languageOf);
    return { kind: 'automaton', automaton: languages.reduce(intersect) };
  }

  #asRule(expression: Expression): Expression {
    const name = `${this.#prefix}part ${++this.#names}`;
    this.#rules.set(name, expression);
    return rule(name);
  }

  #keyLanguage(place: Place): Automaton {
    const languages = this.#shapesOf([place])
      .filter(({ types }) => types.has('string'))
      .map((shape) => {
        if (!shape.values) return stringLanguage(shape);
        const fitting = shape.values.filter((value) => hasShape(value, shape, this.#context));
        return languageOf(choice(fitting.map((value) => literal(JSON.stringify(value)))));
      });
    return languageOf(choice(languages.map((automaton) => ({ kind: 'automaton', automaton }))));
  }

  #shapesOf(places: readonly Place[]): readonly Shape[] {
    const key = this.#keyOf(places);
    const known = this.#shapes.get(key);
    if (known) return known;
    const shapes = shapesOf(
      places,
      (reference, path) => this.#resolve(reference, path),
      (branches, path) => this.#oneOf.push({ branches, path }),
    );
    this.#shapes.set(key, shapes);
    return shapes;
  }

  #contentOf(shape: Shape): ObjectContent {
    const known = this.#contents.get(shape);
    if (known) return known;
    const content = contentOf(shape, (place) => this.#keyLanguage(place));
    this.#contents.set(shape, content);
    return content;
  }

  #checkOneOf({ branches, path }: { branches: readonly (readonly Place[])[]; path: string }): void {
    if (this.#checked.has(path)) return;
    this.#checked.add(path);
    for (const [index, branch] of branches.entries()) {
      for (const [other, second] of branches.entries()) {
        if (index === other || areApart(branch, second, this.#context)) continue;
        const why = `has branches ${Math.min(index, other)} and ${Math.max(index, other)} that one value may satisfy both; use anyOf, or tell them apart by a required property with different values`;
        throw unsupported('oneOf', path, why);
      }
    }
  }

  #resolve(reference: string, path: string): Place {
    if (!reference.startsWith('#')) throw unsupported('$ref', path, `refers to "${reference}", outside this schema`);
    const pointer = decodeURIComponent(reference.slice(1));
    if (pointer !== '' && !pointer.startsWith('/')) return this.#anchor(pointer, path);
    let target: unknown = this.#document;
    for (const step of pointer.split('/').slice(1)) {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
      const isThere = (isSchemaObject(target) || Array.isArray(target)) && Object.hasOwn(target, name);
      if (!isThere) throw wrong(`${path}/$ref`, `refers to "${reference}", which is not there`);
      target = (target as Readonly<Record<string, unknown>>)[name];
    }
    return { schema: asSchema(target, reference), path: reference };
  }

  #anchor(name: string, path: string): Place {
    const search = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return undefined;
      if (isSchemaObject(value) && value['$anchor'] === name) return value;
      for (const inner of Object.values(value)) {
        const found = search(inner);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    const found = search(this.#document);
    if (found === undefined) throw wrong(`${path}/$ref`, `refers to the anchor "${name}", which is not there`);
    return { schema: asSchema(found, `#${name}`), path: `#${name}` };
  }

  /** The same schemas, the same key, wherever they are referred to. */
  #keyOf(places: readonly Place[]): string {
    const ids = places.map(({ schema, path }) => {
      const known = this.#ids.get(schema);
      if (known !== undefined) return known;
      if (this.#ids.size > 10_000) throw invalidGrammar(`The schema grows without an end at ${path}.`);
      this.#ids.set(schema, this.#ids.size);
      return this.#ids.size - 1;
    });
    return [...new Set(ids)].sort((a, b) => a - b).join('+');
  }
}
