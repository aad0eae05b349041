const KEY = 'sotto-persist-asked';

/** A browser that said no is asked again after this long, and not before. */
const MONTH_MS = 30 * 24 * 60 * 60_000;

let isAsked = false;

/** Asks the browser, once in a while, not to remove by itself what this site keeps. */
export function keepStorage(): void {
  if (isAsked || navigator.storage?.persist === undefined) return;
  isAsked = true;
  void ask().catch(() => {
    // The privacy page says whether the browser promised it.
  });
}

async function ask(): Promise<void> {
  if (await navigator.storage.persisted()) return;
  const last = Number(localStorage.getItem(KEY) ?? 0);
  const since = Date.now() - last;
  // A clock that jumped back is no reason to ask every time.
  if (last > 0 && since < MONTH_MS) return;
  localStorage.setItem(KEY, String(Date.now()));
  await navigator.storage.persist();
}
