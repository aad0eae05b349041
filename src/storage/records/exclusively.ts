let tail: Promise<unknown> = Promise.resolve();

/** Runs one write after the other: across tabs where the browser has Web Locks, else within this tab. */
export function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const locks = (globalThis as { readonly navigator?: { readonly locks?: LockManager } }).navigator?.locks;
  if (locks !== undefined) return locks.request('sotto-records-write', work) as Promise<T>;
  const result = tail.then(work);
  tail = result.catch(() => {});
  return result;
}
