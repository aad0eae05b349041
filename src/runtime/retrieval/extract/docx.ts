import { unzipSync } from 'fflate';
import { Parser } from 'htmlparser2';
import { LIMITS } from '../limits.ts';
import { BlockCollector, documentInvalid, type Extracted } from './blocks.ts';

const BODY = 'word/document.xml';

/** DOCX: the paragraphs of word/document.xml with their heading levels. Macros, links and pictures are not looked at. */
export function extractDocx(bytes: Uint8Array, signal?: AbortSignal, layout?: 'lines'): Extracted {
  return readBody(unpack(bytes), signal, layout);
}

/** Only the one part, and only as much of it as is allowed: the size an archive claims may be a lie, so both are checked. */
function unpack(bytes: Uint8Array): string {
  let claimed = 0;
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize, size }) => {
        if (name !== BODY) return false;
        claimed = originalSize;
        // A thousandfold is more than any honest text shrinks.
        return originalSize <= LIMITS.unpackedBytes && originalSize <= size * 1000 + 1024;
      },
    });
    const body = files[BODY];
    if (body !== undefined) return new TextDecoder().decode(body);
  } catch (error) {
    throw documentInvalid('The file is not a readable DOCX archive.', error);
  }
  throw documentInvalid(
    claimed > 0
      ? `The document unpacks to ${claimed} bytes: that is no honest text.`
      : 'The archive holds no document.',
  );
}

function readBody(xml: string, signal?: AbortSignal, layout?: 'lines'): Extracted {
  const collector = new BlockCollector(signal);
  let text = '';
  let style = '';
  let isText = false;
  let isVanished = false;
  let page = 1;
  let hasPages = false;
  let row: string[] | null = null;
  let depth = 0;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        depth += 1;
        if (depth > LIMITS.depth) throw documentInvalid(`The document is nested deeper than ${LIMITS.depth} levels.`);
        if (name === 'w:t') isText = true;
        else if (name === 'w:tab') text += '\t';
        else if (name === 'w:br' && attributes['w:type'] !== 'page') text += '\n';
        else if (name === 'w:pStyle') style = attributes['w:val'] ?? '';
        else if (name === 'w:r') isVanished = false;
        else if (name === 'w:vanish' || (name === 'w:color' && /^f{6}$/i.test(attributes['w:val'] ?? '')))
          isVanished = true;
        else if (name === 'w:tr') row = [];
        if (name === 'w:lastRenderedPageBreak' || (name === 'w:br' && attributes['w:type'] === 'page')) {
          page += 1;
          hasPages = true;
        }
      },
      ontext(data) {
        if (!isText) return;
        if (isVanished) collector.hide(data.trim().length);
        else text += data;
      },
      onclosetag(name) {
        depth -= 1;
        if (name === 'w:t') isText = false;
        else if (name === 'w:p') {
          const level = Number(
            /^(?:heading|überschrift|titre)\s*(\d)$/i.exec(style)?.[1] ?? (style === 'Title' ? 1 : 0),
          );
          if (row !== null) row.push(text.trim());
          else collector.add({ kind: level > 0 ? 'heading' : 'paragraph', text, level: Math.min(level, 6), page });
          text = '';
          style = '';
        } else if (name === 'w:tr' && row !== null) {
          const cells = row.filter(Boolean);
          if (layout === 'lines') collector.add({ kind: 'code', text: cells.join('   '), page });
          else collector.add({ kind: 'row', text: cells.join('; '), page });
          row = null;
        }
      },
    },
    // XML without a document type: entities that a file defines for itself are never expanded.
    { xmlMode: true, decodeEntities: true },
  );
  for (let start = 0; start < xml.length && !collector.isFull; start += 65_536) {
    parser.write(xml.slice(start, start + 65_536));
  }
  parser.end();
  const result = collector.finish(hasPages ? page : null);
  return hasPages ? result : { ...result, blocks: result.blocks.map((block) => ({ ...block, page: null })) };
}
