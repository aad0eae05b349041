import type { Clock } from '../shared/index.ts';
import type { WeightRecord, WeightStore } from '../storage/index.ts';
import type { Exclusive } from './exclusive.ts';
import { watchStore } from './stored-models.ts';

/** How often a tab that waits for another tab's download looks at the store. */
const WATCH_INTERVAL_MS = 500;

/** The lock of whoever fetches, repairs or moves a model. */
export function downloadLock(modelId: string): string {
  return `sotto-download-${modelId}`;
}

interface Turns {
  readonly exclusive: Exclusive;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly store: WeightStore;
}

/**
 * Runs under the lock of the model: two tabs must not fetch the same bytes. Whoever waits shows the other's progress. Where the
 * other makes none, two downloads at once are the lesser evil: the store verifies both.
 */
export async function inTurn<T>(
  { exclusive, clock, patienceMs, store }: Turns,
  modelId: string,
  onWaiting: (record: WeightRecord) => void,
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<T> {
  const watching = new AbortController();
  const patience = new AbortController();
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    watching.abort();
    return body();
  };
  const time = { clock, intervalMs: WATCH_INTERVAL_MS, patienceMs };
  watchStore(store, modelId, onWaiting, time, watching.signal).then(
    () => patience.abort(),
    () => {}, // Our turn came, or the store failed: the download itself will say so.
  );
  try {
    return await exclusive(downloadLock(modelId), AbortSignal.any([signal, patience.signal]), begin);
  } catch (error) {
    if (hasBegun || signal.aborted || !patience.signal.aborted) throw error;
    return await begin();
  } finally {
    watching.abort();
  }
}
