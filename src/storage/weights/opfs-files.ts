/** How bytes get into private files of the site, and out again. */

/** Chromium also opens a file for several readers at once; the mode is not in TypeScript's library yet. */
interface SyncFile {
  createSyncAccessHandle?(options?: { readonly mode: 'readwrite' | 'read-only' }): Promise<SyncHandle>;
}

interface SyncHandle {
  getSize(): number;
  read(target: Uint8Array, options: { readonly at: number }): number;
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

const isMissing = (error: unknown) => error instanceof DOMException && error.name === 'NotFoundError';

/** What `find` resolves with, or undefined where the file or folder is not there. */
export async function orUndefined<T>(find: Promise<T>): Promise<T | undefined> {
  try {
    return await find;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Replaces a file's content; resolves when it is on the disk. Threads have handles that write in place and wait for the disk;
 * pages have streams that put the whole file in place when they close.
 */
export async function writeFile(
  folder: FileSystemDirectoryHandle,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true });
  const open = (file as unknown as SyncFile).createSyncAccessHandle?.bind(file);
  if (open === undefined) {
    const stream = await file.createWritable();
    await stream.write(bytes);
    return stream.close();
  }
  const handle = await open();
  try {
    handle.truncate(0);
    for (let at = 0; at < bytes.byteLength; ) {
      const written = handle.write(bytes.subarray(at), { at });
      if (written === 0) throw new DOMException('The disk took no more bytes.', 'QuotaExceededError');
      at += written;
    }
    handle.flush();
  } finally {
    handle.close();
  }
}

/**
 * A file's content, read into `buffer` where it is long enough; undefined where there is no such file. A handle that several
 * threads may hold is the fastest way; where there is none, the file is read as a Blob.
 */
export async function readFile(
  folder: FileSystemDirectoryHandle,
  name: string,
  buffer?: ArrayBuffer,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = await orUndefined(folder.getFileHandle(name));
  if (file === undefined) return undefined;
  const handle = await openForReading(file);
  if (handle === undefined) return new Uint8Array(await (await file.getFile()).arrayBuffer());
  try {
    const size = handle.getSize();
    const memory = buffer !== undefined && buffer.byteLength >= size ? buffer : new ArrayBuffer(size);
    const bytes = new Uint8Array(memory, 0, size);
    for (let at = 0; at < size; ) {
      const read = handle.read(bytes.subarray(at), { at });
      if (read === 0) return bytes.subarray(0, at);
      at += read;
    }
    return bytes;
  } finally {
    handle.close();
  }
}

/** Undefined where the browser knows no shared handles, or another thread is writing this very file. */
async function openForReading(file: FileSystemFileHandle): Promise<SyncHandle | undefined> {
  if (!readsTogether) return undefined;
  const open = (file as unknown as SyncFile).createSyncAccessHandle;
  return open?.call(file, { mode: 'read-only' }).catch(() => undefined);
}

/** A browser that does not know the mode ignores it and opens the file for itself alone: nobody else could read it meanwhile. */
const readsTogether =
  'mode' in
  ((globalThis as { FileSystemSyncAccessHandle?: { prototype: object } }).FileSystemSyncAccessHandle?.prototype ?? {});
