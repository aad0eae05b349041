import { createStore, get, set } from 'idb-keyval';

/** What was measured is believed for a month: browsers and machines change. */
const MOST_AGE_MS = 30 * 24 * 60 * 60 * 1_000;

/** Numbers of threads that trials chose. Reading gives undefined for what is not there, too old, or makes no sense. */
export function threadCounts() {
  const store = createStore('sotto-engine-choices', 'choices');
  return {
    read: async (key: string): Promise<number | undefined> => {
      const value = await get<unknown>(key, store);
      if (typeof value !== 'object' || value === null || !('threads' in value) || !('at' in value)) return undefined;
      const { threads, at } = value;
      const isFresh = typeof at === 'number' && Math.abs(Date.now() - at) < MOST_AGE_MS;
      return isFresh && Number.isInteger(threads) && Number(threads) >= 1 ? Number(threads) : undefined;
    },
    write: (key: string, threads: number): Promise<void> => set(key, { threads, at: Date.now() }, store),
  };
}
