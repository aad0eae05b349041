import { itemAt, prefixLength } from './arrays.ts';
import { isSchemaObject, type JsonValue, keyword } from './keywords.ts';
import { contentOf, type ObjectContent } from './objects.ts';
import { isEqual, type JsonType, type Place, type Shape } from './shape.ts';
import { isStringOf } from './strings.ts';

export interface ValidationContext {
  readonly shapes: (places: readonly Place[]) => readonly Shape[];
  readonly contentOf: (shape: Shape) => ObjectContent;
}

/** Whether a value satisfies all of these schemas: for listed values, which must also obey what stands beside the list. */
export function satisfies(value: JsonValue, places: readonly Place[], context: ValidationContext): boolean {
  return context.shapes(places).some((shape) => hasShape(value, shape, context));
}

/** Whether a value has a shape. */
export function hasShape(value: JsonValue, shape: Shape, context: ValidationContext): boolean {
  if (!shape.types.has(typeOf(value))) return false;
  if (shape.values && !shape.values.some((listed) => isEqual(listed, value))) return false;
  if (typeof value === 'string') return isStringOf(shape, value);
  if (typeof value === 'number') return isNumberOf(shape, value);
  if (Array.isArray(value)) {
    if (value.length < shape.minItems || value.length > shape.maxItems) return false;
    return value.every((item, index) => {
      const places = shape.arrays.length === 0 ? [] : itemAt(shape, index);
      return places !== undefined
        ? satisfies(item, places, context)
        : prefixLength(shape) <= index && isOpenArray(shape);
    });
  }
  return isSchemaObject(value) ? isObjectOf(shape, value as Readonly<Record<string, JsonValue>>, context) : true;
}

function isOpenArray({ arrays }: Shape): boolean {
  return arrays.every(({ schema }) => keyword(schema, 'items') === undefined);
}

function isNumberOf({ isInteger, lower, upper, multiples }: Shape, value: number): boolean {
  if (isInteger && !Number.isInteger(value)) return false;
  if (lower && (lower.isExclusive ? value <= lower.value : value < lower.value)) return false;
  if (upper && (upper.isExclusive ? value >= upper.value : value > upper.value)) return false;
  return multiples.every((multiple) => Number.isInteger(value / multiple));
}

function isObjectOf(shape: Shape, value: Readonly<Record<string, JsonValue>>, context: ValidationContext): boolean {
  const keys = Object.keys(value);
  if (keys.length < shape.minProperties || keys.length > shape.maxProperties) return false;
  const { properties } = context.contentOf(shape);
  if (properties.some(({ name, isRequired }) => isRequired && !Object.hasOwn(value, name))) return false;
  return keys.every((key) => {
    const property = properties.find(({ name }) => name === key);
    if (property) return satisfies(value[key] as JsonValue, property.value, context);
    // Keys that no schema names are judged by each schema as they stand.
    const places = contentOf(
      { objects: shape.objects.map((place) => ({ ...place, schema: { ...place.schema, required: [key] } })) },
      () => [],
    ).properties.find(({ name }) => name === key)?.value;
    return places === undefined || satisfies(value[key] as JsonValue, places, context);
  });
}

function typeOf(value: JsonValue): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as JsonType;
}
