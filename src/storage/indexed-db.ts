/** Whether this browser offers databases. Some throw on the mere mention of `indexedDB` where storage is blocked. */
export function hasIndexedDb(): boolean {
  try {
    return typeof indexedDB === 'object' && indexedDB !== null;
  } catch {
    return false;
  }
}

/** What opening a database becomes: it rejects, also where the browser throws at the attempt. */
export async function opened<T>(open: () => Promise<T>): Promise<T> {
  return open();
}

/** Whether a database did not open because the browser blocks storage: as if there were none. */
export function isBlocked(cause: unknown): boolean {
  return cause instanceof Error && (cause.name === 'SecurityError' || cause.name === 'InvalidStateError');
}
