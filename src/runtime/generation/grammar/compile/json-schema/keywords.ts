import { invalidGrammar, unsupportedGrammar } from '../errors.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A schema that is an object; `true` and `false` are schemas too. */
export type SchemaObject = Readonly<Record<string, unknown>>;
export type Schema = boolean | SchemaObject;

/** Keywords that say nothing about what is valid. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$comment',
  '$anchor',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentMediaType',
  'contentEncoding',
]);

const SUPPORTED: ReadonlySet<string> = new Set([
  '$ref',
  'type',
  'enum',
  'const',
  'anyOf',
  'oneOf',
  'allOf',
  'properties',
  'required',
  'additionalProperties',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
]);

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a schema, or `grammar-invalid` with its place. */
export function asSchema(value: unknown, path: string): Schema {
  if (typeof value === 'boolean') return value;
  if (!isSchemaObject(value)) throw wrong(path, 'must be a schema: an object, true or false');
  for (const keyword of Object.keys(value)) {
    if (ANNOTATIONS.has(keyword) || SUPPORTED.has(keyword)) continue;
    throw unsupported(keyword, path);
  }
  return value;
}

/** The value of a keyword of the schema itself; names that every object inherits count as absent. */
export function keyword(schema: SchemaObject, name: string): unknown {
  return Object.hasOwn(schema, name) ? schema[name] : undefined;
}

export function unsupported(name: string, path: string, why = 'is not supported') {
  return unsupportedGrammar(`The keyword "${name}" at ${path} ${why}.`, { keyword: name, path });
}

export function wrong(path: string, problem: string) {
  return invalidGrammar(`The schema is wrong: ${path} ${problem}.`, { path });
}

/** A keyword that holds a count. */
export function count(schema: SchemaObject, name: string, path: string): number | undefined {
  const value = keyword(schema, name);
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong(`${path}/${name}`, 'must be a whole number');
  return value as number;
}

export function finite(schema: SchemaObject, name: string, path: string): number | undefined {
  const value = keyword(schema, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(`${path}/${name}`, 'must be a number');
  return value;
}

export function list(schema: SchemaObject, name: string, path: string): readonly unknown[] | undefined {
  const value = keyword(schema, name);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrong(`${path}/${name}`, 'must be a list');
  return value;
}

export function record(schema: SchemaObject, name: string, path: string): SchemaObject {
  const value = keyword(schema, name);
  if (value === undefined) return {};
  if (!isSchemaObject(value)) throw wrong(`${path}/${name}`, 'must be an object');
  return value;
}

export function texts(schema: SchemaObject, name: string, path: string): readonly string[] {
  const value = list(schema, name, path) ?? [];
  if (!value.every((item): item is string => typeof item === 'string')) {
    throw wrong(`${path}/${name}`, 'must be a list of texts');
  }
  return value;
}
