/** Databases of this app by name, for browsers that do not list them. */
const DATABASES = [
  'sotto-records',
  'sotto-weights',
  'sotto-requests',
  'sotto-snapshots',
  'sotto-pins',
  'sotto-engine-choices',
  'sotto-experts',
];

const MOST_WAIT_MS = 5000;

/**
 * Deletes all that this site keeps in this browser: databases, files, caches, choices, and the service worker that would fill them
 * again. Resolves with the names of what would not go.
 */
export async function deleteEverything(): Promise<readonly string[]> {
  const registrations = await navigator.serviceWorker?.getRegistrations().catch(() => []);
  await Promise.all((registrations ?? []).map((registration) => registration.unregister()));
  for (const storage of ['localStorage', 'sessionStorage'] as const) {
    try {
      globalThis[storage].clear();
    } catch {
      // Blocked, so there is nothing in it.
    }
  }
  for (const name of await caches.keys().catch(() => [])) await caches.delete(name);
  const files = await emptyFileSystem();
  const listed = await indexedDB.databases?.().catch(() => []);
  const names = new Set([...DATABASES, ...(listed ?? []).flatMap(({ name }) => name ?? [])]);
  const outcomes = await Promise.all([...names].map(async (name) => ({ name, isGone: await deleteDatabase(name) })));
  return [...outcomes.filter(({ isGone }) => !isGone).map(({ name }) => name), ...files];
}

/** Files that only this site sees (OPFS). Resolves with those that would not go: another tab has them open. */
async function emptyFileSystem(): Promise<readonly string[]> {
  const left: string[] = [];
  try {
    const root = await navigator.storage.getDirectory();
    for await (const name of root.keys()) {
      await root.removeEntry(name, { recursive: true }).catch(() => left.push(name));
    }
  } catch {
    // The browser has none.
  }
  return left;
}

function deleteDatabase(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve(true);
    request.onerror = () => resolve(false);
    // Another tab that does not let go: it is gone when that tab closes.
    setTimeout(() => resolve(false), MOST_WAIT_MS);
  });
}
