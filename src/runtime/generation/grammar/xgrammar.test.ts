import { beforeAll, describe, expect, it } from 'vitest';
import type { CompiledGrammar, GrammarSource } from '../../../protocol/index.ts';
import { readModelHeader } from '../../text/testing/model-file.ts';
import { compileGrammar } from './compile/index.ts';
import { createGrammars, type Grammars, type GrammarVocabulary } from './match/grammars.ts';
import { CommonSchema } from './testing/common-schema.ts';
import { embeddedTokenizer, firstTokens, idsOf, seededRandom } from './testing/random-answer.ts';
import { loadXGrammar, type XGrammar } from './testing/xgrammar.ts';

/** Our masks beside those of XGrammar, token by token along random answers. */
const TOKENS = 2_048;

let oracle: XGrammar;
let compiler: Awaited<ReturnType<XGrammar['GrammarCompiler']['createGrammarCompiler']>>;
let vocabulary: GrammarVocabulary;
let grammars: Grammars;

beforeAll(async () => {
  oracle = await loadXGrammar();
  const tokenizer = await embeddedTokenizer();
  vocabulary = firstTokens(tokenizer, TOKENS);
  grammars = createGrammars(vocabulary);
  const encoded = ((await readModelHeader()).metadata.get('tokenizer.ggml.tokens') as string[]).slice(0, TOKENS);
  const ends = [...tokenizer.endTokenIds].filter((id) => id < TOKENS);
  const info = await oracle.TokenizerInfo.createTokenizerInfo(encoded, 'byte_level', false, TOKENS, ends);
  compiler = await oracle.GrammarCompiler.createGrammarCompiler(info, false);
});

/**
 * Legitimate differences: XGrammar lets control tokens be written as their letters, puts no limit to the digits of a number
 * and to what an escape may be (half of a surrogate pair, for example), and lets UTF-8 be longer than it must be. Where only
 * those differ, the walk ends.
 */
function isLegitimate(bytes: readonly number[], more: readonly number[]): boolean {
  const isContinued = more.every((id) => ((vocabulary.tokenBytes(id)[0] ?? 0) & 0xc0) === 0x80);
  if (isContinued && [0xe0, 0xed, 0xf0, 0xf4].includes(bytes.at(-1) ?? 0)) return true;
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  const theirs = more.map(spell);
  if (/\d{2}$/.test(text)) return theirs.every((token) => /^[\d.]/.test(token));
  return /\\u?[\da-fA-F]{0,8}$/.test(text) && theirs.every((token) => /^[\da-fA-Fu\\]/.test(token));
}

const spell = (id: number) => new TextDecoder().decode(vocabulary.tokenBytes(id));

async function compare(
  about: string,
  ours: CompiledGrammar,
  theirs: Awaited<ReturnType<XGrammar['Grammar']['fromEBNF']>>,
  random: () => number,
  tokens: number,
): Promise<number> {
  const compiled = await compiler.compileGrammar(theirs);
  const matcher = await oracle.GrammarMatcher.createGrammarMatcher(compiled);
  const mask = grammars.mask(about, ours);
  const isText = (id: number) => vocabulary.endTokenIds.has(id) || vocabulary.tokenBytes(id).length > 0;
  const bytes: number[] = [];
  let compared = 0;
  for (; compared < tokens; compared++) {
    const own = idsOf(mask.allowed());
    const words = new Uint32Array(Int32Array.from(await matcher.getNextTokenBitmask()).buffer);
    const other = idsOf(words).filter((id) => id < TOKENS && isText(id));
    const more = other.filter((id) => !own.includes(id));
    if (more.length > 0 && isLegitimate(bytes, more)) break;
    expect(own, `${about} after ${new TextDecoder().decode(Uint8Array.from(bytes))}: ${more.map(spell)}`).toEqual(
      other,
    );
    const id = own[Math.floor(random() * own.length)] ?? -1;
    if (vocabulary.endTokenIds.has(id)) break;
    mask.accept(id);
    expect(matcher.acceptToken(id)).toBe(true);
    bytes.push(...vocabulary.tokenBytes(id));
  }
  for (const handle of [matcher, compiled, theirs]) handle.dispose();
  return compared;
}

describe('masks beside XGrammar', () => {
  it('are the same for random schemas', async () => {
    let compared = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const random = seededRandom(seed);
      const schema = new CommonSchema(random).make();
      const ours = compileGrammar({ kind: 'json-schema', schema });
      const theirs = await oracle.Grammar.fromJSONSchema(JSON.stringify(schema), false, -1, [', ', ': '], true);
      compared += await compare(JSON.stringify(schema), ours, theirs, random, 40);
    }
    expect(compared).toBeGreaterThan(900);
  }, 120_000);

  it.each([
    [
      'JSON',
      'root ::= object\nvalue ::= object | array | string | number | "true" | "false" | "null"\nobject ::= "{" ws (string ":" ws value ("," ws string ":" ws value)*)? "}"\narray ::= "[" ws (value ("," ws value)*)? "]"\nstring ::= "\\"" ([^"\\\\\\x00-\\x1f] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F]))* "\\"" ws\nnumber ::= "-"? ("0" | [1-9] [0-9]*) ("." [0-9]+)? ([eE] [-+]? [0-9]+)? ws\nws ::= [ \\n\\t]*',
    ],
    [
      'sums',
      'root ::= (expr "=" term "\\n")+\nexpr ::= term ([-+*/] term)*\nterm ::= ident | num | "(" expr ")"\nident ::= [a-z] [a-z0-9_]*\nnum ::= [0-9]+',
    ],
    ['nesting', 'root ::= "(" root ")" | "[" root "]" | [a-c]+'],
    ['counted words', 'root ::= word (" " word){2,30}\nword ::= [a-z]{3,12} | "I" | "a"'],
    ['ambiguity', 'root ::= (a | b)+ "."\na ::= "x" | "xx"\nb ::= "x" "y"? | "xxy"'],
  ])('are the same for a grammar of %s', async (name, text) => {
    const source: GrammarSource = { kind: 'gbnf', text };
    for (let seed = 1; seed <= 5; seed++) {
      const theirs = await oracle.Grammar.fromEBNF(text);
      await compare(`${name} ${seed}`, compileGrammar(source), theirs, seededRandom(seed), 60);
    }
  });
});
