/** Turns pushed values into an async iteration: what was pushed first comes out first, an error comes after what preceded it. */
export class AsyncQueue<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = [];
  readonly #onReturn: () => void;
  #waiting: PromiseWithResolversOf<IteratorResult<T>> | undefined;
  #end: { readonly error?: unknown } | undefined;

  /** `onReturn` is called when the reader walks away before the end (`break` in `for await`). */
  constructor(onReturn: () => void = () => {}) {
    this.#onReturn = onReturn;
  }

  push(value: T): void {
    if (this.#end) return;
    if (this.#waiting) this.#settle((waiting) => waiting.resolve({ done: false, value }));
    else this.#values.push(value);
  }

  close(): void {
    this.#finish({});
  }

  fail(error: unknown): void {
    this.#finish({ error });
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#values.length > 0) return Promise.resolve({ done: false, value: this.#values.shift() as T });
    if (this.#end) {
      const end = this.#end;
      this.#end = {}; // An error is told once; afterwards the iteration is simply over.
      return 'error' in end ? Promise.reject(end.error) : Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<T>> {
    if (!this.#end) this.#onReturn();
    this.#values.length = 0;
    this.#end = {};
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(end: { readonly error?: unknown }): void {
    if (this.#end) return;
    this.#end = end;
    if (!this.#waiting) return;
    this.#end = {};
    if ('error' in end) this.#settle((waiting) => waiting.reject(end.error));
    else this.#settle((waiting) => waiting.resolve({ done: true, value: undefined }));
  }

  #settle(how: (waiting: PromiseWithResolversOf<IteratorResult<T>>) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) how(waiting);
  }
}

interface PromiseWithResolversOf<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}
