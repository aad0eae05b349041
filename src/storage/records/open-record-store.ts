import { SottoError, systemClock } from '../../shared/index.ts';
import { hasIndexedDb } from '../indexed-db.ts';
import { createIdbRecordStore, type IdbRecordStore, type IdbRecordStoreOptions } from './idb-record-store.ts';

/** Waits before each further try: a database may be busy for a moment. */
const RETRY_WAITS_MS = [50, 400];

/**
 * The records of this browser, or null where it offers no storage (a private window, a policy).
 * Rejects with `record-newer` only: a newer version owns the database, and must not be shadowed.
 */
export async function openRecordStore(options: IdbRecordStoreOptions = {}): Promise<IdbRecordStore | null> {
  if (!hasIndexedDb()) return null;
  for (const wait of [...RETRY_WAITS_MS, undefined]) {
    try {
      return await createIdbRecordStore(options);
    } catch (error) {
      if (SottoError.isInstance(error) && error.code === 'record-newer') throw error;
      if (wait !== undefined) await systemClock.sleep(wait);
    }
  }
  return null;
}
