import { SottoError } from '../../shared/index.ts';
import { EncodeRun } from './encode-run.ts';
import type { EncodeOptions, EncoderBackend } from './encoder-backend.ts';
import { EncoderOnEngine } from './encoder-on-engine.ts';
import { isLoss } from './is-loss.ts';

/** Engines made anew in one call, at most. */
const MOST_RENEWALS = 2;

/**
 * An encoder on a graphics device that can be lost at any time. When the device is gone it makes the engine anew and goes on
 * with the texts that have no vectors yet. Our own `dispose` is not a loss.
 */
export class RenewingEncoder extends EncoderOnEngine {
  readonly #renew: (attempt: number) => Promise<EncoderBackend>;

  /** `renew` makes the engine once more; `attempt` counts from 1 within a call. */
  constructor(engine: EncoderBackend, renew: (attempt: number) => Promise<EncoderBackend>) {
    super(engine);
    this.#renew = renew;
  }

  async encode(texts: readonly ArrayLike<number>[], options: EncodeOptions = {}): Promise<Float32Array> {
    const run = new EncodeRun(texts, options);
    for (let renewals = 0; ; ) {
      try {
        await run.continueOn(this.engine);
        return run.vectors;
      } catch (error) {
        renewals = await this.#recover(error, renewals);
      }
    }
  }

  /** A new engine, and how often that was done in this call. Throws what was no loss, or one loss too many, or `disposed`. */
  async #recover(error: unknown, renewals: number): Promise<number> {
    let cause = error;
    for (let attempt = renewals + 1; ; attempt++) {
      if (this.isDisposed) throw new SottoError('disposed', 'This encoder was disposed of.');
      if (attempt > MOST_RENEWALS || (cause === error && !isLoss(error))) throw cause;
      this.engine.dispose();
      try {
        this.engine = await this.#renew(attempt);
        if (this.isDisposed) this.engine.dispose();
        return attempt;
      } catch (failure) {
        if (!SottoError.isInstance(failure)) throw failure;
        cause = failure;
      }
    }
  }
}
