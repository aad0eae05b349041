/** Files of one drop: a folder of a hundred thousand is no collection of documents. */
const MOST_FILES = 5000;

/**
 * The files that were dropped, those in folders too, however deep; names then hold the path. Must be called while the event is
 * handled: the browser forgets what was dropped afterwards.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  // Some browsers, and tests, give files and no entries.
  if (entries.length === 0) return [...transfer.files];
  const files: File[] = [];
  for (const entry of entries) await gather(entry, '', files);
  return files;
}

async function gather(entry: FileSystemEntry, folder: string, files: File[]): Promise<void> {
  if (files.length >= MOST_FILES || (folder !== '' && entry.name.startsWith('.'))) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    // The bytes stay where they lie: this is another name for them.
    const { type, lastModified } = file;
    files.push(folder === '' ? file : new File([file], folder + file.name, { type, lastModified }));
    return;
  }
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) {
    await gather(child, `${folder}${entry.name}/`, files);
  }
}

/** A reader gives a part of a folder at a time, and an empty one at its end. */
async function childrenOf(directory: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return all;
    all.push(...part);
  }
}
