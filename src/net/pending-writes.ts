/** Writes that run while more is read, up to a limit. The first failure is kept and thrown at the next opportunity. */
export class PendingWrites {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a write over, and resolves when there is room for another. Rejects with the first failure. */
  async add(write: Promise<void>): Promise<void> {
    const settled = write.then(
      () => void this.#running.delete(settled),
      (error: unknown) => {
        this.#failure ??= { error };
        this.#running.delete(settled);
      },
    );
    this.#running.add(settled);
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#throwFailure();
  }

  /** Resolves when every write has ended. Rejects with the first failure. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
