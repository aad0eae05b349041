import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tokenizer } from '../../text/index.ts';
import { compileGrammar } from './compile/index.ts';
import { createGrammars, type GrammarVocabulary } from './match/grammars.ts';
import { embeddedTokenizer, firstTokens, randomAnswer, seededRandom } from './testing/random-answer.ts';
import { RandomSchema } from './testing/random-schema.ts';
import { VariedSchema } from './testing/varied-schema.ts';

let tokenizer: Tokenizer;
let small: GrammarVocabulary;

beforeAll(async () => {
  tokenizer = await embeddedTokenizer();
  small = firstTokens(tokenizer, 2_048);
});

// Properties that every object inherits ("constructor") are none of a JSON text.
const ajv = new Ajv2020({ strict: false, validateFormats: true, ownProperties: true });
addFormats(ajv);

describe('answers to a JSON Schema', () => {
  it.each([
    ['random', 1_000, RandomSchema],
    ['more varied', 100, VariedSchema],
  ] as const)(
    'are valid for %s schemas, %i of them, written by a model that knows nothing',
    (_, count, Schema) => {
      const grammars = createGrammars(small);
      for (let seed = 1; seed <= count; seed++) {
        const random = seededRandom(seed);
        const schema = new Schema(random).make();
        const grammar = compileGrammar({ kind: 'json-schema', schema });
        const text = randomAnswer(grammar, grammars.mask(String(seed), grammar), small, random);
        const about = `seed ${seed}: ${JSON.stringify(schema)} gave ${text}`;
        const validate = ajv.compile(schema);
        expect(validate(JSON.parse(text)), `${about}: ${ajv.errorsText(validate.errors)}`).toBe(true);
      }
    },
    180_000,
  );

  it.each([
    'not',
    'if',
    'then',
    'else',
    'contains',
    'minContains',
    'maxContains',
    'dependentRequired',
    'dependentSchemas',
    'dependencies',
    'unevaluatedItems',
    'unevaluatedProperties',
    'additionalItems',
    '$dynamicRef',
    '$recursiveRef',
    'nullable',
    'discriminator',
  ])('refuse "%s" by its name, and say where it stands', (keyword) => {
    const schema = { type: 'object', properties: { a: { type: 'array', [keyword]: {} } }, required: ['a'] };
    expect(() => compileGrammar({ kind: 'json-schema', schema })).toThrow(
      expect.objectContaining({
        code: 'grammar-unsupported',
        details: expect.objectContaining({ keyword, path: '#/properties/a' }),
      }),
    );
  });

  it('count what repeats instead of writing it out', () => {
    const statesOf = (schema: object) =>
      compileGrammar({ kind: 'json-schema', schema }).rules.reduce(
        (sum, rule) => sum + (rule.kind === 'automaton' ? rule.states.length : 0),
        0,
      );
    expect(statesOf({ type: 'string', pattern: '^[A-Za-z ]+$', maxLength: 10_000 })).toBeLessThan(200);
    expect(statesOf({ type: 'string', pattern: '^\\p{L}{1,5000}$' })).toBeLessThan(1_000);
    expect(statesOf({ type: 'string', pattern: '^[a-z]{2,5}$', minLength: 1, maxLength: 9 })).toBeLessThan(20);
    expect(() => statesOf({ type: 'string', pattern: '^a{2,5}$', minLength: 6 })).toThrow(
      expect.objectContaining({ code: 'grammar-invalid' }),
    );
  });
});
