import { openDB } from 'idb';
import { SottoError } from '../../shared/index.ts';
import { hasIndexedDb, isBlocked, opened } from '../indexed-db.ts';
import type { RecordCodec } from '../records/index.ts';
import { IdbSnapshotStore } from './idb-snapshot-store.ts';
import type { SnapshotSchema } from './snapshot-rows.ts';
import type { SnapshotStore } from './snapshot-store.ts';

const DATABASE = 'sotto-snapshots';
const DATABASE_VERSION = 1;
/** An open that takes longer is stuck behind another tab or a browser fault. */
const OPEN_TIMEOUT_MS = 10_000;
/** Some ten thousand tokens of a model of two billion weights, or forty thousand of a small one. */
const MOST_BYTES = 512 * 2 ** 20;

export interface SnapshotStoreOptions {
  /** How texts and pages lie on disk; absent: as they are. */
  readonly codec?: RecordCodec | undefined;
  /** Most bytes of all snapshots together. */
  readonly mostBytes?: number | undefined;
}

/** The snapshots of this browser, or null where it offers no storage. Rejects with `record-newer`, `storage-failed`. */
export async function openSnapshotStore(options: SnapshotStoreOptions = {}): Promise<SnapshotStore | null> {
  if (!hasIndexedDb()) return null;
  const opening = opened(() =>
    openDB<SnapshotSchema>(DATABASE, DATABASE_VERSION, {
      upgrade(database) {
        database.createObjectStore('heads');
        database.createObjectStore('bodies');
      },
      // Another tab upgrades or deletes: holding on would block it for ever.
      blocking: (_current, _wanted, event) => (event.target as IDBDatabase).close(),
    }),
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SottoError('storage-failed', 'The database did not open.')), OPEN_TIMEOUT_MS);
  });
  try {
    const database = await Promise.race([opening, timeout]);
    return new IdbSnapshotStore(database, { mostBytes: MOST_BYTES, ...options });
  } catch (cause) {
    opening.then(
      (late) => late.close(),
      () => {},
    );
    if (isBlocked(cause)) return null;
    if (SottoError.isInstance(cause)) throw cause;
    const isNewer = cause instanceof Error && cause.name === 'VersionError';
    throw new SottoError(isNewer ? 'record-newer' : 'storage-failed', 'Saved sessions cannot be read.', { cause });
  } finally {
    clearTimeout(timer);
  }
}
