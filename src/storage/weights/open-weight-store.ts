import { SottoError, systemClock } from '../../shared/index.ts';
import { hasIndexedDb } from '../indexed-db.ts';
import { CombinedWeightStore } from './combined-weight-store.ts';
import { createIdbWeightStore } from './idb-weight-store.ts';
import { createMemoryWeightStore } from './memory-weight-store.ts';
import { type MoveOptions, moveModels } from './move-models.ts';
import { createOpfsWeightStore, hasOpfs, prefersOpfs, setPrefersOpfs } from './opfs-weight-store.ts';
import type { WeightStore } from './weight-store.ts';

/** Waits before each further try to open: a database may be busy for a moment, and memory would mean fetching all again. */
const RETRY_WAITS_MS = [50, 400];

/** A place that outlives the page. */
export type LastingMedium = 'indexeddb' | 'opfs';

/** Where models can lie in this browser. */
export interface WeightPlaces {
  /** All of them as one store. */
  readonly store: WeightStore;
  /** The places to choose from; none where there is only one. */
  readonly choices: readonly LastingMedium[];
  /**
   * From now on new models go to this place, and those that lie in the other one are moved there (`moveModels`). Resolves with
   * the ids of the moved ones. Rejects with `storage-unavailable` where the browser lacks the place, and as `moveModels` does.
   */
  moveTo(medium: LastingMedium, options: MoveOptions): Promise<readonly string[]>;
}

/**
 * The stores this browser offers: IndexedDB, private files (OPFS) beside it, or memory where there is neither (a private window, a
 * policy, blocked storage). `medium` says which takes new models. Rejects with `record-newer` only: a newer version owns the
 * database, and must not be shadowed.
 */
export async function openWeightPlaces(): Promise<WeightPlaces> {
  const database = await openDatabase();
  const opfs = hasOpfs() ? createOpfsWeightStore() : undefined;
  let isOpfsFirst = opfs !== undefined && (await prefersOpfs());
  if (opfs === undefined || (database === undefined && !isOpfsFirst)) {
    return { store: database ?? createMemoryWeightStore(), choices: [], moveTo: () => Promise.reject(unavailable()) };
  }
  if (database === undefined) return { store: opfs, choices: [], moveTo: () => Promise.reject(unavailable()) };
  return {
    store: new CombinedWeightStore([database, opfs], () => (isOpfsFirst ? opfs : database)),
    choices: ['indexeddb', 'opfs'],
    moveTo: async (medium, options) => {
      isOpfsFirst = medium === 'opfs';
      await setPrefersOpfs(isOpfsFirst);
      return isOpfsFirst ? moveModels(database, opfs, options) : moveModels(opfs, database, options);
    },
  };
}

/** `openWeightPlaces` for whoever reads and writes models only. */
export async function openWeightStore(): Promise<WeightStore> {
  return (await openWeightPlaces()).store;
}

async function openDatabase(): Promise<WeightStore | undefined> {
  if (!hasIndexedDb()) return undefined;
  for (const wait of [...RETRY_WAITS_MS, undefined]) {
    try {
      return await createIdbWeightStore();
    } catch (error) {
      if (SottoError.isInstance(error) && error.code === 'record-newer') throw error;
      if (wait !== undefined) await systemClock.sleep(wait);
    }
  }
  return undefined;
}

function unavailable(): SottoError {
  return new SottoError('storage-unavailable', 'This browser offers no second place for models here.');
}
