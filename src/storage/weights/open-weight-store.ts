import { SottoError, systemClock } from '../../shared/index.ts';
import { createIdbWeightStore } from './idb-weight-store.ts';
import { createMemoryWeightStore } from './memory-weight-store.ts';
import type { WeightStore } from './weight-store.ts';

/** Waits before each further try to open: a database may be busy for a moment, and memory would mean fetching all again. */
const RETRY_WAITS_MS = [50, 400];

/**
 * The best store this browser offers: IndexedDB, or memory where there is none (a private window, a policy, blocked storage).
 * `medium` says which. Rejects with `record-newer` only: a newer version owns the database, and must not be shadowed.
 */
export async function openWeightStore(): Promise<WeightStore> {
  if (!hasIndexedDb()) return createMemoryWeightStore();
  for (const wait of [...RETRY_WAITS_MS, undefined]) {
    try {
      return await createIdbWeightStore();
    } catch (error) {
      if (SottoError.isInstance(error) && error.code === 'record-newer') throw error;
      if (wait !== undefined) await systemClock.sleep(wait);
    }
  }
  return createMemoryWeightStore();
}

/** Some browsers throw on the mere mention of `indexedDB` where storage is blocked. */
function hasIndexedDb(): boolean {
  try {
    return typeof indexedDB === 'object' && indexedDB !== null;
  } catch {
    return false;
  }
}
