import { Lexer, type Token } from 'marked';
import { MAX_INLINE_MARKERS, MAX_LIST_INDENT, MAX_MARKDOWN_CHARACTERS, MAX_MARKERS_IN_LINE } from './limits.ts';

const ITEM = String.raw`(?:[-+*]|\d{1,9}[.)])(?=[ \t])`;
const DEEP_LINE = new RegExp(String.raw`^[ \t]*(?:(?:>|${ITEM})[ \t]*){${MAX_MARKERS_IN_LINE + 1}}`, 'm');
const DEEP_ITEM = new RegExp(String.raw`^[ \t]{${MAX_LIST_INDENT},}${ITEM}`, 'm');
const FENCED = /^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\1|$(?![\s\S]))/gm;
const INLINE_MARKER = /[[\]*_~`<>!|\\]/g;

/** True where lexing takes time and depth in proportion to an honest text of this length. */
function isTame(text: string): boolean {
  if (text.length > MAX_MARKDOWN_CHARACTERS) return false;
  if (DEEP_LINE.test(text) || DEEP_ITEM.test(text)) return false;
  const markers = text.replace(FENCED, '').match(INLINE_MARKER)?.length ?? 0;
  return markers <= MAX_INLINE_MARKERS;
}

/** Markdown → block tokens, or null where the text must be shown as it is. Never throws. */
export function lexBlocks(text: string): readonly Token[] | null {
  if (!isTame(text)) return null;
  try {
    return new Lexer({ gfm: true, breaks: false }).lex(text);
  } catch {
    return null;
  }
}
