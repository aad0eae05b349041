import type { Page } from '@playwright/test';

/**
 * What lies in a store of the page's own databases, as text: that a draft or a setting is on the disk is said nowhere on the
 * screen, and a journey that reloads the page has to wait for it.
 * @param kind of the records of a person; absent: all that the store holds
 */
export function keptRows(page: Page, database: string, store: string, kind?: string): Promise<readonly string[]> {
  return page.evaluate(
    ([name, from, wanted]) =>
      new Promise<readonly string[]>((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const range = wanted === undefined ? null : IDBKeyRange.bound([wanted], [wanted, []]);
          const reading = opening.result.transaction(from).objectStore(from).getAll(range);
          reading.onsuccess = () => resolve(reading.result.map((row) => JSON.stringify(row)));
          opening.result.close();
        };
      }),
    [database, store, kind] as const,
  );
}
