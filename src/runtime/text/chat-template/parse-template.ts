import { parse, tokenize } from '@huggingface/jinja';

type Token = ReturnType<typeof tokenize>[number];

/** Tests that take a value, as the operators that the library's parser knows; the second is for "is not". */
const COMPARISONS: ReadonlyMap<string, readonly [is: string, isNot: string]> = new Map([
  ['eq', ['==', '!=']],
  ['equalto', ['==', '!=']],
  ['sameas', ['==', '!=']],
  ['ne', ['!=', '==']],
  ['lt', ['<', '>=']],
  ['lessthan', ['<', '>=']],
  ['le', ['<=', '>']],
  ['gt', ['>', '<=']],
  ['greaterthan', ['>', '<=']],
  ['ge', ['>=', '<']],
]);

const RAW = /\{%[-+]?\s*raw\s*(-?)%\}(\n?)([\s\S]*?)\{%(-?)[+]?\s*endraw\s*(-?)%\}(\n?)/gu;

/** Text that is no template, as an expression that prints it. */
function rawAsExpression(
  _: string,
  left: string,
  first: string,
  text: string,
  right: string,
  end: string,
  last: string,
) {
  let inner = left === '-' ? (first + text).trimStart() : first + text;
  if (right === '-') inner = inner.trimEnd();
  const quoted = inner.replace(/[\\']/gu, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `{{ '${quoted}' ${end === '-' ? '-' : ''}}}${end === '-' ? last : ''}`;
}

/**
 * A template as the library's syntax tree, with what Jinja has and its parser does not know put in other words: `raw`
 * blocks, `{%+`, tests against a value, `with` blocks. White space goes by the rules that every model's template is written for
 * (source: the chat template docs of transformers).
 */
export function parseTemplate(template: string): ReturnType<typeof parse> {
  // Something in front of the tag keeps the spaces there from being taken away.
  const source = template.replace(RAW, rawAsExpression).replaceAll('{%+', "{{ '' }}{%");
  return parse(withScopes(withComparisons(tokenize(source, { lstrip_blocks: true, trim_blocks: true }))));
}

function withComparisons(tokens: readonly Token[]): Token[] {
  const result: Token[] = [];
  const isWord = (token: Token | undefined, word: string) => token?.type === 'Identifier' && token.value === word;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!;
    const isNot = isWord(token, 'is') && isWord(tokens[index + 1], 'not');
    const name = tokens[index + (isNot ? 2 : 1)];
    const isTest = isWord(token, 'is') && name?.type === 'Identifier';
    const operators = isTest ? COMPARISONS.get(name.value) : undefined;
    if (operators !== undefined) result.push({ type: 'ComparisonBinaryOperator', value: operators[isNot ? 1 : 0] });
    else if (isTest && name.value === 'in') result.push(...(isNot ? [tokens[index + 1]!, name] : [name]));
    else if (isTest && name.value === 'divisibleby') {
      const divisor = divisorAfter(tokens, index + (isNot ? 3 : 2));
      result.push({ type: 'MultiplicativeBinaryOperator', value: '%' }, ...divisor);
      result.push(
        { type: 'ComparisonBinaryOperator', value: isNot ? '!=' : '==' },
        { type: 'NumericLiteral', value: '0' },
      );
      index += divisor.length;
    } else {
      result.push(token);
      continue;
    }
    index += isNot ? 2 : 1;
  }
  return result;
}

/** The statement `{% … %}` of such words. */
const statement = (...inner: readonly Token[]): Token[] => [
  { type: 'OpenStatement', value: '{%' },
  ...inner,
  { type: 'CloseStatement', value: '%}' },
];
const word = (value: string): Token => ({ type: 'Identifier', value });
const SET = word('set');
const EQUALS: Token = { type: 'Equals', value: '=' };

/**
 * `with` as a loop over one item, which has a scope of its own. It carries the variable `loop` of the loop around it. A value may
 * use the names before it in the same `with`, which Python does not let it.
 */
function withScopes(tokens: readonly Token[]): Token[] {
  const result: Token[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const [open, name] = [tokens[index]!, tokens[index + 1]];
    const keyword = open.type === 'OpenStatement' && name?.type === 'Identifier' ? name.value : '';
    if (keyword === 'endwith') {
      result.push(open, word('endfor'));
      index += 1;
    } else if (keyword === 'with') {
      const end = tokens.findIndex(({ type }, at) => at > index && type === 'CloseStatement');
      const outer = word('with');
      result.push(...statement(SET, outer, EQUALS, word('loop')));
      const items = [
        { type: 'OpenSquareBracket', value: '[' },
        outer,
        { type: 'CloseSquareBracket', value: ']' },
      ] as const;
      result.push(...statement(word('for'), outer, word('in'), ...items));
      result.push(...statement(SET, word('loop'), EQUALS, outer));
      for (const assignment of partsOf(tokens.slice(index + 2, end))) result.push(...statement(SET, ...assignment));
      index = end;
    } else result.push(open);
  }
  return result;
}

/** What commas part that stand in no brackets. */
function partsOf(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [];
  let depth = 0;
  for (const token of tokens) {
    if (/^Open/u.test(token.type)) depth += 1;
    if (/^Close/u.test(token.type)) depth -= 1;
    if (parts.length === 0 || (depth === 0 && token.type === 'Comma')) parts.push([]);
    if (depth !== 0 || token.type !== 'Comma') parts.at(-1)?.push(token);
  }
  return parts;
}

/** A number, or what stands between brackets. */
function divisorAfter(tokens: readonly Token[], start: number): readonly Token[] {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    if (tokens[index]?.type === 'OpenParen') depth += 1;
    if (tokens[index]?.type === 'CloseParen') depth -= 1;
    if (depth === 0) return tokens.slice(start, index + 1);
  }
  return tokens.slice(start);
}
