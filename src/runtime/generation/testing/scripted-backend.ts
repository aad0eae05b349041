import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import type { DecoderBackend, ForwardOptions } from '../../backends/decoder-backend.ts';

const CHUNK = 16;

/** Chooses the logits that follow the tokens in the cache. */
export type Script = (cache: readonly number[], logits: Float32Array) => void;

/** A script that makes one token the likeliest. */
export function always(choose: (cache: readonly number[]) => number): Script {
  return (cache, logits) => {
    logits.fill(0);
    logits[choose(cache)] = 10;
  };
}

/** A decoder whose logits are a function of the tokens in its cache and of nothing else; for tests. */
export class ScriptedBackend implements DecoderBackend {
  readonly kind = 'cpu';
  readonly description = 'scripted';
  readonly threads = 1;
  readonly memoryBytes = 0;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly cache: number[] = [];
  /** Every token that was computed, cached ones not. */
  readonly forwarded: number[] = [];
  /** Called before each chunk: tests abort or fail here. */
  onChunk: () => void = () => {};
  parks = 0;
  /** Forward passes so far. */
  calls = 0;
  isDisposed = false;
  readonly #script: Script;
  readonly #logits: Float32Array;

  constructor(script: Script, { contextLength = 512, vocabularySize = 258 } = {}) {
    this.#script = script;
    this.contextLength = contextLength;
    this.vocabularySize = vocabularySize;
    this.#logits = new Float32Array(vocabularySize);
  }

  get position(): number {
    return this.cache.length;
  }

  async forward(tokens: ArrayLike<number>, { logits = 'last', signal }: ForwardOptions = {}): Promise<Float32Array> {
    if (this.isDisposed) throw new SottoError('disposed', 'disposed');
    if (this.position + tokens.length > this.contextLength) throw new RangeError('the cache is full');
    this.calls += 1;
    const all = Array.from(tokens);
    for (let start = 0; start < all.length; start += CHUNK) {
      this.onChunk();
      await new Promise((resolve) => setTimeout(resolve));
      throwIfAborted(signal);
      const chunk = all.slice(start, start + CHUNK);
      this.cache.push(...chunk);
      this.forwarded.push(...chunk);
    }
    if (logits === 'none') return new Float32Array(0);
    this.#script(this.cache, this.#logits);
    return this.#logits;
  }

  truncate(position: number): void {
    if (position > this.cache.length) throw new RangeError(`truncate to ${position} of ${this.cache.length}`);
    this.cache.length = position;
  }

  park(): void {
    this.parks += 1;
  }

  dispose(): void {
    this.isDisposed = true;
  }
}
