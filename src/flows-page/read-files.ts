import type { ReadonlySignal } from '@preact/signals';
import { type FlowDocument, type Sotto, SottoError } from '../client/index.ts';
import { TEXT } from './text.ts';

const DOCUMENTS = /\.(?:pdf|docx|html?)$/i;

/**
 * Files as a flow takes them: their texts one after the other, in the place of what stands in the field and behind what is typed
 * there meanwhile; or as its documents, beside what stands in the field by then.
 */
export async function readFiles(
  sotto: Sotto,
  files: readonly File[],
  flow: FlowDocument,
  field: ReadonlySignal<string>,
) {
  const before = field.value;
  const texts: { id: string; title: string; text: string }[] = [];
  const problems: string[] = [];
  for (const file of files) {
    try {
      texts.push({ id: file.name, title: file.name, text: await textOf(sotto, file) });
    } catch (error) {
      const reason = SottoError.isInstance(error) ? `${error.message} ${error.userAction}` : String(error);
      problems.push(TEXT.unreadable(file.name, reason));
    }
  }
  const [first] = texts;
  const now = field.value;
  if (first === undefined) return { text: now, problems };
  const isTyped = now !== before;
  if (!isTyped && texts.length === 1 && /\.json$/i.test(first.id)) return { text: first.text, problems };
  if (flow.input.fields?.['documents'] === undefined)
    return { text: [...(isTyped ? [now] : []), ...texts.map(({ text }) => text)].join('\n\n'), problems };
  return { text: JSON.stringify({ ...recordIn(now), documents: texts }, null, 2), problems };
}

async function textOf(sotto: Sotto, file: File): Promise<string> {
  if (!DOCUMENTS.test(file.name)) return decode(new Uint8Array(await file.arrayBuffer()), file.name);
  const { text } = await sotto.retrieval.text(file);
  return text;
}

/** UTF-8; else UTF-16 by its mark, else the old western code page. */
function decode(bytes: Uint8Array, name: string): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.subarray(0, 8192).includes(0)) throw new SottoError('task-input', `"${name}" is a binary file.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** What stands in the field already: the question stays when documents are opened. */
function recordIn(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return text.trim() === '' ? {} : { question: text.trim() };
  }
}
