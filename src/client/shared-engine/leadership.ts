export interface LeadershipOptions {
  readonly name: string;
  /** This tab leads from now on. */
  readonly onGain: () => void;
  /** Another tab took over, because this one seemed frozen. */
  readonly onLose: () => void;
}

/** The lock that makes a tab the leader: asked for once, then waited for, and taken by force from a leader that is frozen. */
export class Leadership {
  readonly #options: LeadershipOptions;
  #isLeading = false;
  #release: () => void = () => {};
  #queue: AbortController | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
  }

  get isLeading(): boolean {
    return this.#isLeading;
  }

  /** Leads if nobody does; else stands in line, and leads when its turn comes. */
  async join(): Promise<void> {
    if (this.#isLeading || this.#queue !== undefined) return;
    await new Promise<void>((resolve) => {
      void this.#request({ ifAvailable: true }, resolve);
    });
    if (this.#isLeading) return;
    this.#queue = new AbortController();
    void this.#request({ signal: this.#queue.signal }, () => {});
  }

  /** Takes the lock from a leader that `isAnswering` still finds silent; one tab at a time, so that none is robbed twice. */
  async steal(isAnswering: () => Promise<boolean>): Promise<void> {
    await navigator.locks.request(`${this.#options.name}-steal`, async () => {
      if (this.#isLeading || (await isAnswering())) return;
      this.#queue?.abort();
      this.#queue = undefined;
      await new Promise<void>((resolve) => {
        void this.#request({ steal: true }, resolve);
      });
    });
  }

  /** Gives the lock, or the place in line, to the next. */
  leave(): void {
    this.#queue?.abort();
    this.#queue = undefined;
    this.#isLeading = false;
    this.#release();
  }

  /** `onAnswer` is called when it is known whether the lock was had. */
  async #request(options: LockOptions, onAnswer: () => void): Promise<void> {
    let hasHad = false;
    try {
      await navigator.locks.request(this.#options.name, options, (lock) => {
        if (lock === null) return onAnswer();
        this.#queue = undefined;
        this.#isLeading = true;
        hasHad = true;
        const held = new Promise<void>((resolve) => {
          this.#release = resolve;
        });
        this.#options.onGain();
        onAnswer();
        return held;
      });
    } catch {
      // Taken out of the line by `leave`, or robbed of the lock.
      if (!hasHad) return;
      this.#isLeading = false;
      this.#options.onLose();
    }
  }
}
