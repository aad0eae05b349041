import type { StoredModel } from '../../protocol/index.ts';

/** A model that was whole here. */
export interface RememberedModel {
  readonly id: string;
  readonly name: string;
  readonly size: number;
}

/**
 * What should be stored, noted outside of the store. Browsers that are short of room empty databases and leave this alone
 * (Chromium), so the two disagree; where both go together nobody can tell an emptied browser from a new one.
 */
const KEY = 'sotto-models';
/** When the browser was last asked to keep what is stored here. */
const ASKED_KEY = 'sotto-persist';
const MONTH_MS = 30 * 24 * 3600 * 1000;

export function remembered(): readonly RememberedModel[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    if (!Array.isArray(value)) return [];
    return value.flatMap((entry: unknown) => {
      const { id, name, size } = (entry ?? {}) as Partial<Record<keyof RememberedModel, unknown>>;
      return typeof id === 'string' && typeof name === 'string' && typeof size === 'number' ? [{ id, name, size }] : [];
    });
  } catch {
    return []; // Blocked, or written by somebody else.
  }
}

function write(models: readonly RememberedModel[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(models));
  } catch {
    // Blocked: an eviction then goes unnoticed.
  }
}

/** A model is here whole. In memory it is never kept, so nothing can be lost. */
export function noteStored({ id, name, size, complete, medium }: StoredModel): void {
  if (complete && medium !== 'memory') write([...remembered().filter((model) => model.id !== id), { id, name, size }]);
}

/** A person deleted a model: that it is gone is no news. */
export function noteDeleted(modelId: string): void {
  write(remembered().filter(({ id }) => id !== modelId));
}

/** Models that were here and that nobody deleted: the browser did. Notes what is here and was not noted before. */
export function findEvicted(stored: readonly StoredModel[]): readonly RememberedModel[] {
  if (stored.some(({ medium }) => medium === 'memory')) return [];
  const known = remembered();
  for (const model of stored) if (!known.some(({ id }) => id === model.id)) noteStored(model);
  return known.filter(({ id }) => !stored.some((model) => model.id === id && model.storedBytes > 0));
}

/**
 * Asks the browser not to delete what is stored here, at most once a month: some browsers show a question to the person.
 * Resolves with whether it promises so.
 */
export async function askToPersist(now = Date.now()): Promise<boolean> {
  const { storage } = navigator;
  try {
    if (await storage.persisted()) return true;
    const asked = Number(localStorage.getItem(ASKED_KEY) ?? 0);
    if (asked > 0 && Math.abs(now - asked) < MONTH_MS) return false;
    localStorage.setItem(ASKED_KEY, String(now));
    return await storage.persist();
  } catch {
    return false;
  }
}
