import { type IDBPDatabase, openDB } from 'idb';

/** Why something was asked for. */
export type RequestReason = 'page' | 'model' | 'other';

/** All requests to one host for one reason. */
export interface RequestTotal {
  readonly host: string;
  readonly reason: RequestReason;
  readonly count: number;
  /** Bytes of the bodies that came back, as far as they were announced. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
}

const NAME = 'sotto-requests';
const STORE = 'totals';

/** Open for one piece of work only: a connection that stays would keep the database from being deleted. */
async function withDatabase<T>(work: (database: IDBPDatabase) => Promise<T>): Promise<T> {
  const database = await openDB(NAME, 1, { upgrade: (fresh) => void fresh.createObjectStore(STORE) });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

/** Adds one request to the account. Never rejects: a request must not fail because it could not be counted. */
export async function countRequest(
  request: Pick<RequestTotal, 'host' | 'reason' | 'bytes'> & { readonly at: number },
): Promise<void> {
  const { host, reason, bytes, at } = request;
  const key = `${reason} ${host}`;
  try {
    await withDatabase(async (database) => {
      const { store, done } = database.transaction(STORE, 'readwrite');
      const known = (await store.get(key)) as RequestTotal | undefined;
      const total: RequestTotal = {
        host,
        reason,
        count: (known?.count ?? 0) + 1,
        bytes: (known?.bytes ?? 0) + bytes,
        first: known?.first ?? at,
        last: at,
      };
      await Promise.all([store.put(total, key), done]);
    });
  } catch {
    // Storage is blocked or full.
  }
}

/** The account, the largest first. Empty where storage is blocked. */
export async function readRequests(): Promise<readonly RequestTotal[]> {
  try {
    // Looking must not bring back what was deleted.
    const known = await indexedDB.databases?.();
    if (known !== undefined && !known.some(({ name }) => name === NAME)) return [];
    const totals = await withDatabase((database) => database.getAll(STORE) as Promise<RequestTotal[]>);
    return totals.sort((a, b) => b.bytes - a.bytes);
  } catch {
    return [];
  }
}
