import { abortError } from '../shared/index.ts';

/** Runs one body at a time for a name. Rejects with AbortError where the signal fires before its turn. */
export type Exclusive = <T>(name: string, signal: AbortSignal, body: () => Promise<T>) => Promise<T>;

/** Over all tabs through Web Locks; they exist in secure contexts only, elsewhere it is within this thread. */
export function createExclusive(): Exclusive {
  const locks = (globalThis.navigator as { readonly locks?: LockManager } | undefined)?.locks;
  if (locks === undefined) return createLocalExclusive();
  return async (name, signal, body) => await locks.request(name, { signal }, body);
}

/** Within one thread only. */
export function createLocalExclusive(): Exclusive {
  const last = new Map<string, Promise<void>>();
  return async (name, signal, body) => {
    if (signal.aborted) throw abortError();
    const before = last.get(name) ?? Promise.resolve();
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    // Whoever gives up while waiting still hands on the turn of the one before.
    const mine = before.then(() => finished);
    last.set(name, mine);
    void mine.then(() => {
      if (last.get(name) === mine) last.delete(name);
    });
    let stopWaiting = () => {};
    try {
      await Promise.race([
        before,
        new Promise<never>((_, reject) => {
          stopWaiting = () => reject(abortError());
          signal.addEventListener('abort', stopWaiting, { once: true });
        }),
      ]);
      return await body();
    } finally {
      signal.removeEventListener('abort', stopWaiting);
      finish();
    }
  };
}
