import type { SamplingOptions } from '../../../protocol/index.ts';
import { placeOf } from './place-of.ts';

/** Tokens looked back on by the penalties, prompt included (the default of llama.cpp). */
export const PENALTY_WINDOW = 64;

type PenaltyOptions = Pick<SamplingOptions, 'repetitionPenalty' | 'frequencyPenalty' | 'presencePenalty'>;

/**
 * Makes tokens of the recent past less likely.
 *
 * For a token that occurs `n` times in the window: its logit is divided by the repetition penalty where it is positive
 * and multiplied where it is not (Keskar et al. 2019, arXiv 1909.05858), then lowered by `n × frequencyPenalty` and by
 * `presencePenalty` (the definitions of OpenAI's API). The order is that of llama.cpp.
 */
export class Penalties {
  readonly #options: PenaltyOptions;
  readonly #window: number[] = [];
  readonly #counts = new Map<number, number>();
  /** False where every option is at its neutral value, and logits need not even be copied. */
  readonly isActive: boolean;

  constructor(options: PenaltyOptions) {
    this.#options = options;
    this.isActive = options.repetitionPenalty !== 1 || options.frequencyPenalty !== 0 || options.presencePenalty !== 0;
  }

  /** The tokens that count, oldest first. */
  get window(): readonly number[] {
    return this.#window;
  }

  /** Remembers a token of the prompt or of the answer. */
  accept(token: number): void {
    this.#window.push(token);
    this.#counts.set(token, (this.#counts.get(token) ?? 0) + 1);
    if (this.#window.length <= PENALTY_WINDOW) return;
    const oldest = this.#window.shift();
    if (oldest === undefined) return;
    const left = (this.#counts.get(oldest) ?? 1) - 1;
    if (left === 0) this.#counts.delete(oldest);
    else this.#counts.set(oldest, left);
  }

  /** Changes logits in place: those `[vocabulary]`, or of `tokens`, which ascend. */
  apply(logits: Float32Array, tokens?: readonly number[]): void {
    const { repetitionPenalty, frequencyPenalty, presencePenalty } = this.#options;
    for (const [token, count] of this.#counts) {
      const at = tokens === undefined ? token : placeOf(token, tokens);
      const logit = logits[at];
      if (logit === undefined) continue;
      const scaled = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
      logits[at] = scaled - count * frequencyPenalty - presencePenalty;
    }
  }
}
