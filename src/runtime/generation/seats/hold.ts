import { abortError } from '../../../shared/index.ts';

/** A call's brake: while it is held, the call gives its place on and computes nothing. */
export class Hold {
  #release: (() => void) | undefined;
  #released: Promise<void> = Promise.resolve();

  get isHeld(): boolean {
    return this.#release !== undefined;
  }

  /** Holds the call, or lets it go on. */
  set(isHeld: boolean): void {
    if (isHeld === this.isHeld) return;
    if (isHeld) {
      this.#released = new Promise((resolve) => {
        this.#release = resolve;
      });
    } else {
      this.#release?.();
      this.#release = undefined;
    }
  }

  /** Resolves when the call may go on. Rejects with AbortError. */
  async passed(signal: AbortSignal | undefined): Promise<void> {
    while (this.isHeld) {
      if (signal?.aborted) throw abortError();
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => reject(abortError());
        signal?.addEventListener('abort', onAbort, { once: true });
        void this.#released.then(() => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
      });
    }
  }
}
