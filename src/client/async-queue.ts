/** Turns pushed values into an async iteration: what was pushed first comes out first, an error comes after what preceded it. */
export class AsyncQueue<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = [];
  readonly #onReturn: () => void;
  /** Readers that came before their value, first come first served. */
  readonly #waiting: PromiseWithResolversOf<IteratorResult<T>>[] = [];
  #end: { readonly error?: unknown } | undefined;

  /** `onReturn` is called when the reader walks away before the end (`break` in `for await`). */
  constructor(onReturn: () => void = () => {}) {
    this.#onReturn = onReturn;
  }

  push(value: T): void {
    if (this.#end) return;
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve({ done: false, value });
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
      this.#waiting.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<T>> {
    if (!this.#end) this.#onReturn();
    this.#values.length = 0;
    this.#end = {};
    this.#letGo();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(end: { readonly error?: unknown }): void {
    if (this.#end) return;
    const first = 'error' in end ? this.#waiting.shift() : undefined;
    this.#end = first ? {} : end;
    first?.reject(end.error);
    this.#letGo();
  }

  #letGo(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }
}

interface PromiseWithResolversOf<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}
