import type { DecoderBackend } from '../../backends/decoder-backend.ts';
import type { LiveCache } from '../cache/index.ts';
import { type Draft, type Drafter, FROM_MODEL, MOST_DRAFTED, NO_DRAFT } from './drafter.ts';

const GRADES: readonly number[] = Array.from({ length: MOST_DRAFTED }, () => FROM_MODEL);

/** Guesses with a smaller model of the same vocabulary: its likeliest tokens, one after the other. */
export class DraftModel implements Drafter {
  readonly #backend: DecoderBackend;
  readonly #cache: LiveCache;
  readonly #tokens: number[] = [];

  /** For one text. `cache` is that of `backend`; texts after each other share what they have in common. */
  constructor(backend: DecoderBackend, cache: LiveCache) {
    this.#backend = backend;
    this.#cache = cache;
  }

  append(tokens: readonly number[]): void {
    for (const token of tokens) this.#tokens.push(token);
  }

  async draft(most: (grades: readonly number[]) => number): Promise<Draft> {
    const room = this.#backend.contextLength - this.#tokens.length;
    if (this.#tokens.length === 0) return NO_DRAFT;
    const count = Math.min(most(GRADES), room);
    if (count <= 0) return NO_DRAFT;
    try {
      const read = await this.#cache.reuse(this.#tokens, this.#tokens.length - 1);
      let logits = await this.#cache.forward(this.#tokens.slice(read), { logits: 'last', exact: { highest: 1 } });
      const drafted = [likeliest(logits)];
      while (drafted.length < count) {
        logits = await this.#cache.forward(drafted.slice(-1), { logits: 'last', exact: { highest: 1 } });
        drafted.push(likeliest(logits));
      }
      return { tokens: drafted, grades: GRADES.slice(0, count), count };
    } catch (error) {
      this.#cache.forget();
      throw error;
    } finally {
      this.#backend.park();
    }
  }
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}
