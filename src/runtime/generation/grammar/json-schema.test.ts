import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tokenizer } from '../../text/index.ts';
import { compileGrammar } from './compile/index.ts';
import { createGrammars, type GrammarVocabulary } from './match/grammars.ts';
import { embeddedTokenizer, firstTokens, randomAnswer, seededRandom } from './testing/random-answer.ts';
import { RandomSchema } from './testing/random-schema.ts';

let tokenizer: Tokenizer;
let small: GrammarVocabulary;

beforeAll(async () => {
  tokenizer = await embeddedTokenizer();
  small = firstTokens(tokenizer, 2_048);
});

const ajv = new Ajv2020({ strict: false, validateFormats: true });
addFormats(ajv);

describe('answers to a JSON Schema', () => {
  it('are valid for 1,000 random schemas, written by a model that knows nothing', () => {
    const grammars = createGrammars(small);
    for (let seed = 1; seed <= 1_000; seed++) {
      const random = seededRandom(seed);
      const schema = new RandomSchema(random).make();
      const grammar = compileGrammar({ kind: 'json-schema', schema });
      const text = randomAnswer(grammar, grammars.mask(String(seed), grammar), small, random);
      const about = `seed ${seed}: ${JSON.stringify(schema)} gave ${text}`;
      const validate = ajv.compile(schema);
      expect(validate(JSON.parse(text)), `${about}: ${ajv.errorsText(validate.errors)}`).toBe(true);
    }
  }, 180_000);
});
