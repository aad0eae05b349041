import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import { checkPages } from '../../backends/check-pages.ts';
import {
  CACHE_PAGE_TOKENS,
  type CachePages,
  type DecoderBackend,
  type ForwardOptions,
  type Lane,
  type LaneStep,
  type Lanes,
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

/** What texts of one scripted engine have in common. */
interface Shared {
  readonly script: Script;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly forwarded: number[];
  onChunk: () => void;
  calls: number;
  isRunning: boolean;
  isDisposed: boolean;
  readonly overwritten: ScriptedOptions['overwritten'];
  /** Logits that were handed out: the next call overwrites them. */
  views: Float32Array[];
}

/** One text: logits are a function of its tokens and of nothing else. */
class ScriptedLane implements Lane {
  readonly cache: number[] = [];
  protected readonly shared: Shared;

  constructor(shared: Shared) {
    this.shared = shared;
  }

  get position(): number {
    return this.cache.length;
  }

  async forward(tokens: ArrayLike<number>, { logits = 'last', signal }: ForwardOptions = {}): Promise<Float32Array> {
    const { shared } = this;
    const all = Array.from(tokens);
    await alone(shared, async () => {
      for (let start = 0; start < all.length; start += CHUNK) {
        shared.onChunk();
        throwIfAborted(signal);
        this.append(all.slice(start, start + CHUNK));
      }
    });
    if (logits === 'none') return new Float32Array(0);
    return logits === 'all' ? this.#allLogits(all.length) : this.lastLogits();
  }

  get forwardRows(): Lane['forwardRows'] {
    const { shared } = this;
    if (shared.overwritten === 'all rows') return undefined;
    return async (tokens, signal) => {
      await this.forward(tokens, { logits: 'none', signal });
      const { calls } = shared;
      const first = this.cache.length - tokens.length;
      const read = [...this.cache];
      return {
        at: (row) => {
          if (shared.calls !== calls || row === shared.overwritten) return undefined;
          spoil(shared);
          return this.#view(read.slice(0, first + row + 1));
        },
      };
    };
  }

  append(tokens: readonly number[]): void {
    if (this.position + tokens.length > this.shared.contextLength) throw new RangeError('the cache is full');
    this.cache.push(...tokens);
    this.shared.forwarded.push(...tokens);
  }

  lastLogits(): Float32Array {
    return this.#view(this.cache);
  }

  #view(cache: readonly number[]): Float32Array {
    const logits = new Float32Array(this.shared.vocabularySize);
    this.shared.script(cache, logits);
    this.shared.views.push(logits);
    return logits;
  }

  #allLogits(count: number): Float32Array {
    const { vocabularySize, script } = this.shared;
    const rows = new Float32Array(count * vocabularySize);
    for (let row = 0; row < count; row++) {
      const before = this.cache.slice(0, this.cache.length - count + row + 1);
      script(before, rows.subarray(row * vocabularySize, (row + 1) * vocabularySize));
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
      const { contextLength } = this.shared;
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
}

async function alone(shared: Shared, work: () => Promise<void>): Promise<void> {
  if (shared.isDisposed) throw new SottoError('disposed', 'disposed');
  if (shared.isRunning) throw new Error('Two calls at once.');
  shared.isRunning = true;
  shared.calls += 1;
  const run = async () => {
    // As engines do, before they compute.
    await new Promise((resolve) => setTimeout(resolve));
    spoil(shared);
    await work();
  };
  await run().finally(() => {
    shared.isRunning = false;
  });
}

function spoil(shared: Shared): void {
  for (const view of shared.views) view.fill(Number.NaN);
  shared.views = [];
}

export interface ScriptedOptions {
  readonly contextLength?: number;
  readonly vocabularySize?: number;
  /** Texts it has room for; absent: one. */
  readonly lanes?: number;
  /** A row of passes over guesses that another pass overwrites before it is asked for; `all rows`: they are computed at once. */
  readonly overwritten?: number | 'all rows' | undefined;
}

/** A decoder whose logits are a function of the tokens in its cache and of nothing else; for tests. */
export class ScriptedBackend extends ScriptedLane implements DecoderBackend {
  readonly kind = 'cpu';
  readonly description = 'scripted';
  readonly threads = 1;
  readonly memoryBytes = 0;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly lanes: Lanes | undefined;
  /** Tokens of each pass over several texts. */
  readonly steps: (readonly number[])[] = [];
  parks = 0;
  /** Called for each token of a pass over several texts: tests fail here. */
  onStep: (token: number) => void = () => {};

  constructor(
    script: Script,
    { contextLength = 512, vocabularySize = 258, lanes = 1, overwritten }: ScriptedOptions = {},
  ) {
    const counters = { forwarded: [], onChunk: () => {}, calls: 0, isRunning: false, isDisposed: false, views: [] };
    super({ script, contextLength, vocabularySize, overwritten, ...counters });
    this.contextLength = contextLength;
    this.vocabularySize = vocabularySize;
    let opened = 1;
    const open = () => {
      spoil(this.shared);
      return opened++ < lanes ? new ScriptedLane(this.shared) : undefined;
    };
    this.lanes = lanes > 1 ? { most: lanes, open, step: (steps) => this.#step(steps) } : undefined;
  }

  async #step(steps: readonly LaneStep[]): Promise<readonly Float32Array[]> {
    const lanes = steps.map(({ lane }) => lane as ScriptedLane);
    await alone(this.shared, async () => {
      this.shared.onChunk();
      // One that faults leaves all as they were.
      for (const { token } of steps) this.onStep(token);
      for (const [index, lane] of lanes.entries()) lane.append([steps[index]!.token]);
    });
    this.steps.push(steps.map(({ token }) => token));
    return lanes.map((lane) => lane.lastLogits());
  }

  /** Every token that was computed, cached ones not. */
  get forwarded(): number[] {
    return this.shared.forwarded;
  }

  /** Called before each chunk: tests abort or fail here. */
  set onChunk(onChunk: () => void) {
    this.shared.onChunk = onChunk;
  }

  get onChunk(): () => void {
    return this.shared.onChunk;
  }

  /** Forward passes so far. */
  get calls(): number {
    return this.shared.calls;
  }

  get isDisposed(): boolean {
    return this.shared.isDisposed;
  }

  park(): void {
    this.parks += 1;
  }

  dispose(): void {
    this.shared.isDisposed = true;
  }
}
