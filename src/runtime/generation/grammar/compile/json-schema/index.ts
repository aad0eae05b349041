export { schemaRules } from './compile-json-schema.ts';
export { ANY_OBJECT, ANY_VALUE, JSON_RULES } from './json-text.ts';
