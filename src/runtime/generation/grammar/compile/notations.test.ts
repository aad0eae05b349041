import { describe, expect, it } from 'vitest';
import type { GrammarSource } from '../../../../protocol/index.ts';
import { Pushdown, type State } from '../match/pushdown.ts';
import { compileGrammar } from './compile-grammar.ts';

/** Whether a text is exactly what a grammar wants. */
function accepts(source: GrammarSource, text: string): boolean {
  const pushdown = new Pushdown(compileGrammar(source));
  let state: State | null = pushdown.start();
  for (const byte of new TextEncoder().encode(text)) state = state && pushdown.step(state, byte);
  return state?.isAccepting ?? false;
}

const TEXTS = [
  '',
  'a',
  'ab',
  'abc',
  'aab',
  'b',
  'foo',
  'xfoox',
  'bar',
  'FOO',
  '12',
  '1234',
  '12-34',
  ' ',
  '\n',
  'a\nb',
  'é',
  'É',
  'ß',
  'straße',
  '数',
  '😀',
  '😀😀',
  'a😀',
  '-',
  ']',
  '^',
  '\\',
  '/',
  'a-b',
  'a.b',
  'aXb',
  '_x9',
  '\u2028',
  'Zürich',
  '2024-02-29',
  'tab\there',
  'A1',
];

describe('regular expressions', () => {
  it.each([
    'a',
    'a*b',
    '(a|b)*c?',
    '[a-c]+',
    '[^a-c]+',
    'a{2}b',
    'a{1,2}b?',
    'a{2,}',
    '\\d+',
    '\\d{2}-\\d{2}',
    '\\w+',
    '\\W',
    '\\s',
    '\\S+',
    '.',
    '.*',
    'a.b',
    '(?:foo|bar)',
    '(?<name>foo)',
    '[\\w.-]+',
    '[\\]^\\\\-]',
    '\\u00e9',
    '\\u{1F600}+',
    '\\ud83d\\ude00',
    '\\x61',
    '\\p{Lu}.*',
    '\\P{L}+',
    '[\\p{L}\\d]+',
    '\\t',
    'tab\\there',
    '\\/',
    '[/]',
    '',
    '(a|)b',
    'a*?b',
    '(foo)+?',
    '\\cJ',
    '[\\b]',
    '^a$',
    '(^foo$|^bar$)',
  ])('mean what they mean in JavaScript: /%s/', (pattern) => {
    const expression = new RegExp(`^(?:${pattern})$`, 'u');
    for (const text of TEXTS) {
      expect(accepts({ kind: 'regex', pattern }, text), JSON.stringify(text)).toBe(expression.test(text));
    }
  });

  it.each([
    ['foo', 'i'],
    ['[a-c]+', 'i'],
    ['[^f]oo', 'i'],
    ['é', 'i'],
    ['straße', 'i'],
    ['.', 's'],
    ['a.b', 's'],
  ])('know their flags: /%s/%s', (pattern, flags) => {
    const expression = new RegExp(`^(?:${pattern})$`, `u${flags}`);
    for (const text of TEXTS) {
      expect(accepts({ kind: 'regex', pattern, flags }, text), JSON.stringify(text)).toBe(expression.test(text));
    }
  });

  it.each([
    ['(?=a)b', /lookahead/],
    ['(?!a)b', /lookahead/],
    ['(?<=a)b', /lookbehind/],
    ['\\bfoo', /word boundary/],
    ['(a)\\1', /backreference/],
    ['(?i:a)', /"\(\?i"/],
    ['a^b', /anchor/],
    ['(^a)*', /anchor/],
  ])('are refused by name where they look around: /%s/', (pattern, message) => {
    expect(() => compileGrammar({ kind: 'regex', pattern })).toThrow(
      expect.objectContaining({ code: 'grammar-unsupported', message: expect.stringMatching(message) }),
    );
  });

  it.each(['(a', 'a)', '[a', '*a', 'a{3,2}', '[z-a]', '\\p{Nonsense}', '\\', 'a**'])(
    'are refused where they are wrong: /%s/',
    (pattern) => {
      expect(() => compileGrammar({ kind: 'regex', pattern })).toThrow(
        expect.objectContaining({ code: 'grammar-invalid' }),
      );
    },
  );

  it('are refused where they would need a state for every number', () => {
    expect(() => compileGrammar({ kind: 'regex', pattern: '(a|b)*a(a|b){20}' })).toThrow(
      expect.objectContaining({ code: 'grammar-too-complex' }),
    );
  });
});

const ARITHMETIC = `
# sums of products
root  ::= expr "=" ws term "\\n"
expr  ::= term ([-+*/] term)*
term  ::= ident | num | "(" ws expr ")" ws
ident ::= [a-z] [a-z0-9_]* ws
num   ::= [0-9]+ ws
ws    ::= [ \\t\\n]*
`;

const LIST = `root ::= item+

# an item begins with a hyphen
item ::=
  "- "
  [^\\r\\n\\x0b\\x0c\\x85\\u2028\\u2029]+ "\\n"
`;

describe('GBNF', () => {
  it.each<[string, string, readonly string[], readonly string[]]>([
    ['arithmetic', ARITHMETIC, ['a+1=2\n', '(x *(y+3))= z\n'], ['a+=2\n', '(a=1\n', 'a+1=2']],
    ['a list', LIST, ['- one\n', '- one\n- zwölf 😀\n'], ['one\n', '- \n', '- a\u2028b\n', '']],
    [
      'alternatives on lines of their own',
      'root ::= ( "a" |\n "b"\n | "c" ) # end\n | "d"\n',
      ['a', 'b', 'c', 'd'],
      ['', 'ab'],
    ],
    [
      'repetitions',
      'root ::= [a-c]{2,3} "x"{2} .? | "y"{1,} "z"{0,1}',
      ['abxx', 'abcxx数', 'y', 'yyz'],
      ['axx', 'abx', 'z', 'yzz'],
    ],
    [
      'escapes',
      'root ::= "\\"\\\\\\x41\\u00e9\\U0001F600" [\\]\\-^]',
      ['"\\Aé😀]', '"\\Aé😀-', '"\\Aé😀^'],
      ['"\\Aé😀a'],
    ],
    ['recursion', 'root ::= "[" (root ("," root)*)? "]"', ['[]', '[[],[[]]]'], ['[', '[,]', '[[]]]']],
    [
      'rules that may be empty',
      'root ::= a b* c\na ::= "a"?\nb ::= a | "b"\nc ::= ("c" | a)?',
      ['', 'abac', 'c', 'bbb'],
      ['cc', 'ca '],
    ],
  ])('reads %s', (_, text, right, wrong) => {
    for (const answer of right) expect(accepts({ kind: 'gbnf', text }, answer), JSON.stringify(answer)).toBe(true);
    for (const answer of wrong) expect(accepts({ kind: 'gbnf', text }, answer), JSON.stringify(answer)).toBe(false);
  });

  it.each([
    ['root ::= a', 'grammar-invalid', /"a" is used/],
    ['start ::= "a"', 'grammar-invalid', /no rule "root"/],
    ['root ::= "a', 'grammar-invalid', /Line 1/],
    ['root ::= "a"\n\nnext = "b"', 'grammar-invalid', /Line 3/],
    ['root ::= "a"\nroot ::= "b"', 'grammar-invalid', /twice/],
    ['root ::= root "a" | "b"', 'grammar-unsupported', /left recursion/],
    ['root ::= a\na ::= b? a "x" | "y"\nb ::= "b"', 'grammar-unsupported', /left recursion/],
    ['root ::= "a" root', 'grammar-invalid', /No text satisfies/],
    ['root ::= <think> "a"', 'grammar-unsupported', /tokens/],
    ['root ::= "\\q"', 'grammar-invalid', /escape/],
  ])('refuses %s', (text, code, message) => {
    expect(() => compileGrammar({ kind: 'gbnf', text })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it('drops ways that never end', () => {
    expect(accepts({ kind: 'gbnf', text: 'root ::= "a" | "b" loop\nloop ::= "c" loop' }, 'a')).toBe(true);
    const pushdown = new Pushdown(compileGrammar({ kind: 'gbnf', text: 'root ::= "a" | "b" loop\nloop ::= "c" loop' }));
    expect(pushdown.step(pushdown.start(), 'b'.charCodeAt(0))).toBeNull();
  });
});
