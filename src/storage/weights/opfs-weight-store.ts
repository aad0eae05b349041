import { SottoError } from '../../shared/index.ts';
import { orUndefined, readFile, writeFile } from './opfs-files.ts';
import { storageError } from './storage-error.ts';
import { chunkCorrupt, VerifiedWeightStore } from './verified-weight-store.ts';
import type { MediumChange, WeightMedium } from './weight-medium.ts';
import type { WeightStore } from './weight-store.ts';

// These names find what people have stored. Changing one loses it.
const FOLDER = 'sotto-weights';
/** Two places for a model's record, written in turns: a crash in the middle of one leaves the other. */
const RECORDS = ['record-0', 'record-1'] as const;
/** There where the person wants new models in private files: what was chosen goes where the models go. */
const PREFERRED = 'preferred';
const CHUNK = 'chunk-';
const chunkName = (chunk: number) => `${CHUNK}${chunk}`;

/** A record and its place in the order of writing. */
interface WrittenRecord {
  readonly sequence: number;
  readonly record: unknown;
}

/**
 * Private files of the site (OPFS): a folder a model, a file a chunk. Files know no transactions, so the order does it: a chunk
 * is on the disk before the record says that it is there, and a record has ceased to say so before a chunk goes. Writers of one
 * model take turns through a Web Lock.
 */
class OpfsWeightMedium implements WeightMedium {
  readonly kind = 'opfs';
  readonly #folderName: string;

  constructor(folderName: string) {
    this.#folderName = folderName;
  }

  records(): Promise<readonly (readonly [modelId: string, record: unknown])[]> {
    return coded(async () => {
      const root = await this.#root(false);
      const found: (readonly [string, unknown])[] = [];
      if (root === undefined) return found;
      for await (const [modelId, handle] of root.entries()) {
        if (handle.kind !== 'directory') continue;
        const written = await this.#locked(modelId, 'shared', () => newest(handle as FileSystemDirectoryHandle));
        if (written !== undefined) found.push([modelId, written.record]);
      }
      return found;
    });
  }

  record(modelId: string): Promise<unknown> {
    return coded(async () => {
      const folder = await this.#folder(modelId, false);
      if (folder === undefined) return undefined;
      return (await this.#locked(modelId, 'shared', () => newest(folder)))?.record;
    });
  }

  async chunk(modelId: string, chunk: number, buffer?: ArrayBuffer): Promise<unknown> {
    const folder = await coded(() => this.#folder(modelId, false));
    try {
      return folder && (await readFile(folder, chunkName(chunk), buffer));
    } catch (error) {
      throw chunkCorrupt(modelId, chunk, 'cannot be read', error);
    }
  }

  update(modelId: string, decide: (record: unknown) => MediumChange | undefined): Promise<void> {
    return coded(() =>
      this.#locked(modelId, 'exclusive', async () => {
        const folder = await this.#folder(modelId, false);
        const before = folder && (await newest(folder));
        const change = decide(before?.record);
        if (change === undefined) return;
        if (change.record === null) return this.#remove(modelId, folder);
        const home = folder ?? (await this.#folder(modelId, true));
        if (home === undefined) throw new SottoError('storage-failed', 'The browser made no folder.');
        const { putChunk, deleteChunks = [], record } = change;
        if (putChunk) await writeFile(home, chunkName(putChunk.chunk), putChunk.bytes);
        await writeRecord(home, { sequence: (before?.sequence ?? 0) + 1, record });
        const gone = deleteChunks === 'all' ? await chunksIn(home) : deleteChunks.map(chunkName);
        for (const name of gone) await orUndefined(home.removeEntry(name));
      }),
    );
  }

  close(): void {
    // Every file is closed when it has been read or written.
  }

  /** The records go first: what is left of a removal that was cut off is no model. */
  async #remove(modelId: string, folder: FileSystemDirectoryHandle | undefined): Promise<void> {
    if (folder === undefined) return;
    for (const name of RECORDS) await orUndefined(folder.removeEntry(name));
    const root = await this.#root(false);
    await (root && orUndefined(root.removeEntry(modelId, { recursive: true })));
  }

  async #root(creates: boolean): Promise<FileSystemDirectoryHandle | undefined> {
    const root = await navigator.storage.getDirectory();
    return orUndefined(root.getDirectoryHandle(this.#folderName, { create: creates }));
  }

  async #folder(modelId: string, creates: boolean): Promise<FileSystemDirectoryHandle | undefined> {
    const root = await this.#root(creates);
    return root && orUndefined(root.getDirectoryHandle(modelId, { create: creates }));
  }

  #locked<T>(modelId: string, mode: LockMode, body: () => Promise<T>): Promise<T> {
    return navigator.locks.request(`${this.#folderName} ${modelId}`, { mode }, body) as Promise<T>;
  }
}

/** The later of the two records; one that a crash cut off is no record. */
async function newest(folder: FileSystemDirectoryHandle): Promise<WrittenRecord | undefined> {
  const written = await Promise.all(RECORDS.map((name) => readFile(folder, name).then(parse)));
  return written.reduce((a, b) => (a === undefined || (b !== undefined && b.sequence > a.sequence) ? b : a));
}

function parse(bytes: Uint8Array | undefined): WrittenRecord | undefined {
  if (bytes === undefined) return undefined;
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as WrittenRecord | null;
    return Number.isSafeInteger(value?.sequence) ? (value ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

function writeRecord(folder: FileSystemDirectoryHandle, written: WrittenRecord): Promise<void> {
  return writeFile(
    folder,
    RECORDS[written.sequence % 2] ?? RECORDS[0],
    new TextEncoder().encode(JSON.stringify(written)),
  );
}

async function chunksIn(folder: FileSystemDirectoryHandle): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const name of folder.keys()) if (name.startsWith(CHUNK)) names.push(name);
  return names;
}

async function coded<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw await storageError(error);
  }
}

/** True where the browser has private files and locks to share them by. */
export function hasOpfs(): boolean {
  const { navigator } = globalThis as {
    readonly navigator?: { readonly storage?: StorageManager; readonly locks?: LockManager };
  };
  return typeof navigator?.storage?.getDirectory === 'function' && navigator.locks !== undefined;
}

/** A store in private files. Nothing is made on the disk before something is written. */
export function createOpfsWeightStore(folderName = FOLDER): WeightStore {
  return new VerifiedWeightStore(new OpfsWeightMedium(folderName));
}

/** Whether new models go here. Where private files cannot be read, they do not. */
export async function prefersOpfs(): Promise<boolean> {
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER);
    return (await orUndefined(folder.getFileHandle(PREFERRED))) !== undefined;
  } catch {
    return false;
  }
}

export function setPrefersOpfs(isPreferred: boolean): Promise<void> {
  return coded(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await orUndefined(root.getDirectoryHandle(FOLDER, { create: isPreferred }));
    if (isPreferred) await folder?.getFileHandle(PREFERRED, { create: true });
    else await (folder && orUndefined(folder.removeEntry(PREFERRED)));
  });
}
