import type { Chunk } from '../../protocol/index.ts';
import type { Block } from './extract/index.ts';

/** Characters of a passage: some 200 tokens, below the 256 that MiniLM reads. */
const TARGET = 900;

/** Sentences this long at most are told again at the start of the next passage, so that nothing is cut from its context. */
const OVERLAP = 160;

/**
 * Blocks → passages. A passage never crosses a heading or a page, holds whole paragraphs where they fit, and breaks long ones
 * between sentences. Each knows the headings above it.
 */
export function chunkBlocks(blocks: readonly Block[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const headings: string[] = [];
  let text = '';
  let page: number | null = null;

  const push = (content: string) => {
    const trimmed = content.trim();
    if (trimmed === '') return;
    chunks.push({ index: chunks.length, text: trimmed, page, headings: headings.filter(Boolean) });
  };
  const flush = () => {
    push(text);
    text = '';
  };
  for (const block of blocks) {
    if (block.kind === 'heading') {
      flush();
      headings.length = Math.min(headings.length, block.level - 1);
      // Levels may be left out; the gaps stay empty.
      while (headings.length < block.level - 1) headings.push('');
      headings.push(block.text.replace(/\s+/g, ' '));
      page = block.page;
      continue;
    }
    if (block.page !== page) {
      flush();
      page = block.page;
    }
    const joint = block.kind === 'row' ? '\n' : '\n\n';
    if (text !== '' && text.length + block.text.length > TARGET) flush();
    if (block.text.length <= TARGET) {
      text = text === '' ? block.text : text + joint + block.text;
      continue;
    }
    flush();
    const pieces = splitLong(block.text);
    for (const piece of pieces.slice(0, -1)) push(piece);
    text = pieces.at(-1) ?? '';
  }
  flush();
  // A heading without anything below it still says something.
  if (chunks.length === 0 && headings.length > 0) push(headings.join('\n'));
  return chunks;
}

/** A long paragraph in pieces of whole sentences, each beginning with the end of the one before. */
function splitLong(text: string): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const sentence of sentencesOf(text)) {
    if (piece !== '' && piece.length + sentence.length > TARGET) {
      pieces.push(piece);
      piece = overlapOf(piece);
    }
    piece += sentence;
  }
  pieces.push(piece);
  return pieces;
}

/** The last sentence of a piece, where it is short. */
function overlapOf(piece: string): string {
  const last = sentencesOf(piece).at(-1) ?? '';
  return last.length <= OVERLAP ? last : '';
}

const SENTENCES = new Intl.Segmenter(undefined, { granularity: 'sentence' });

function sentencesOf(text: string): readonly string[] {
  return [...SENTENCES.segment(text)].flatMap(({ segment }) => {
    const parts: string[] = [];
    // A "sentence" may be a table or a log without an end.
    for (let start = 0; start < segment.length; start += TARGET) parts.push(segment.slice(start, start + TARGET));
    return parts;
  });
}
