import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { SottoError } from '../../shared/index.ts';

export const DATABASE_NAME = 'sotto-records';

/** Raised when the stores change; `upgrade` below then brings an older database up, step by step. */
const DATABASE_VERSION = 1;

/** An open that takes longer is stuck behind another tab or a browser fault. */
const OPEN_TIMEOUT_MS = 10_000;

/** A record as it lies on disk. */
export interface Row {
  readonly kind: string;
  readonly id: string;
  readonly parent: string;
  readonly version: number;
  readonly sequence: number;
  readonly body: unknown;
}

export interface Schema extends DBSchema {
  records: { key: [string, string]; value: Row; indexes: { byParent: [string, string] } };
  quarantine: { key: number; value: { readonly row: Row; readonly reason: string } };
  meta: { key: string; value: unknown };
}

export type Database = IDBPDatabase<Schema>;

/** A connection that opens when it is needed, and again after the browser closed it. */
export interface Connection {
  use<T>(work: (database: Database) => Promise<T>): Promise<T>;
  close(): void;
}

/** @param onSuperseded called once when a newer version of the app takes the database: this tab then only shows what it has. */
export function connect(onSuperseded: () => void): Connection {
  let opening: Promise<Database> | undefined;
  let isSuperseded = false;

  const forget = () => {
    opening = undefined;
  };
  const open = (): Promise<Database> => {
    if (isSuperseded) {
      return Promise.reject(new SottoError('record-newer', 'A newer version of the app uses the database now.'));
    }
    if (opening !== undefined) return opening;
    const attempt = openDatabase(forget, () => {
      isSuperseded = true;
      onSuperseded();
    });
    attempt.catch(() => {
      if (opening === attempt) forget();
    });
    opening = attempt;
    return attempt;
  };
  return {
    async use(work) {
      try {
        return await work(await open());
      } catch (error) {
        // Closed between the calls (by another tab that deletes, or the browser by itself): a fresh connection is due.
        if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
        forget();
        return work(await open());
      }
    },
    close() {
      opening?.then(
        (database) => database.close(),
        () => {},
      );
      forget();
    },
  };
}

async function openDatabase(onClosed: () => void, onSuperseded: () => void): Promise<Database> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let database: Database | undefined;
  const opened = openDB<Schema>(DATABASE_NAME, DATABASE_VERSION, {
    upgrade(fresh, oldVersion) {
      if (oldVersion < 1) {
        const records = fresh.createObjectStore('records', { keyPath: ['kind', 'id'] });
        records.createIndex('byParent', ['kind', 'parent']);
        fresh.createObjectStore('quarantine', { autoIncrement: true });
        fresh.createObjectStore('meta');
      }
    },
    blocking(_current, wantedVersion) {
      // Another tab upgrades (a version) or deletes (null): holding on would block it for ever.
      database?.close();
      onClosed();
      if (wantedVersion !== null) onSuperseded();
    },
    terminated: onClosed,
  });
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SottoError('storage-failed', 'The database did not open.')), OPEN_TIMEOUT_MS);
  });
  try {
    database = await Promise.race([opened, timeout]);
    return database;
  } catch (error) {
    // Should it open after all, nobody would ever close it.
    opened.then(
      (late) => late.close(),
      () => {},
    );
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
