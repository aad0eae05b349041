import { createStore, get, set } from 'idb-keyval';

/**
 * That all threads did best is believed for a month: browsers and machines change. That fewer did, for an hour: mostly the machine
 * was busy, and some twenty tokens tell whether it still is.
 */
const HOUR_MS = 60 * 60 * 1_000;
const MONTH_MS = 30 * 24 * HOUR_MS;

/** Numbers of threads that trials chose. Reading gives undefined for what is not there, too old, or makes no sense. */
export function threadCounts() {
  const store = createStore('sotto-engine-choices', 'choices');
  return {
    read: async (key: string): Promise<number | undefined> => {
      const value = await get<unknown>(key, store);
      if (typeof value !== 'object' || value === null || !('threads' in value) || !('at' in value)) return undefined;
      const { threads, at } = value;
      const isAll = 'isAll' in value && value.isAll === true;
      const isFresh = typeof at === 'number' && Math.abs(Date.now() - at) < (isAll ? MONTH_MS : HOUR_MS);
      return isFresh && Number.isInteger(threads) && Number(threads) >= 1 ? Number(threads) : undefined;
    },
    write: async (key: string, threads: number, most: number): Promise<void> =>
      set(key, { threads, isAll: threads === most, at: Date.now() }, store),
  };
}
