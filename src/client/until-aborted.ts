import { abortError } from '../shared/index.ts';

/**
 * What the promise becomes, or an AbortError as soon as the signal fires. For waiting that an abort should end at once,
 * and whose result nobody then needs: the promise itself goes on.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortError());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
