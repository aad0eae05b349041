import { BlockCollector, type Extracted } from './blocks.ts';

/** Plain text: paragraphs are parted by blank lines; a form feed is a new page. */
export function extractText(text: string, signal?: AbortSignal): Extracted {
  const collector = new BlockCollector(signal);
  const pages = text.split('\f');
  for (const [index, content] of pages.entries()) {
    const page = pages.length > 1 ? index + 1 : null;
    for (const paragraph of content.split(/\n[^\S\n]*\n/)) {
      if (!collector.add({ kind: 'paragraph', text: paragraph, page })) break;
    }
  }
  return collector.finish(pages.length > 1 ? pages.length : null);
}

const HEADING = /^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*$/;
const FENCE = /^ {0,3}(```+|~~~+)/;

/** Markdown: headings, paragraphs, code; marks inside of a paragraph stay, they carry meaning for a model. */
export function extractMarkdown(text: string, signal?: AbortSignal): Extracted {
  const collector = new BlockCollector(signal);
  let lines: string[] = [];
  let fence: string | null = null;
  const flush = (kind: 'paragraph' | 'code') => {
    collector.add({ kind, text: lines.join('\n') });
    lines = [];
  };
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    if (collector.isFull) break;
    const mark = FENCE.exec(line)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence)) {
        flush('code');
        fence = null;
      } else lines.push(line);
      continue;
    }
    const heading = HEADING.exec(line);
    if (mark !== undefined || heading !== null || line.trim() === '') flush('paragraph');
    if (mark !== undefined) fence = mark;
    else if (heading !== null) {
      collector.add({ kind: 'heading', text: heading[2] ?? '', level: heading[1]?.length ?? 1 });
    } else if (line.trim() !== '') lines.push(line);
  }
  flush(fence === null ? 'paragraph' : 'code');
  return collector.finish();
}
