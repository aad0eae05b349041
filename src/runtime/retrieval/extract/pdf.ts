import { LIMITS } from '../limits.ts';
import { BlockCollector, documentInvalid, type Extracted } from './blocks.ts';

interface TextItem {
  readonly str: string;
  readonly hasEOL: boolean;
  readonly height: number;
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
      addPage(collector, items as readonly TextItem[], number, page.view);
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
  const [left = 0, bottom = 0, right = 0, top = 0] = view;
  let text = '';
  let lastY: number | null = null;
  const flush = () => {
    collector.add({ kind: 'paragraph', text, page });
    text = '';
  };
  for (const { str, hasEOL, height, transform } of items) {
    const [, , , , x = 0, y = 0] = transform;
    // Letters of no size, or outside of the page: written for machines, not for people.
    const isUnseen = str.trim() !== '' && (height < 1 || x > right || y > top || x < left - 1000 || y < bottom);
    if (isUnseen) {
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

async function loadPdf() {
  const [library, worker] = await Promise.all([
    import('pdfjs-dist/legacy/build/pdf.mjs'),
    // @ts-expect-error The worker half has no types; the library takes it from this global, in place of a thread of its own.
    import('pdfjs-dist/legacy/build/pdf.worker.mjs'),
  ]);
  Object.assign(globalThis, { pdfjsWorker: worker });
  return library;
}
