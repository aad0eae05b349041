import type { IDBPDatabase } from 'idb';
import { SottoError } from '../../shared/index.ts';
import type { RecordCodec } from '../records/index.ts';
import { PLAIN_CODEC } from '../records/index.ts';
import {
  damaged,
  type HeadRow,
  headRow,
  readHead,
  readHeadText,
  type SnapshotSchema,
  sealHeader,
  sha256,
  snapshotId,
} from './snapshot-rows.ts';
import type { Snapshot, SnapshotHead, SnapshotStore, StoredSnapshot } from './snapshot-store.ts';

const BOTH = ['heads', 'bodies'] as const;

interface Options {
  readonly mostBytes?: number | undefined;
  readonly codec?: RecordCodec | undefined;
}

/** Snapshots in IndexedDB: heads are small and listed, bodies are large and read one at a time. */
export class IdbSnapshotStore implements SnapshotStore {
  readonly #database: IDBPDatabase<SnapshotSchema>;
  readonly #mostBytes: number;
  readonly #codec: RecordCodec;

  constructor(database: IDBPDatabase<SnapshotSchema>, { mostBytes = Number.POSITIVE_INFINITY, codec }: Options) {
    this.#database = database;
    this.#mostBytes = mostBytes;
    this.#codec = codec ?? PLAIN_CODEC;
  }

  list(): Promise<readonly StoredSnapshot[]> {
    return this.#coded(async () => {
      const rows = await this.#rows();
      return Promise.all(rows.map((row) => this.#describe(row)));
    });
  }

  heads(bindingStart: string): Promise<readonly SnapshotHead[]> {
    return this.#coded(async () => {
      const heads: SnapshotHead[] = [];
      for (const row of await this.#rows()) {
        if (!row.binding.startsWith(bindingStart)) continue;
        try {
          const { name, model, tokens } = await this.#openText(row);
          heads.push({ id: row.id, binding: row.binding, name, model, tokens });
        } catch {
          // Damaged, or a vault is locked: whoever asks for heads wants what can be used.
        }
      }
      return heads;
    });
  }

  read(id: string): Promise<Snapshot> {
    return this.#coded(async () => {
      try {
        return await this.#read(id);
      } catch (error) {
        if (SottoError.isInstance(error) && error.code === 'snapshot-damaged') await this.remove(id).catch(() => {});
        throw error;
      }
    });
  }

  write({ binding, name, model, tokens, pages }: Snapshot): Promise<StoredSnapshot> {
    return this.#coded(async () => {
      const bytes = pages.reduce((sum, page) => sum + page.byteLength, tokens.byteLength);
      if (bytes > this.#mostBytes) throw full(bytes, this.#mostBytes);
      const id = await snapshotId(binding, tokens);
      const pageHashes = await Promise.all(pages.map(sha256));
      // Sealed before the transaction begins: a transaction that waits for something else commits by itself.
      const sealed = await this.#codec.seal(sealHeader(id, binding, 0), { name, model, tokens, pageHashes });
      const body: unknown[] = [];
      for (const [index, page] of pages.entries()) {
        body.push(await this.#codec.seal(sealHeader(id, binding, index + 1), page));
      }
      const others = (await this.#rows()).filter((row) => row.id !== id);
      let total = others.reduce((sum, row) => sum + row.bytes, bytes);
      while (total > this.#mostBytes) total -= await this.#removeOldest(others);
      const lastUse = 1 + Math.max(0, ...others.map((row) => row.lastUse));
      const row = headRow({ id, binding, tokenCount: tokens.length, bytes, createdAt: Date.now(), lastUse, sealed });
      for (;;) {
        try {
          await this.#put(row, body);
          return { id, name, model, binding, tokens: tokens.length, bytes, createdAt: row.createdAt };
        } catch (error) {
          const isFull = error instanceof Error && error.name === 'QuotaExceededError';
          if (!isFull || others.length === 0) throw error;
          await this.#removeOldest(others);
        }
      }
    });
  }

  remove(id: string): Promise<void> {
    return this.#coded(async () => {
      const transaction = this.#database.transaction(BOTH, 'readwrite');
      await Promise.all([...BOTH.map((name) => transaction.objectStore(name).delete(id)), transaction.done]);
    });
  }

  clear(): Promise<void> {
    return this.#coded(async () => {
      const transaction = this.#database.transaction(BOTH, 'readwrite');
      await Promise.all([...BOTH.map((name) => transaction.objectStore(name).clear()), transaction.done]);
    });
  }

  close(): void {
    this.#database.close();
  }

  /** Readable rows, used last first. */
  async #rows(): Promise<HeadRow[]> {
    const rows = (await this.#database.getAll('heads')).map(readHead).filter((row) => row !== undefined);
    return rows.sort((a, b) => b.lastUse - a.lastUse);
  }

  async #read(id: string): Promise<Snapshot> {
    const [head, body] = await Promise.all([this.#database.get('heads', id), this.#database.get('bodies', id)]);
    const row = readHead(head);
    if (row === undefined || row.id !== id) return damaged('It is not there.');
    const { name, model, tokens, pageHashes } = await this.#openText(row);
    if ((await snapshotId(row.binding, tokens)) !== id) return damaged('Its tokens changed on disk.');
    if (!Array.isArray(body) || body.length !== pageHashes.length) return damaged('Its pages are not there.');
    const pages: Uint8Array[] = [];
    for (const [index, sealed] of body.entries()) {
      const page = await this.#open(row, index + 1, sealed);
      if (!(page instanceof Uint8Array) || (await sha256(page)) !== pageHashes[index]) {
        return damaged(`Page ${index} changed on disk.`);
      }
      pages.push(page);
    }
    await this.#touch(row);
    return { binding: row.binding, name, model, tokens, pages };
  }

  async #openText(row: HeadRow) {
    return readHeadText(await this.#open(row, 0, row.sealed), row);
  }

  async #open({ id, binding }: HeadRow, part: number, sealed: unknown): Promise<unknown> {
    return this.#codec.open(sealHeader(id, binding, part), sealed);
  }

  async #describe(row: HeadRow): Promise<StoredSnapshot> {
    const { id, binding, tokenCount: tokens, bytes, createdAt } = row;
    // What a locked vault keeps is still there, takes room and can be deleted.
    const { name, model } = await this.#openText(row).catch(() => ({ name: '', model: '' }));
    return { id, name, model, binding, tokens, bytes, createdAt };
  }

  async #touch(row: HeadRow): Promise<void> {
    const newest = (await this.#rows())[0]?.lastUse ?? 0;
    if (row.lastUse < newest) await this.#database.put('heads', { ...row, lastUse: newest + 1 }, row.id);
  }

  async #put(row: HeadRow, body: readonly unknown[]): Promise<void> {
    const transaction = this.#database.transaction(BOTH, 'readwrite');
    const done = [
      transaction.objectStore('bodies').put(body, row.id),
      transaction.objectStore('heads').put(row, row.id),
      transaction.done,
    ];
    await Promise.all(done).catch(async (error: unknown) => {
      await Promise.allSettled(done);
      throw error;
    });
  }

  /** Removes the row used longest ago, from the list too; gives back its bytes. */
  async #removeOldest(rows: HeadRow[]): Promise<number> {
    const oldest = rows.pop();
    if (oldest === undefined) return Number.POSITIVE_INFINITY;
    await this.remove(oldest.id);
    return oldest.bytes;
  }

  async #coded<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (cause) {
      if (SottoError.isInstance(cause)) throw cause;
      const [name, message] = cause instanceof Error ? [cause.name, cause.message] : ['', String(cause)];
      if (name === 'QuotaExceededError') {
        throw new SottoError('storage-full', 'The browser has no room left for this session.', { cause });
      }
      throw new SottoError(
        'storage-failed',
        `The browser could not read or write its database (${name}: ${message}).`,
        {
          cause,
        },
      );
    }
  }
}

function full(bytes: number, mostBytes: number): SottoError {
  const message = `This session takes ${bytes} bytes; saved sessions may take ${mostBytes} together.`;
  return new SottoError('storage-full', message, { details: { bytes, mostBytes } });
}
