import { beforeAll, describe, expect, it } from 'vitest';
import type { CompiledGrammar, GrammarSource } from '../../../protocol/index.ts';
import type { Tokenizer } from '../../text/index.ts';
import { compileGrammar } from './compile/index.ts';
import type { GrammarMask } from './match/grammar-mask.ts';
import { createGrammars, type GrammarVocabulary } from './match/grammars.ts';
import { Pushdown, type State } from './match/pushdown.ts';
import { embeddedTokenizer, firstTokens, idsOf, seededRandom } from './testing/random-answer.ts';
import { RandomSchema } from './testing/random-schema.ts';

let tokenizer: Tokenizer;
let small: GrammarVocabulary;

beforeAll(async () => {
  tokenizer = await embeddedTokenizer();
  small = firstTokens(tokenizer, 3_000);
});

function after(pushdown: Pushdown, from: State, bytes: Iterable<number>): State | null {
  let state: State | null = from;
  for (const byte of bytes) state = state && pushdown.step(state, byte);
  return state;
}

/** Compares the mask with the definition, token by token, along a random answer. */
function expectExact(grammar: CompiledGrammar, mask: GrammarMask, random: () => number, tokens: number): void {
  const pushdown = new Pushdown(grammar);
  let state = pushdown.start();
  for (let count = 0; count < tokens; count++) {
    const possible: number[] = [];
    for (let id = 0; id < small.vocabularySize; id++) {
      const bytes = small.tokenBytes(id);
      const isEnd = small.endTokenIds.has(id);
      if (isEnd ? state.isAccepting : bytes.length > 0 && after(pushdown, state, bytes)) possible.push(id);
    }
    expect(idsOf(mask.allowed())).toEqual(possible);
    const id = possible[Math.floor(random() * possible.length)] ?? -1;
    if (small.endTokenIds.has(id)) return;
    mask.accept(id);
    state = after(pushdown, state, small.tokenBytes(id))!;
  }
}

describe('token masks', () => {
  it('allow exactly the tokens whose bytes can be read, for random schemas', () => {
    const grammars = createGrammars(small);
    for (let seed = 2_001; seed <= 2_040; seed++) {
      const random = seededRandom(seed);
      const grammar = compileGrammar({ kind: 'json-schema', schema: new RandomSchema(random).make() });
      expectExact(grammar, grammars.mask(String(seed), grammar), random, 25);
    }
  }, 60_000);

  it.each<[string, GrammarSource]>([
    ['any JSON', { kind: 'json', root: 'value' }],
    ['a pattern', { kind: 'regex', pattern: '(ab|a[^b]{3,40})*\\s?\\p{Lu}+' }],
    [
      'long counted lists',
      { kind: 'gbnf', text: 'root ::= "[" (item ", "){5,900} item "]"\nitem ::= [a-z]{2,700} | "x"' },
    ],
    ['ambiguity', { kind: 'gbnf', text: 'root ::= (a | b | "aaa")*\na ::= "a" | "aa" a\nb ::= a? "b"?' }],
    ['recursion at both ends', { kind: 'gbnf', text: 'root ::= "(" root ")" root | [x-z]*' }],
    [
      'a trigger in free text',
      { kind: 'triggered', triggers: ['<call>', '<<'], next: { kind: 'json', root: 'object' }, isRepeated: true },
    ],
  ])('are exact for %s', (name, source) => {
    const grammar = compileGrammar(source);
    const grammars = createGrammars(small);
    for (let seed = 1; seed <= 4; seed++) expectExact(grammar, grammars.mask(name, grammar), seededRandom(seed), 30);
  });

  it('know the end token only where the answer is complete', () => {
    const grammar = compileGrammar({ kind: 'choice', choices: ['yes', 'yes, please'] });
    const mask = createGrammars(tokenizer).mask('choice', grammar);
    const [end] = tokenizer.endTokenIds;
    const isEndAllowed = () => idsOf(mask.allowed()).includes(end!);
    expect(isEndAllowed()).toBe(false);
    for (const id of tokenizer.encode([{ kind: 'text', text: 'yes' }])) mask.accept(id);
    expect(isEndAllowed()).toBe(true);
    expect(mask.isComplete).toBe(true);
  });

  it('go on where an answer was begun', () => {
    const grammars = createGrammars(tokenizer);
    const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const grammar = compileGrammar({ kind: 'json-schema', schema });
    const mask = grammars.mask('begun', grammar, { prefix: '{"name": "A' });
    for (const id of tokenizer.encode([{ kind: 'text', text: 'nna"}' }])) mask.accept(id);
    expect(mask.isComplete).toBe(true);
    expect(() => grammars.mask('begun', grammar, { prefix: 'Sure!' })).toThrow(
      expect.objectContaining({ code: 'grammar-invalid' }),
    );
  });

  it('go back and fork', () => {
    const grammar = compileGrammar({ kind: 'json', root: 'object' });
    const mask = createGrammars(tokenizer).mask('json', grammar);
    const read = (text: string, by = mask) => {
      for (const id of tokenizer.encode([{ kind: 'text', text }])) by.accept(id);
    };
    read('{"a": [1');
    const before = idsOf(mask.allowed());
    const length = mask.length;
    const fork = mask.fork();
    read(', 2]}');
    expect(mask.isComplete).toBe(true);
    mask.rollback(mask.length - length);
    expect(idsOf(mask.allowed())).toEqual(before);
    read('7]', fork);
    expect(idsOf(mask.allowed())).toEqual(before);
    expect(() => mask.accept(tokenizer.encode([{ kind: 'text', text: 'x' }])[0]!)).toThrow(/not possible/);
    expect(() => mask.rollback(1_000)).toThrow(RangeError);
  });

  it('force what has no alternative, but for a last token that could be the beginning of a longer one', () => {
    const schema = {
      type: 'object',
      properties: { description: { type: 'string' }, kind: { const: 'fixed text of a constant' } },
      required: ['description', 'kind'],
    };
    const mask = createGrammars(tokenizer).mask('forced', compileGrammar({ kind: 'json-schema', schema }));
    const text = (ids: readonly number[]) =>
      new TextDecoder().decode(Uint8Array.from(ids.flatMap((id) => [...tokenizer.tokenBytes(id)])));
    const first = mask.forced();
    expect(text(first)).toBe('{"description":');
    for (const id of first) mask.accept(id);
    expect(mask.forced()).toEqual([]);
    for (const id of tokenizer.encode([{ kind: 'text', text: ' "x"' }])) mask.accept(id);
    const rest = mask.forced();
    expect(text(rest)).toBe(', "kind": "fixed text of a constant"}');
    expect(tokenizer.endTokenIds.has(rest.at(-1)!)).toBe(true);
  });

  it('forces nothing inside a character', () => {
    const mask = createGrammars(tokenizer).mask('umlaut', compileGrammar({ kind: 'regex', pattern: '[ä-ö]' }));
    expect(mask.forced()).toEqual([]);
    expect(idsOf(mask.allowed()).length).toBeGreaterThan(0);
  });

  it('let tokens be spelt that stand for text in this answer only', () => {
    const [id] = tokenizer.encode([{ kind: 'template', text: '<|im_start|>' }]);
    const bytes = new TextEncoder().encode('<|im_start|>');
    const grammar = compileGrammar({ kind: 'literal', text: '<|im_start|>!' });
    const plain = createGrammars(tokenizer).mask('extra', grammar);
    expect(idsOf(plain.allowed())).not.toContain(id);
    const mask = createGrammars(tokenizer).mask('extra', grammar, { extra: new Map([[id!, bytes]]) });
    expect(idsOf(mask.allowed())).toContain(id);
    expect(mask.forced()[0]).toBe(id);
    mask.accept(id!);
    expect(mask.isComplete).toBe(false);
  });
});
