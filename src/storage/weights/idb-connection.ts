import { promisifyRequest, type UseStore } from 'idb-keyval';
import { SottoError } from '../../shared/index.ts';

/** An open that takes longer is stuck behind another tab or a browser fault; P5: every call ends. */
const OPEN_TIMEOUT_MS = 10_000;

/** Named in every open, so that a database of a newer version refuses (VersionError) and is not misread. */
const DATABASE_VERSION = 1;

/** A connection that idb-keyval's functions can use, and that can be closed. */
export interface IdbConnection {
  readonly use: UseStore;
  /** Rejects with a coded error where the database cannot be opened. */
  open(): Promise<void>;
  close(): void;
}

/**
 * One database with one object store, unlike idb-keyval's own `createStore` in three ways:
 * - writes ask for `durability: 'strict'`: a power cut must not take a chunk that was reported as stored;
 * - the connection closes on `versionchange`, else another tab could never delete or upgrade the database;
 * - an open that hangs ends, and an open that failed is tried anew by the next call.
 */
export function connectIdb(databaseName: string, storeName: string): IdbConnection {
  let opening: Promise<IDBDatabase> | undefined;

  const open = (): Promise<IDBDatabase> => {
    if (opening !== undefined) return opening;
    const attempt = openDatabase(databaseName, storeName, () => forget(attempt));
    attempt.catch(() => forget(attempt));
    opening = attempt;
    return attempt;
  };
  const forget = (attempt: Promise<IDBDatabase> | undefined) => {
    if (opening === attempt) opening = undefined;
  };

  const transact = (database: IDBDatabase, mode: IDBTransactionMode): IDBObjectStore => {
    const options = mode === 'readwrite' ? ({ durability: 'strict' } as const) : {};
    return database.transaction(storeName, mode, options).objectStore(storeName);
  };

  const use: UseStore = async (mode, callback) => {
    let store: IDBObjectStore;
    const attempt = open();
    try {
      store = transact(await attempt, mode);
    } catch (error) {
      // Closed between the calls (versionchange, or the browser by itself): a fresh connection is due.
      if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
      forget(attempt);
      store = transact(await open(), mode);
    }
    return callback(store);
  };

  return {
    use,
    open: async () => {
      await open();
    },
    close: () => {
      opening?.then(
        (database) => database.close(),
        () => {},
      );
      forget(opening);
    },
  };
}

async function openDatabase(databaseName: string, storeName: string, onClosed: () => void): Promise<IDBDatabase> {
  const request = indexedDB.open(databaseName, DATABASE_VERSION);
  request.onupgradeneeded = () => request.result.createObjectStore(storeName);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SottoError('storage-failed', 'The database did not open.')), OPEN_TIMEOUT_MS);
  });
  try {
    const database = await Promise.race([promisifyRequest(request), timeout]);
    database.onclose = onClosed;
    database.onversionchange = () => {
      database.close();
      onClosed();
    };
    return database;
  } catch (error) {
    // Should it open after all, nobody would ever close it.
    request.onsuccess = () => request.result.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Resolves when a transaction is on disk, rejects with what rolled it back. idb-keyval's own helper also listens to `error`,
 * which comes before the transaction knows its reason: a full disk would look like nothing at all.
 */
export function transactionDone(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('rolled back', 'UnknownError'));
  });
}
