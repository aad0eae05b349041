import type { GenerationAnchor } from './ledger.ts';

interface Pages {
  /** A thread that shares this room's code has none; where it is blocked, reading it throws. */
  readonly localStorage?: { getItem(key: string): string | null; setItem(key: string, value: string): void };
}

const KEY = 'sotto-vault-generation';

/** The generation beside the database. One who puts both back to the same older state is not noticed: nothing here can know better. */
export const storedGeneration: GenerationAnchor = {
  read() {
    try {
      const stored = Number((globalThis as Pages).localStorage?.getItem(KEY) ?? 0);
      return Number.isSafeInteger(stored) && stored > 0 ? stored : 0;
    } catch {
      return 0;
    }
  },
  write(generation) {
    try {
      (globalThis as Pages).localStorage?.setItem(KEY, String(generation));
    } catch {
      // Blocked: the database is then its own and only witness.
    }
  },
};
