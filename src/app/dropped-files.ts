import { SottoError } from '../client/index.ts';

/** Files and folders of one drop: a hundred thousand are no collection of documents. */
const MOST_ENTRIES = 5000;

/**
 * The files that were dropped, those in folders too, however deep; names then hold the path. Must be called while the event is
 * handled: the browser forgets what was dropped afterwards. Rejects with `document-invalid` as soon as there is too much: nothing
 * has been read of it then.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  // Some browsers, and tests, give files and no entries.
  if (entries.length === 0) return [...transfer.files];
  const files: File[] = [];
  const count = { seen: 0 };
  for (const entry of entries) await gather(entry, '', files, count);
  return files;
}

interface Count {
  seen: number;
}

async function gather(entry: FileSystemEntry, folder: string, files: File[], count: Count): Promise<void> {
  if (folder !== '' && entry.name.startsWith('.')) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    // The bytes stay where they lie: this is another name for them.
    const { type, lastModified } = file;
    files.push(folder === '' ? file : new File([file], folder + file.name, { type, lastModified }));
    return;
  }
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry, count)) {
    await gather(child, `${folder}${entry.name}/`, files, count);
  }
}

/** A reader gives a part of a folder at a time, and an empty one at its end. */
async function childrenOf(directory: FileSystemDirectoryEntry, count: Count): Promise<readonly FileSystemEntry[]> {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return all;
    all.push(...part);
    count.seen += part.length;
    if (count.seen > MOST_ENTRIES) throw tooMany();
  }
}

function tooMany(): SottoError {
  const message = `More than ${MOST_ENTRIES} files and folders were dropped; none was read. Drop the folder of one model, or the documents alone.`;
  return new SottoError('document-invalid', message);
}
