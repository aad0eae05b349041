import { signal } from '@preact/signals';

/**
 * A list that this browser keeps, in step with other tabs of the page. Small things only; where storage is blocked or full it holds until the page
 * closes, and `save` says so.
 */
export function keptList<Item>(key: string, isItem: (value: unknown) => value is Item) {
  const read = (): readonly Item[] => {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
      return Array.isArray(stored) ? stored.filter(isItem) : [];
    } catch {
      return items.peek();
    }
  };
  const items = signal<readonly Item[]>([]);
  items.value = read();
  globalThis.addEventListener?.('storage', (event) => {
    if (event.key === key) items.value = read();
  });
  /** Changes the list as it is now, in whichever tab. Resolves with whether it lies on disk. */
  const change = async (by: (now: readonly Item[]) => readonly Item[]): Promise<boolean> => {
    const work = () => {
      const next = by(read());
      items.value = next;
      try {
        localStorage.setItem(key, JSON.stringify(next));
        return true;
      } catch {
        return false;
      }
    };
    // Two tabs that change it at once would lose what one of them did.
    return navigator.locks === undefined ? work() : navigator.locks.request(key, work);
  };
  return { items, change };
}
