import type { Automaton } from '../automaton.ts';
import { choice, EMPTY, type Expression, literal, NOTHING, optional, repeat, sequence } from '../expression.ts';
import { isEmpty, subtract } from '../languages.ts';
import { COLON, COMMA } from './json-text.ts';
import { asSchema, keyword, record, texts, unsupported } from './keywords.ts';
import { type ObjectPlace, type Place, placeAt, type Shape } from './shape.ts';
import { keysBut, stringLanguage } from './strings.ts';

/** What the objects of a shape hold, all its schemas taken together. */
export interface ObjectContent {
  /** In the order they are written. */
  readonly properties: readonly Property[];
  /** Kinds of keys beyond the named ones, no two of which have a key in common. */
  readonly others: readonly { readonly keys: Automaton; readonly value: readonly Place[] }[];
}

export interface Property {
  readonly name: string;
  readonly isRequired: boolean;
  readonly value: readonly Place[];
}

/** Reads what a shape says of objects. `keyLanguage` is the language of a schema for keys. */
export function contentOf(
  { objects }: Pick<Shape, 'objects'>,
  keyLanguage: (place: Place) => Automaton,
): ObjectContent {
  const required = new Set(objects.flatMap(({ schema, path }) => texts(schema, 'required', path)));
  const names = new Set(objects.flatMap(({ schema, path }) => Object.keys(record(schema, 'properties', path))));
  for (const name of required) names.add(name);
  const properties: Property[] = [];
  for (const name of names) {
    const value = objects.flatMap((place) => valueOfNamed(place, name));
    if (!value.some(({ schema }) => schema === false)) properties.push({ name, isRequired: required.has(name), value });
    else if (required.has(name)) properties.push({ name, isRequired: true, value: [{ schema: false, path: '' }] });
  }
  return { properties, others: otherKeys(objects, [...names], keyLanguage) };
}

/** What one schema says of the value of a named property. */
function valueOfNamed({ schema, path }: ObjectPlace, name: string): readonly Place[] {
  const named = record(schema, 'properties', path);
  const patterns = record(schema, 'patternProperties', path);
  const places: Place[] = [];
  if (Object.hasOwn(named, name)) places.push(placeAt(named[name], `${path}/properties/${name}`));
  for (const [pattern, value] of Object.entries(patterns)) {
    if (new RegExp(pattern, 'u').test(name)) places.push(placeAt(value, `${path}/patternProperties/${pattern}`));
  }
  if (places.length > 0) return places;
  const additional = keyword(schema, 'additionalProperties');
  return additional === undefined ? [] : [placeAt(additional, `${path}/additionalProperties`)];
}

/**
 * Keys that no schema names. A schema that names properties and says nothing of others is taken to want no others: what is
 * written then satisfies it either way, and a small model does not go on inventing keys.
 */
function otherKeys(
  objects: readonly ObjectPlace[],
  names: readonly string[],
  keyLanguage: (place: Place) => Automaton,
): ObjectContent['others'] {
  const isOpen =
    objects.every(({ schema }) => !says(schema, 'properties') && !says(schema, 'patternProperties')) ||
    objects.some(({ schema }) => says(schema, 'additionalProperties') || says(schema, 'patternProperties'));
  if (!isOpen) return [];
  let keys = stringLanguage({ minLength: 0, maxLength: Number.POSITIVE_INFINITY, patterns: [], formats: [] });
  keys = keysBut(keys, names);
  for (const { schema, path } of objects) {
    const place = keyword(schema, 'propertyNames');
    if (place === undefined) continue;
    const allowed = keyLanguage(placeAt(place, `${path}/propertyNames`));
    keys = subtract(keys, subtract(keys, allowed));
  }
  // Each pattern has its own kind of keys; keys of several patterns at once are left out.
  let kinds: { keys: Automaton; value: readonly Place[] }[] = [{ keys, value: [] }];
  for (const { schema, path } of objects) {
    const patterns = Object.entries(record(schema, 'patternProperties', path)).map(([pattern, value]) => ({
      keys: stringLanguage({ minLength: 0, maxLength: Number.POSITIVE_INFINITY, patterns: [pattern], formats: [] }),
      value: placeAt(value, `${path}/patternProperties/${pattern}`),
    }));
    const additional = keyword(schema, 'additionalProperties');
    const isClosed = additional === undefined && (says(schema, 'patternProperties') || says(schema, 'properties'));
    const rest = isClosed && patterns.length > 0 ? false : asSchema(additional ?? true, `${path}/additionalProperties`);
    kinds = kinds.flatMap((kind) => {
      const parts = patterns.map((pattern, index) => {
        const others = patterns.filter((_, other) => other !== index);
        const own = subtract(kind.keys, subtract(kind.keys, pattern.keys));
        return {
          keys: others.reduce((left, other) => subtract(left, other.keys), own),
          value: [...kind.value, pattern.value],
        };
      });
      if (rest !== false) {
        const value =
          rest === true ? kind.value : [...kind.value, { schema: rest, path: `${path}/additionalProperties` }];
        parts.push({
          keys: patterns.reduce((left, { keys: own }) => subtract(left, own), kind.keys),
          value: [...value],
        });
      }
      return parts;
    });
  }
  return kinds.filter((kind) => !isEmpty(kind.keys));
}

function says(schema: ObjectPlace['schema'], name: string): boolean {
  return Object.hasOwn(schema, name);
}

/** Up to so many properties one automaton is made of them all; beyond, each has a rule of its own. */
const MOST_IN_ONE_RULE = 8;

/** What the objects of a shape need of the schema they are part of. */
export interface ObjectContext {
  readonly keyLanguage: (place: Place) => Automaton;
  readonly value: (places: readonly Place[]) => Expression;
  /** Makes a rule of an expression, and returns the call of it. */
  readonly asRule: (expression: Expression) => Expression;
}

/** The JSON objects of a shape: named properties in their order, then others. */
export function objectExpression(shape: Shape, context: ObjectContext): Expression {
  const { minProperties, maxProperties } = shape;
  const { properties, others } = contentOf(shape, context.keyLanguage);
  const path = shape.objects[0]?.path ?? '#';
  const required = properties.filter(({ isRequired }) => isRequired).length;
  if (required > maxProperties) return NOTHING;
  // Two other keys may turn out the same, and then count once.
  if (others.length > 0 && minProperties > Math.max(required, 1)) {
    throw unsupported('minProperties', path, 'cannot be guaranteed beside keys that the model chooses');
  }
  const isCounted =
    minProperties > required ||
    maxProperties < properties.length ||
    (others.length > 0 && maxProperties < Number.POSITIVE_INFINITY);
  const written = properties.map(({ name, value }) =>
    sequence(literal(JSON.stringify(name)), COLON, context.value(value)),
  );
  const other = choice(
    others.map(({ keys, value }) =>
      sequence(context.asRule({ kind: 'automaton', automaton: keys }), COLON, context.value(value)),
    ),
  );
  const isManyRules = isCounted || properties.length > MOST_IN_ONE_RULE;
  const known = new Map<string, Expression>();
  /** What may follow when the properties before `index` are done, `done` of them written. */
  const rest = (index: number, done: number): Expression => {
    const key = `${index}:${isCounted ? done : Math.min(done, 1)}`;
    let expression = known.get(key);
    if (expression === undefined) {
      expression = isManyRules ? context.asRule(restOf(index, done)) : restOf(index, done);
      known.set(key, expression);
    }
    return expression;
  };
  const restOf = (index: number, done: number): Expression => {
    const before = done > 0 ? COMMA : EMPTY;
    const property = properties[index];
    const next = written[index];
    if (property === undefined || next === undefined) return tail(done);
    const taken = () => (done < maxProperties ? sequence(before, next, rest(index + 1, done + 1)) : NOTHING);
    return property.isRequired ? taken() : choice([taken(), rest(index + 1, done)]);
  };
  const tail = (done: number): Expression => {
    const left = maxProperties - done;
    const missing = Math.max(0, minProperties - done);
    if (others.length === 0 || left <= 0) return missing > 0 ? NOTHING : EMPTY;
    const more = repeat(sequence(COMMA, other), 0);
    const some =
      done > 0
        ? repeat(sequence(COMMA, other), missing, left)
        : sequence(
            other,
            left === Number.POSITIVE_INFINITY
              ? more
              : repeat(sequence(COMMA, other), Math.max(0, missing - 1), left - 1),
          );
    return missing > 0 || done > 0 ? some : optional(some);
  };
  return sequence(literal('{'), rest(0, 0), literal('}'));
}
