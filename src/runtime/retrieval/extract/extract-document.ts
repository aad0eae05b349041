import { decodeText } from '../../../shared/index.ts';
import { LIMITS } from '../limits.ts';
import { documentInvalid, type Extracted } from './blocks.ts';
import { extractMarkdown, extractText } from './plain-text.ts';

type Kind = 'pdf' | 'docx' | 'markdown' | 'html' | 'csv' | 'text';

const BY_EXTENSION: Readonly<Record<string, Kind>> = {
  pdf: 'pdf',
  docx: 'docx',
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  csv: 'csv',
  tsv: 'csv',
  txt: 'text',
  text: 'text',
  log: 'text',
  json: 'text',
  xml: 'text',
  yaml: 'text',
  yml: 'text',
};

export interface ExtractOptions {
  readonly signal?: AbortSignal;
  /** `lines`: lines and columns as they are laid out, which tables and forms need; absent: paragraphs as they read. */
  readonly layout?: 'lines';
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * A file → its blocks. What it is comes from its first bytes, then from its name. Rejects with `document-invalid` for what
 * cannot be read.
 */
export async function extractDocument(file: Blob, name: string, options: ExtractOptions = {}): Promise<Extracted> {
  const { signal, onProgress = () => {} } = options;
  if (file.size > LIMITS.fileBytes) {
    throw documentInvalid(`The file has ${file.size} bytes; ${LIMITS.fileBytes} are the most.`);
  }
  if (file.size === 0) throw documentInvalid('The file is empty.');
  const bytes = new Uint8Array(await file.arrayBuffer());
  const kind = kindOf(bytes, name);
  switch (kind) {
    case 'pdf':
      return (await import('./pdf.ts')).extractPdf(bytes, signal, onProgress, options.layout);
    case 'docx':
      return (await import('./docx.ts')).extractDocx(bytes, signal, options.layout);
    case 'html':
      return (await import('./html.ts')).extractHtml(textOf(bytes), signal);
    case 'csv':
      return (await import('./csv.ts')).extractCsv(textOf(bytes), signal);
    case 'markdown':
      return extractMarkdown(textOf(bytes), signal);
    case 'text':
      return extractText(textOf(bytes), signal);
  }
}

function extensionOf(name: string): string {
  return /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
}

function kindOf(bytes: Uint8Array, name: string): Kind {
  const start = String.fromCharCode(...bytes.subarray(0, 5));
  if (start === '%PDF-') return 'pdf';
  const kind = BY_EXTENSION[extensionOf(name)];
  const isZip = start.startsWith('PK');
  if (kind !== undefined && kind !== 'pdf' && isZip === (kind === 'docx')) return kind;
  if (kind === 'pdf' || kind === 'docx') throw documentInvalid('The file is not what its name says.');
  throw documentInvalid('Files of this kind cannot be read: PDF, DOCX, Markdown, HTML, CSV and text can.');
}

function textOf(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  if (decoded === null) throw documentInvalid('The file holds no text.');
  return decoded.text;
}
