import { openDB } from 'idb';
import { SottoError } from '../../shared/index.ts';
import { hasIndexedDb, isBlocked, opened } from '../indexed-db.ts';

/** Rows by key; what is written together is written whole or not at all. */
export interface ExpertTable {
  read(key: string): Promise<unknown>;
  keys(): Promise<readonly string[]>;
  /** A value of `undefined` deletes. */
  write(changes: ReadonlyMap<string, unknown>): Promise<void>;
}

const DATABASE = 'sotto-experts';
const ROWS = 'rows';

export function createMemoryExpertTable(): ExpertTable {
  const rows = new Map<string, unknown>();
  return {
    read: async (key) => structuredClone(rows.get(key)),
    keys: async () => [...rows.keys()].sort(),
    write: async (changes) => {
      for (const [key, value] of changes) {
        if (value === undefined) rows.delete(key);
        else rows.set(key, structuredClone(value));
      }
    },
  };
}

/** In IndexedDB; in memory where the browser offers no storage. Rejects with `record-newer`, `storage-full`, `storage-failed`. */
export async function openExpertTable(): Promise<ExpertTable> {
  if (!hasIndexedDb()) return createMemoryExpertTable();
  const database = await opened(() =>
    openDB(DATABASE, 1, {
      upgrade: (made) => void made.createObjectStore(ROWS),
      // Another tab upgrades or deletes: holding on would block it for ever.
      blocking: (_current, _wanted, event) => (event.target as IDBDatabase).close(),
    }),
  ).catch((cause: unknown) => {
    if (isBlocked(cause)) return null;
    const isNewer = cause instanceof Error && cause.name === 'VersionError';
    throw new SottoError(isNewer ? 'record-newer' : 'storage-failed', 'Saved experts cannot be read.', { cause });
  });
  if (database === null) return createMemoryExpertTable();
  const coded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      const isFull = cause instanceof Error && cause.name === 'QuotaExceededError';
      throw new SottoError(isFull ? 'storage-full' : 'storage-failed', 'The expert could not be kept.', { cause });
    }
  };
  return {
    read: (key) => coded(() => database.get(ROWS, key)),
    keys: () => coded(async () => (await database.getAllKeys(ROWS)).map(String)),
    write: (changes) =>
      coded(async () => {
        const transaction = database.transaction(ROWS, 'readwrite', { durability: 'strict' });
        for (const [key, value] of changes) {
          const done = value === undefined ? transaction.store.delete(key) : transaction.store.put(value, key);
          // The transaction tells of a failure; one that is not waited for is not "unhandled".
          done.catch(() => {});
        }
        await transaction.done;
      }),
  };
}
