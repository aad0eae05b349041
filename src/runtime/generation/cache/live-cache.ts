import { SottoError } from '../../../shared/index.ts';
import {
  type AdapterChoice,
  type AheadOptions,
  type AheadStep,
  CACHE_PAGE_TOKENS,
  type DecoderBackend,
  type ForwardOptions,
  type LogitRows,
} from '../../backends/decoder-backend.ts';
import { rowsOfAll } from '../../backends/rows-of-all.ts';
import { commonPrefix } from './common-prefix.ts';
import type { PrefixTree } from './prefix-tree.ts';

/** Fewer tokens than this are read again sooner than they are copied. */
const WORTH_COPYING_TOKENS = 16;

/** What a cache needs of an engine, or of one of its lanes. */
export type CacheEngine = Pick<
  DecoderBackend,
  'position' | 'forward' | 'forwardRows' | 'truncate' | 'pages' | 'adapters' | 'decodeAhead'
>;

/** A KV cache of the engine with a record of the tokens in it, and the tree of what it and others held before. */
export class LiveCache {
  readonly #backend: CacheEngine;
  readonly #tree: PrefixTree;
  #tokens: number[] = [];
  #chosen: readonly AdapterChoice[] = [];

  /** `tree` takes copies of what the cache held before; caches of one engine share it. */
  constructor(backend: CacheEngine, tree: PrefixTree) {
    this.#backend = backend;
    this.#tree = tree;
  }

  /** The adapters that what it holds was computed with. */
  get adapters(): readonly AdapterChoice[] {
    return this.#chosen;
  }

  /**
   * From now on exactly these adapters apply. What was read with others is put away first where it can be, and forgotten
   * by the engine. Throws `unsupported-option` where the engine runs none, `invalid-option` for one that is not loaded.
   */
  async useAdapters(chosen: readonly AdapterChoice[]): Promise<void> {
    const { adapters } = this.#backend;
    if (adapters === undefined && chosen.length > 0) throw noAdapters();
    if (this.hasAdapters(chosen)) return;
    await this.park();
    adapters?.use(chosen);
    this.#chosen = chosen;
    this.#tokens.length = Math.min(this.#tokens.length, this.#backend.position);
  }

  hasAdapters(chosen: readonly AdapterChoice[]): boolean {
    return JSON.stringify(chosen) === JSON.stringify(this.#chosen);
  }

  /** The tokens the cache holds. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /**
   * Makes the cache hold as long a prefix of `prompt` as has ever been read and is still kept, at most `most` tokens of
   * it; gives back how many.
   */
  async reuse(prompt: readonly number[], most: number): Promise<number> {
    // Another adapter makes the engine forget what it read by the last one.
    this.#tokens.length = Math.min(this.#tokens.length, this.#backend.position);
    const shared = Math.min(commonPrefix(this.#tokens, prompt), most);
    const { pages } = this.#backend;
    if (pages === undefined) return this.#truncate(shared);
    if (this.#tokens.length - shared >= WORTH_COPYING_TOKENS) await this.park();
    const kept = this.#tree.longest(prompt);
    const length = Math.min(kept.length, most);
    if (length - shared < WORTH_COPYING_TOKENS) return this.#truncate(shared);
    this.#truncate(shared);
    const from = Math.floor(shared / CACHE_PAGE_TOKENS);
    const to = Math.ceil(length / CACHE_PAGE_TOKENS);
    const tokens = prompt.slice(0, length);
    await pages.write(from, kept.pages.slice(from, to), tokens);
    this.#tokens = tokens;
    return length;
  }

  /** Whether so many tokens are sooner copied than read. */
  static isWorthCopying(tokens: number): boolean {
    return tokens >= WORTH_COPYING_TOKENS;
  }

  /** How many tokens of `prompt` need not be read. */
  held(prompt: readonly number[]): number {
    return Math.max(commonPrefix(this.#tokens, prompt), this.#tree.longest(prompt).length);
  }

  /** Puts back what was kept elsewhere: `pages` that hold `tokens` and nothing before them. */
  async restore(tokens: readonly number[], pages: readonly Uint8Array[]): Promise<void> {
    await this.park();
    this.#truncate(0);
    await this.#backend.pages?.write(0, pages, tokens);
    this.#tokens = [...tokens];
  }

  /** Whether what it holds can be copied: not of every engine, and not while adapters apply. */
  get canCopy(): boolean {
    return this.#backend.pages !== undefined;
  }

  /**
   * Pages that hold all tokens of the cache. Rejects with `unsupported-option` where there are none: an engine that was made
   * anew in the middle of an answer may hold its cache otherwise.
   */
  async copy(): Promise<readonly Uint8Array[]> {
    const { pages } = this.#backend;
    if (pages === undefined) throw noCopies();
    return pages.read(0, Math.ceil(this.#tokens.length / CACHE_PAGE_TOKENS));
  }

  /** Copies what the cache holds into the tree, as far as it is not there; also while somebody works on it. */
  async park(): Promise<void> {
    const { pages, position } = this.#backend;
    const before = this.#tokens.slice(0, position);
    if (pages === undefined || before.length === 0) return;
    const first = this.#tree.wholePages(before);
    const end = Math.ceil(before.length / CACHE_PAGE_TOKENS);
    if (first >= end) return;
    const copies = await pages.read(first, end);
    // Guesses that were taken back meanwhile may be in the copy or not.
    const tokens = before.slice(0, commonPrefix(before, this.#tokens));
    const sure = Math.ceil(tokens.length / CACHE_PAGE_TOKENS);
    if (first < sure) this.#tree.add(tokens, first, copies.slice(0, sure - first));
  }

  /** Appends tokens and keeps the record right, whatever happens. */
  forward(tokens: readonly number[], options: ForwardOptions): Promise<Float32Array> {
    return this.#append(tokens, () => this.#backend.forward(tokens, options));
  }

  /** The same where rows of logits are wanted one after the other. */
  forwardRows(tokens: readonly number[], signal?: AbortSignal): Promise<LogitRows> {
    return this.#append(tokens, async () => {
      const backend = this.#backend;
      if (backend.forwardRows !== undefined) return backend.forwardRows(tokens, signal);
      const all = await backend.forward(tokens, { logits: 'all', signal });
      return rowsOfAll(all, tokens.length);
    });
  }

  async #append<T>(tokens: readonly number[], pass: () => Promise<T>): Promise<T> {
    this.#tokens.push(...tokens);
    try {
      return await pass();
    } finally {
      this.#tokens.length = this.#backend.position;
    }
  }

  /** Whether the engine can choose tokens by itself. */
  get runsAhead(): boolean {
    return this.#backend.decodeAhead !== undefined;
  }

  /** Appends what the engine chooses after `token`, and keeps the record right, whatever happens. */
  async *runAhead(token: number, options: AheadOptions): AsyncGenerator<AheadStep, void, undefined> {
    const appended = [token];
    try {
      for await (const step of this.#backend.decodeAhead?.(token, options) ?? []) {
        appended.push(step.token);
        yield step;
      }
    } finally {
      this.#tokens.push(...appended.slice(0, this.#backend.position - this.#tokens.length));
    }
  }

  /** Forgets the tokens from `length` on. */
  truncate(length: number): void {
    this.#truncate(length);
  }

  /** Forgets what the engine holds, after a fault: nobody knows what it is. Copies made before it are good. */
  forget(): void {
    this.#tokens = [];
    try {
      this.#backend.truncate(0);
    } catch {
      // A disposed or broken engine says so at the next call; the error that led here is the one to report.
    }
  }

  #truncate(length: number): number {
    this.#backend.truncate(length);
    this.#tokens.length = this.#backend.position;
    return this.#tokens.length;
  }
}

export function noCopies(): SottoError {
  return new SottoError('unsupported-option', 'This engine cannot copy its cache, so a session cannot be saved.');
}

export function noAdapters(): SottoError {
  const message = 'The engine that runs this model has no LoRA adapters: only models from GGUF files take them.';
  return new SottoError('unsupported-option', message, { details: { option: 'adapter' } });
}
