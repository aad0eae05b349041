import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import { checkPages } from '../../backends/check-pages.ts';
import {
  CACHE_PAGE_TOKENS,
  type CachePages,
  type DecoderBackend,
  type ForwardOptions,
} from '../../backends/decoder-backend.ts';

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
    if (logits === 'all') return this.#allLogits(all.length);
    this.#script(this.cache, this.#logits);
    return this.#logits;
  }

  #allLogits(count: number): Float32Array {
    const rows = new Float32Array(count * this.vocabularySize);
    for (let row = 0; row < count; row++) {
      const before = this.cache.slice(0, this.cache.length - count + row + 1);
      this.#script(before, rows.subarray(row * this.vocabularySize, (row + 1) * this.vocabularySize));
    }
    return rows;
  }

  /** A page of tokens, with garbage behind the last one. */
  readonly pages: CachePages = {
    pageBytes: CACHE_PAGE_TOKENS * 4,
    format: 'scripted',
    read: async (from, to) =>
      Array.from({ length: to - from }, (_, index) => {
        const start = (from + index) * CACHE_PAGE_TOKENS;
        const page = new Int32Array(CACHE_PAGE_TOKENS).fill(-1);
        page.set(this.cache.slice(start, start + CACHE_PAGE_TOKENS));
        return new Uint8Array(page.buffer);
      }),
    write: async (from, pages, { length: position }) => {
      const { contextLength } = this;
      checkPages(from, pages, position, { pageBytes: CACHE_PAGE_TOKENS * 4, held: this.position, contextLength });
      this.cache.length = from * CACHE_PAGE_TOKENS;
      for (const page of pages) this.cache.push(...new Int32Array(page.slice().buffer));
      this.cache.length = position;
    },
  };

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
