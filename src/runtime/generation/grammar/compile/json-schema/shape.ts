import {
  asSchema,
  count,
  finite,
  isSchemaObject,
  type JsonValue,
  keyword,
  list,
  type Schema,
  type SchemaObject,
  unsupported,
  wrong,
} from './keywords.ts';

export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

const TYPES: readonly JsonType[] = ['null', 'boolean', 'number', 'string', 'array', 'object'];

/** A schema and where it stands in the document, for messages. */
export interface Place {
  readonly schema: Schema;
  readonly path: string;
}

/** Schemas that all hold, none of them a choice any more: what one kind of value looks like. */
export interface Shape {
  readonly types: ReadonlySet<JsonType>;
  readonly isInteger: boolean;
  /** The only values there are, if they are listed. */
  readonly values: readonly JsonValue[] | undefined;
  readonly minLength: number;
  readonly maxLength: number;
  readonly patterns: readonly string[];
  readonly formats: readonly { readonly name: string; readonly path: string }[];
  readonly lower: Bound | undefined;
  readonly upper: Bound | undefined;
  readonly multiples: readonly number[];
  readonly minItems: number;
  readonly maxItems: number;
  readonly minProperties: number;
  readonly maxProperties: number;
  /** The schemas with something to say about items, or about properties. */
  readonly arrays: readonly ObjectPlace[];
  readonly objects: readonly ObjectPlace[];
}

export interface ObjectPlace {
  readonly schema: SchemaObject;
  readonly path: string;
}

export interface Bound {
  readonly value: number;
  readonly isExclusive: boolean;
}

const ANYTHING: Shape = {
  types: new Set(TYPES),
  isInteger: false,
  values: undefined,
  minLength: 0,
  maxLength: Number.POSITIVE_INFINITY,
  patterns: [],
  formats: [],
  lower: undefined,
  upper: undefined,
  multiples: [],
  minItems: 0,
  maxItems: Number.POSITIVE_INFINITY,
  minProperties: 0,
  maxProperties: Number.POSITIVE_INFINITY,
  arrays: [],
  objects: [],
};

/** Shapes of one schema; more come of choices multiplied with choices, which nobody writes by hand. */
const MOST_SHAPES = 256;
const DEEPEST_REFERENCES = 100;

/** Finds what a `$ref` means. */
export type Resolve = (reference: string, path: string) => Place;
/** Told of every `oneOf`, with the schemas beside it: its branches must be told apart. */
export type CheckOneOf = (branches: readonly (readonly Place[])[], path: string) => void;

/** All shapes that satisfy all of these schemas; an answer has one of them. */
export function shapesOf(places: readonly Place[], resolve: Resolve, checkOneOf: CheckOneOf): readonly Shape[] {
  let shapes: readonly Shape[] = [ANYTHING];
  const apply = ({ schema, path }: Place, to: readonly Shape[], depth: number): readonly Shape[] => {
    if (schema === true) return to;
    if (schema === false) return [];
    if (depth > DEEPEST_REFERENCES) throw wrong(path, 'refers to itself without an end');
    let result: readonly Shape[] = to.flatMap((shape) => narrowed(shape, { schema, path }));
    const reference = keyword(schema, '$ref');
    if (reference !== undefined) {
      if (typeof reference !== 'string') throw wrong(`${path}/$ref`, 'must be a text');
      result = apply(resolve(reference, path), result, depth + 1);
    }
    for (const [index, part] of (list(schema, 'allOf', path) ?? []).entries()) {
      result = apply(placeAt(part, `${path}/allOf/${index}`), result, depth + 1);
    }
    for (const name of ['anyOf', 'oneOf']) {
      const parts = list(schema, name, path);
      if (parts === undefined) continue;
      if (parts.length === 0) throw wrong(`${path}/${name}`, 'must not be empty');
      const branches = parts.map((part, index) => placeAt(part, `${path}/${name}/${index}`));
      if (name === 'oneOf' && branches.length > 1) {
        const { oneOf: _, ...rest } = schema;
        checkOneOf(
          branches.map((branch) => [{ schema: rest, path }, branch]),
          `${path}/oneOf`,
        );
      }
      const before = result;
      result = branches.flatMap((branch) => apply(branch, before, depth + 1));
      if (result.length > MOST_SHAPES) throw unsupported(name, path, `makes more than ${MOST_SHAPES} combinations`);
    }
    return result;
  };
  for (const place of places) shapes = apply(place, shapes, 0);
  return shapes;
}

export function placeAt(value: unknown, path: string): Place {
  return { schema: asSchema(value, path), path };
}

/** A shape with the own keywords of one more schema. Nothing where they contradict each other plainly. */
function narrowed(shape: Shape, { schema, path }: ObjectPlace): readonly Shape[] {
  const declared = declaredTypes(schema, path);
  const types = new Set([...shape.types].filter((type) => declared.types.has(type)));
  const pattern = keyword(schema, 'pattern');
  const format = keyword(schema, 'format');
  if (pattern !== undefined && typeof pattern !== 'string') throw wrong(`${path}/pattern`, 'must be a text');
  if (format !== undefined && typeof format !== 'string') throw wrong(`${path}/format`, 'must be a text');
  const multiple = finite(schema, 'multipleOf', path);
  if (multiple !== undefined && multiple <= 0) throw wrong(`${path}/multipleOf`, 'must be above 0');
  if (types.size === 0) return [];
  return [
    {
      types,
      isInteger: shape.isInteger || declared.isInteger,
      values: intersectValues(shape.values, declaredValues(schema, path)),
      minLength: Math.max(shape.minLength, count(schema, 'minLength', path) ?? 0),
      maxLength: Math.min(shape.maxLength, count(schema, 'maxLength', path) ?? Number.POSITIVE_INFINITY),
      patterns: pattern === undefined ? shape.patterns : [...shape.patterns, pattern],
      formats: format === undefined ? shape.formats : [...shape.formats, { name: format, path }],
      lower: tighter(shape.lower, bounds(schema, 'minimum', 'exclusiveMinimum', path), (a, b) => a > b),
      upper: tighter(shape.upper, bounds(schema, 'maximum', 'exclusiveMaximum', path), (a, b) => a < b),
      multiples: multiple === undefined ? shape.multiples : [...shape.multiples, multiple],
      minItems: Math.max(shape.minItems, count(schema, 'minItems', path) ?? 0),
      maxItems: Math.min(shape.maxItems, count(schema, 'maxItems', path) ?? Number.POSITIVE_INFINITY),
      minProperties: Math.max(shape.minProperties, count(schema, 'minProperties', path) ?? 0),
      maxProperties: Math.min(shape.maxProperties, count(schema, 'maxProperties', path) ?? Number.POSITIVE_INFINITY),
      arrays: says(schema, ARRAY_KEYWORDS) ? [...shape.arrays, { schema, path }] : shape.arrays,
      objects: says(schema, OBJECT_KEYWORDS) ? [...shape.objects, { schema, path }] : shape.objects,
    },
  ];
}

const ARRAY_KEYWORDS = ['items', 'prefixItems', 'uniqueItems'];
const OBJECT_KEYWORDS = ['properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames'];

function says(schema: SchemaObject, keywords: readonly string[]): boolean {
  return keywords.some((name) => Object.hasOwn(schema, name));
}

function declaredTypes(schema: SchemaObject, path: string) {
  const value = keyword(schema, 'type');
  if (value === undefined) return { types: new Set<JsonType>(TYPES), isInteger: false };
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  const types = new Set<JsonType>();
  for (const name of names) {
    if (name === 'integer') types.add('number');
    else if (TYPES.includes(name as JsonType)) types.add(name as JsonType);
    else throw wrong(`${path}/type`, `names ${JSON.stringify(name)}, which is no type`);
  }
  return { types, isInteger: names.includes('integer') && !names.includes('number') };
}

function declaredValues(schema: SchemaObject, path: string): readonly JsonValue[] | undefined {
  const listed = list(schema, 'enum', path) as readonly JsonValue[] | undefined;
  if (!Object.hasOwn(schema, 'const')) return listed;
  return intersectValues(listed, [schema['const'] as JsonValue]);
}

function intersectValues(a: readonly JsonValue[] | undefined, b: readonly JsonValue[] | undefined) {
  if (a === undefined || b === undefined) return a ?? b;
  return a.filter((value) => b.some((other) => isEqual(value, other)));
}

/** Whether two JSON values are the same; the order of properties does not matter. */
export function isEqual(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => isEqual(item, b[index] as JsonValue));
  }
  if (!isSchemaObject(a) || !isSchemaObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key] as JsonValue, b[key] as JsonValue));
}

function bounds(schema: SchemaObject, inclusive: string, exclusive: string, path: string): readonly Bound[] {
  const value = finite(schema, inclusive, path);
  const excluded = finite(schema, exclusive, path);
  return [
    ...(value === undefined ? [] : [{ value, isExclusive: false }]),
    ...(excluded === undefined ? [] : [{ value: excluded, isExclusive: true }]),
  ];
}

function tighter(
  bound: Bound | undefined,
  others: readonly Bound[],
  isTighter: (a: number, b: number) => boolean,
): Bound | undefined {
  let best = bound;
  for (const other of others) {
    if (best === undefined || isTighter(other.value, best.value)) best = other;
    else if (other.value === best.value && other.isExclusive) best = other;
  }
  return best;
}
