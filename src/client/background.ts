import { SottoError } from '../shared/index.ts';

/** What answers do while their page is hidden: `continue`, or `pause` until it is shown again. They stay the same. */
export type BackgroundMode = 'continue' | 'pause';

/** Holds the answers of a page that nobody sees, where that is wished for. */
export class Background {
  readonly #holds = new Set<(isHeld: boolean) => void>();
  #mode: BackgroundMode = 'continue';
  #isHeld = false;

  get mode(): BackgroundMode {
    return this.#mode;
  }

  /** Throws `invalid-option`. */
  set mode(mode: BackgroundMode) {
    if (mode !== 'continue' && mode !== 'pause') {
      const message = '"background" must be "continue" or "pause".';
      throw new SottoError('invalid-option', message, { details: { option: 'background' } });
    }
    this.#mode = mode;
    if (mode === 'pause') document.addEventListener('visibilitychange', this.#look);
    else document.removeEventListener('visibilitychange', this.#look);
    this.#look();
  }

  /** Begins an answer, and holds it by `hold` while it is to be held. */
  async watch<T>(hold: (isHeld: boolean) => void, begin: () => Promise<T>): Promise<T> {
    const answer = begin();
    this.#holds.add(hold);
    if (this.#isHeld) hold(true);
    try {
      return await answer;
    } finally {
      this.#holds.delete(hold);
    }
  }

  /** Stops looking; what is held goes on. */
  dispose(): void {
    this.mode = 'continue';
  }

  readonly #look = (): void => {
    const isHeld = this.#mode === 'pause' && document.visibilityState === 'hidden';
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    for (const hold of this.#holds) hold(isHeld);
  };
}
