import { LIMITS } from '../limits.ts';
import { BlockCollector, documentInvalid, type Extracted } from './blocks.ts';

interface TextItem {
  readonly str: string;
  readonly hasEOL: boolean;
  readonly height: number;
  readonly width: number;
  /** a, b, c, d, x, y of the text's matrix, in points. */
  readonly transform: readonly number[];
}

/** Lines further apart than this many heights of a letter begin a new paragraph. */
const PARAGRAPH_GAP = 1.6;

/** PDF → paragraphs by page. Scripts, forms, attachments and links in the file are never looked at. */
export async function extractPdf(
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
  onProgress: (done: number, total: number) => void,
  layout?: 'lines',
): Promise<Extracted> {
  const { getDocument, PDFWorker } = await loadPdf();
  const collector = new BlockCollector(signal);
  // This is a thread already: the reader shares it.
  const task = getDocument({
    data: bytes,
    verbosity: 0,
    worker: PDFWorker.create({}),
    enableXfa: false,
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    stopAtErrors: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    useWasm: false,
    maxImageSize: 0,
  });
  try {
    const document = await task.promise.catch((error: unknown) => {
      const isLocked = error instanceof Error && error.name === 'PasswordException';
      throw documentInvalid(isLocked ? 'The PDF asks for a password.' : 'The file is not a readable PDF.', error);
    });
    const pages = Math.min(document.numPages, LIMITS.pages);
    if (pages < document.numPages) collector.cutShort();
    for (let number = 1; number <= pages; number++) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      const add = layout === 'lines' ? addLines : addPage;
      add(collector, items as readonly TextItem[], number, page.view);
      page.cleanup();
      onProgress(number, pages);
      if (number < pages && collector.isFull) break;
    }
    return collector.finish(document.numPages);
  } finally {
    await task.destroy();
  }
}

function addPage(collector: BlockCollector, items: readonly TextItem[], page: number, view: readonly number[]): void {
  let text = '';
  let lastY: number | null = null;
  const flush = () => {
    collector.add({ kind: 'paragraph', text, page });
    text = '';
  };
  for (const item of items) {
    const { str, hasEOL, height, transform } = item;
    const [, , , , , y = 0] = transform;
    if (isUnseen(item, view)) {
      collector.hide(str.trim().length);
      continue;
    }
    if (lastY !== null && str.trim() !== '' && Math.abs(lastY - y) > height * PARAGRAPH_GAP) flush();
    text += str;
    if (hasEOL) text = text.endsWith('-') ? text.slice(0, -1) : `${text} `;
    if (str.trim() !== '') lastY = y;
  }
  flush();
}

/** Letters of no size, or outside of the page: written for machines, not for people. */
function isUnseen({ str, height, transform }: TextItem, view: readonly number[]): boolean {
  const [left = 0, bottom = 0, right = 0, top = 0] = view;
  const [, , , , x = 0, y = 0] = transform;
  return str.trim() !== '' && (height < 1 || x > right || y > top || x < left - 1000 || y < bottom);
}

/** A page as it is laid out: what stands at one height is a line, and a gap in it parts two columns. */
function addLines(collector: BlockCollector, items: readonly TextItem[], page: number, view: readonly number[]): void {
  const lines: { y: number; height: number; items: TextItem[] }[] = [];
  for (const item of items) {
    if (item.str.trim() === '') continue;
    if (isUnseen(item, view)) {
      collector.hide(item.str.trim().length);
      continue;
    }
    const y = item.transform[5] ?? 0;
    const line = lines.find((one) => Math.abs(one.y - y) < Math.min(one.height, item.height) / 2);
    if (line === undefined) lines.push({ y, height: item.height, items: [item] });
    else line.items.push(item);
  }
  lines.sort((a, b) => b.y - a.y);
  let text = '';
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (before !== undefined) text += before.y - line.y > line.height * 2 ? '\n\n' : '\n';
    text += lineOf(line.items, line.height);
  }
  collector.add({ kind: 'code', text, page });
}

function lineOf(items: readonly TextItem[], height: number): string {
  const sorted = items.toSorted((a, b) => (a.transform[4] ?? 0) - (b.transform[4] ?? 0));
  let text = '';
  let end: number | undefined;
  for (const { str, width, transform } of sorted) {
    const x = transform[4] ?? 0;
    const gap = end === undefined ? 0 : x - end;
    // A space is a third of a letter's height; what is wider than two letters parts columns.
    if (gap > height * 1.2) text += '   ';
    else if (gap > height * 0.15 && !/\s$/.test(text) && !/^\s/.test(str)) text += ' ';
    text += str;
    end = x + width;
  }
  return text.trim();
}

async function loadPdf() {
  const [library, worker] = await Promise.all([
    import('pdfjs-dist/legacy/build/pdf.mjs'),
    // @ts-expect-error The worker half has no types; the library takes it from this global, in place of a thread of its own.
    import('pdfjs-dist/legacy/build/pdf.worker.mjs'),
  ]);
  Object.assign(globalThis, { pdfjsWorker: worker });
  return library;
}
