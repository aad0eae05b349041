import { get, promisifyRequest } from 'idb-keyval';
import { connectIdb, type IdbConnection, transactionDone } from './idb-connection.ts';
import { readBlob } from './read-blob.ts';
import { storageError } from './storage-error.ts';
import { chunkCorrupt, VerifiedWeightStore } from './verified-weight-store.ts';
import type { MediumChange, WeightMedium } from './weight-medium.ts';
import type { WeightStore } from './weight-store.ts';

// These names find what people have stored. Changing one loses it.
const DATABASE = 'sotto-weights';
const OBJECT_STORE = 'weights';
const recordKey = (modelId: string) => ['record', modelId];
const chunkKey = (modelId: string, chunk: number) => ['chunk', modelId, chunk];
/** An empty array sorts behind every string and number, so these ranges hold every key with the prefix. */
const allRecords = () => IDBKeyRange.bound(['record'], ['record', []]);
const allChunksOf = (modelId: string) => IDBKeyRange.bound(['chunk', modelId], ['chunk', modelId, []]);

class IdbWeightMedium implements WeightMedium {
  readonly kind = 'indexeddb';
  readonly #connection: IdbConnection;
  /** Private windows of WebKit keep no Blobs. */
  #keepsBlobs = true;

  constructor(connection: IdbConnection) {
    this.#connection = connection;
  }

  records(): Promise<readonly (readonly [modelId: string, record: unknown])[]> {
    return this.#coded(() =>
      this.#connection.use('readonly', async (store) => {
        const [keys, values] = await Promise.all([
          promisifyRequest(store.getAllKeys(allRecords())),
          promisifyRequest<unknown[]>(store.getAll(allRecords())),
        ]);
        return keys.map((key, index) => [String(Array.isArray(key) ? key[1] : key), values[index]] as const);
      }),
    );
  }

  record(modelId: string): Promise<unknown> {
    return this.#coded(() => get<unknown>(recordKey(modelId), this.#connection.use));
  }

  async chunk(modelId: string, chunk: number, buffer?: ArrayBuffer): Promise<unknown> {
    // Opened apart: a database that does not open says nothing about the chunk.
    await this.#coded(() => this.#connection.open());
    try {
      const value = await get<unknown>(chunkKey(modelId, chunk), this.#connection.use);
      return value instanceof Blob ? await readBlob(value, buffer) : value;
    } catch (error) {
      // Large values are files of their own: a truncated one gives UnknownError, a deleted one NotReadableError.
      if (error instanceof Error && UNREADABLE.has(error.name)) {
        throw chunkCorrupt(modelId, chunk, 'cannot be read', error);
      }
      throw await storageError(error);
    }
  }

  update(modelId: string, decide: (record: unknown) => MediumChange | undefined): Promise<void> {
    return this.#coded(async () => {
      try {
        await this.#transact(modelId, decide, this.#keepsBlobs);
      } catch (error) {
        if (!this.#keepsBlobs || !(error instanceof Error) || !BLOB_REFUSED.has(error.name)) throw error;
        await this.#transact(modelId, decide, false);
        this.#keepsBlobs = false;
      }
    });
  }

  #transact(
    modelId: string,
    decide: (record: unknown) => MediumChange | undefined,
    keepsBlobs: boolean,
  ): Promise<void> {
    return this.#connection.use('readwrite', async (store) => {
      const done = transactionDone(store.transaction);
      let failure: { readonly error: unknown } | undefined;
      const request: IDBRequest<unknown> = store.get(recordKey(modelId));
      request.onsuccess = () => {
        try {
          const change = decide(request.result);
          if (change !== undefined) apply(store, modelId, change, keepsBlobs);
        } catch (error) {
          failure = { error };
          store.transaction.abort();
        }
      };
      try {
        await done;
      } catch (error) {
        throw failure === undefined ? error : failure.error;
      }
    });
  }

  close(): void {
    this.#connection.close();
  }

  async #coded<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      throw await storageError(error);
    }
  }
}

const UNREADABLE: ReadonlySet<string> = new Set(['UnknownError', 'NotReadableError', 'DataError', 'NotFoundError']);

/** What browsers that keep no Blobs say of one; a broken disk says the same, and says it again of the array. */
const BLOB_REFUSED: ReadonlySet<string> = new Set(['UnknownError', 'DataCloneError']);

function apply(store: IDBObjectStore, modelId: string, change: MediumChange, keepsBlobs: boolean): void {
  if (change.deleteChunks === 'all') store.delete(allChunksOf(modelId));
  else for (const chunk of change.deleteChunks ?? []) store.delete(chunkKey(modelId, chunk));
  // A Blob, because it can be read into a buffer that is there already; an array is cloned twice on its way out.
  if (change.putChunk) {
    const { chunk, bytes } = change.putChunk;
    store.put(keepsBlobs ? new Blob([bytes]) : bytes, chunkKey(modelId, chunk));
  }
  if (change.record === null) store.delete(recordKey(modelId));
  else store.put(change.record, recordKey(modelId));
}

/** A store in IndexedDB. Rejects with a coded error where the database cannot be opened. */
export async function createIdbWeightStore(databaseName = DATABASE): Promise<WeightStore> {
  const connection = connectIdb(databaseName, OBJECT_STORE);
  try {
    await connection.open();
  } catch (error) {
    throw await storageError(error);
  }
  return new VerifiedWeightStore(new IdbWeightMedium(connection));
}
