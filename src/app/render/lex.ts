import { Lexer, Marked, type Token } from 'marked';
import { MAX_INLINE_MARKERS, MAX_LIST_INDENT, MAX_MARKDOWN_CHARACTERS, MAX_MARKERS_IN_LINE } from './limits.ts';
import { MATH_EXTENSIONS } from './math-syntax.ts';

const OPTIONS = { ...new Marked({ extensions: MATH_EXTENSIONS }).defaults, gfm: true, breaks: false };

const ITEM = String.raw`(?:[-+*]|\d{1,9}[.)])(?=[ \t])`;
const DEEP_LINE = new RegExp(String.raw`^[ \t]*(?:(?:>|${ITEM})[ \t]*){${MAX_MARKERS_IN_LINE + 1}}`, 'm');
const DEEP_ITEM = new RegExp(String.raw`^[ \t]{${MAX_LIST_INDENT},}${ITEM}`, 'm');
const FENCE = /^ {0,3}(```+|~~~+)/;
const INLINE_MARKER = /[[\]*_~`<>!|\\]/g;

/** True where lexing takes time and depth in proportion to an honest text of this length. */
function isTame(text: string): boolean {
  if (text.length > MAX_MARKDOWN_CHARACTERS) return false;
  if (DEEP_LINE.test(text) || DEEP_ITEM.test(text)) return false;
  return countInlineMarkers(text) <= MAX_INLINE_MARKERS;
}

/** Marks inside fenced code cost nothing: nothing looks for their other half. Line by line, so the count itself is linear. */
function countInlineMarkers(text: string): number {
  let fence: string | null = null;
  let count = 0;
  for (const line of text.split('\n')) {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence)) fence = null;
      continue;
    }
    if (mark !== undefined) fence = mark;
    count += line.match(INLINE_MARKER)?.length ?? 0;
  }
  return count;
}

/** Markdown → block tokens, or null where the text must be shown as it is. Never throws. */
export function lexBlocks(text: string): readonly Token[] | null {
  if (!isTame(text)) return null;
  try {
    return new Lexer(OPTIONS).lex(text);
  } catch {
    return null;
  }
}
