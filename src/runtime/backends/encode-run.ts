import type { EncodeOptions, EncoderBackend } from './encoder-backend.ts';

/** Texts that may be begun on one engine and go on on another: what is done when one stops is kept. */
export class EncodeRun {
  readonly #texts: readonly ArrayLike<number>[];
  readonly #options: EncodeOptions;
  readonly #pieces: Float32Array[] = [];
  #done = 0;

  constructor(texts: readonly ArrayLike<number>[], options: EncodeOptions) {
    this.#texts = texts;
    this.#options = options;
  }

  /** Texts that have their vectors. */
  get done(): number {
    return this.#done;
  }

  get isDone(): boolean {
    return this.#done === this.#texts.length;
  }

  /** The vectors of the texts that are done, one after the other. */
  get vectors(): Float32Array {
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 && first !== undefined) return first;
    const joined = new Float32Array(this.#pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }

  /** Encodes what is left. Rejects with what the engine rejects with, or an AbortError when `stop` says so. */
  async continueOn(engine: EncoderBackend, stop?: AbortSignal, onProgress: () => void = () => {}): Promise<void> {
    const { signal, spans } = this.#options;
    const before = this.#done;
    await engine.encode(this.#texts.slice(before), {
      signal: signal && stop ? AbortSignal.any([signal, stop]) : (stop ?? signal),
      spans: spans?.slice(before),
      onProgress: (done, _, vectors) => {
        this.#pieces.push(vectors);
        this.#done = before + done;
        this.#options.onProgress?.(this.#done, this.#texts.length, vectors);
        onProgress();
      },
    });
  }
}
