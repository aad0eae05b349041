import type { Token } from 'marked';
import { lexBlocks } from './lex.ts';
import { MAX_MARKDOWN_CHARACTERS } from './limits.ts';

/** One block of an answer: its markdown token, or null for text that is shown as it is. */
export interface Block {
  readonly raw: string;
  readonly token: Token | null;
}

/** An answer read so far. Settled blocks can no longer change, whatever follows; open ones can. */
export interface Document {
  readonly text: string;
  readonly settled: readonly Block[];
  readonly open: readonly Block[];
}

export const EMPTY_DOCUMENT: Document = { text: '', settled: [], open: [] };

/**
 * Blocks at the end that more text can still change: a paragraph becomes a heading by a line of dashes below it,
 * and a list takes in what looks like a paragraph after it.
 */
const OPEN_BLOCKS = 2;

/**
 * Reads an answer that has grown: only the open end is lexed again, so a long answer costs no more a token than a short one.
 * A text that is not a continuation of the one before is read from its start.
 */
export function readDocument(previous: Document, source: string): Document {
  const text = source.replace(/\r\n?/g, '\n');
  if (text === previous.text) return previous;
  if (text.length > MAX_MARKDOWN_CHARACTERS) return { text, settled: [], open: [{ raw: text, token: null }] };

  const grown = text.startsWith(previous.text) ? previous : EMPTY_DOCUMENT;
  const settledLength = grown.settled.reduce((length, { raw }) => length + raw.length, 0);
  const tail = text.slice(settledLength);
  const tokens = lexBlocks(tail);
  if (tokens === null) return { text, settled: grown.settled, open: [{ raw: tail, token: null }] };

  const blocks = tokens.map((token) => ({ raw: token.raw, token }));
  const isExact = blocks.map(({ raw }) => raw).join('') === tail;
  const split = isExact ? openStart(blocks) : 0;
  return { text, settled: [...grown.settled, ...blocks.slice(0, split)], open: blocks.slice(split) };
}

/** Index of the first block that is still open; blank lines do not count as blocks. */
function openStart(blocks: readonly Block[]): number {
  let index = blocks.length;
  for (let open = 0; index > 0 && open < OPEN_BLOCKS; ) {
    index--;
    if (blocks[index]?.token?.type !== 'space') open++;
  }
  return index;
}
