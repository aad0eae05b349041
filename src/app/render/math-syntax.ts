import type { TokenizerAndRendererExtension, Tokens } from 'marked';
import { MAX_MATH_CHARACTERS } from './limits.ts';

/** A formula in TeX, as models write it: $…$, $$…$$, \(…\), \[…\]. */
export interface MathToken extends Tokens.Generic {
  readonly type: 'math-block' | 'math-inline';
  readonly text: string;
}

const BLOCK = /^ {0,3}(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n+|$)/;
/** Between single dollars neither end is a space, and no digit follows: "$5 and $6" is money. */
const INLINE =
  /^(?:\$\$([^$]+?)\$\$|\$((?!\s)(?:\\[^\n]|[^$\\\n])+?)(?<!\s)\$(?!\d)|\\\(([^\n]+?)\\\)|\\\[([^\n]+?)\\\])/;

function read(rule: RegExp, type: MathToken['type'], source: string): MathToken | undefined {
  const match = rule.exec(source.slice(0, MAX_MATH_CHARACTERS));
  const text = match?.slice(1).find((part) => part !== undefined);
  return match === null || text === undefined ? undefined : { type, raw: match[0], text: text.trim() };
}

export const MATH_EXTENSIONS: TokenizerAndRendererExtension[] = [
  {
    name: 'math-block',
    level: 'block',
    start: (source) => source.match(/\n {0,3}(?:\$\$|\\\[)/)?.index,
    tokenizer: (source) => read(BLOCK, 'math-block', source),
  },
  {
    name: 'math-inline',
    level: 'inline',
    start: (source) => source.match(/\$|\\[([]/)?.index,
    tokenizer: (source) => read(INLINE, 'math-inline', source),
  },
];
