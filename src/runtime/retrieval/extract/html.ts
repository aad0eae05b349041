import { Parser } from 'htmlparser2';
import { LIMITS } from '../limits.ts';
import { BlockCollector, documentInvalid, type Extracted } from './blocks.ts';

const SKIPPED: ReadonlySet<string> = new Set(
  'script style template noscript svg canvas iframe object embed head nav select option audio video math'.split(' '),
);
const BREAKING: ReadonlySet<string> = new Set(
  'p div section article main header footer aside ul ol li dl dt dd blockquote table tr caption figure figcaption form fieldset address details summary hr br pre h1 h2 h3 h4 h5 h6 body html'.split(
    ' ',
  ),
);
const VOID: ReadonlySet<string> = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));

/** Ways to put words on a page that nobody sees: the usual carriers of instructions to a model. */
function isHidden(attributes: Readonly<Record<string, string>>): boolean {
  if ('hidden' in attributes || attributes['aria-hidden'] === 'true') return true;
  const style = (attributes['style'] ?? '').replace(/\s+/g, '').toLowerCase();
  return (
    /display:none|visibility:hidden|opacity:0(?:\.0*)?(?:;|$)|font-size:0/.test(style) ||
    /(?:text-indent|left|top):-\d{3,}/.test(style) ||
    /(?:^|;)color:(?:white|#fff(?:fff)?|transparent)(?:;|$)/.test(style)
  );
}

/** HTML → headings and paragraphs. Nothing of it runs or loads: it is never a document, only text with marks. */
export function extractHtml(source: string, signal?: AbortSignal): Extracted {
  const collector = new BlockCollector(signal);
  const open: { readonly name: string; readonly isSkipped: boolean; readonly isHidden: boolean }[] = [];
  let text = '';
  let level = 0;
  let cells = 0;
  const flush = () => {
    if (text.trim() !== '') {
      const isRow = cells > 0;
      collector.add(level > 0 ? { kind: 'heading', text, level } : { kind: isRow ? 'row' : 'paragraph', text });
    }
    text = '';
  };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (open.length > LIMITS.depth) throw documentInvalid(`The page is nested deeper than ${LIMITS.depth} levels.`);
        if (BREAKING.has(name)) flush();
        if (/^h[1-6]$/.test(name)) level = Number(name[1]);
        if (name === 'tr') cells = 0;
        if (name === 'td' || name === 'th') {
          if (cells > 0) text += '; ';
          cells += 1;
        }
        if (VOID.has(name)) return;
        const above = open.at(-1);
        open.push({
          name,
          isSkipped: (above?.isSkipped ?? false) || SKIPPED.has(name),
          isHidden: (above?.isHidden ?? false) || isHidden(attributes),
        });
      },
      ontext(data) {
        const above = open.at(-1);
        if (above?.isSkipped) return;
        if (above?.isHidden) collector.hide(data.trim().length);
        else text += data;
      },
      onclosetag(name) {
        if (BREAKING.has(name)) flush();
        if (/^h[1-6]$/.test(name)) level = 0;
        if (name === 'tr' || name === 'table') cells = 0;
        if (open.at(-1)?.name === name) open.pop();
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  // In pieces, so that an abort and the limits are looked at.
  for (let start = 0; start < source.length && !collector.isFull; start += 65_536) {
    parser.write(source.slice(start, start + 65_536));
  }
  parser.end();
  flush();
  return collector.finish();
}
