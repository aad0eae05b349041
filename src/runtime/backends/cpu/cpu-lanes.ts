import { checkPages } from '../check-pages.ts';
import type { CachePages, ForwardOptions, Lane, LogitRows } from '../decoder-backend.ts';
import { hasPagesOnly, pageLayout, readPage, writePage } from './cache-pages.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { TILE_TOKENS } from './plan-fields.ts';

/** Most memory that texts beside the first may take: as much as copies of what they held would. */
const MOST_LATER_BYTES = 256 * 2 ** 20;
/** WASM addresses are 32 bits wide. */
const MOST_BYTES = 2 ** 32;

/**
 * Texts that an engine can hold at once: as many as a tile has tokens, fewer where they are large. One only where layers
 * remember more than keys and values.
 */
export function mostLanes(plan: MemoryPlan): number {
  if (!hasPagesOnly(plan)) return 1;
  const room = Math.min(MOST_LATER_BYTES, MOST_BYTES - plan.totalBytes);
  return Math.min(TILE_TOKENS, 1 + Math.max(0, Math.floor(room / plan.cache.bytes)));
}

/** What a lane asks of the engine that it is in. */
export interface LaneEngine {
  readonly plan: MemoryPlan;
  readonly contextLength: number;
  /** False while adapters apply: copies say nothing of the adapters that they were computed with. */
  readonly canCopy: boolean;
  forward(lane: CpuLane, tokens: ArrayLike<number>, options: ForwardOptions): Promise<Float32Array>;
  forwardRows(lane: CpuLane, tokens: ArrayLike<number>, signal: AbortSignal | undefined): Promise<LogitRows>;
  /** Where a text that is to be cut at `position` is cut. Throws where it cannot be. */
  cut(lane: CpuLane, position: number): number;
  /** Runs work on the memory that no other may run beside. */
  alone<T>(work: (memory: ArrayBufferLike) => T): Promise<T>;
}

/** One text: where its KV cache lies, and how far it goes. */
export class CpuLane implements Lane {
  position = 0;
  /** Address of its KV cache. */
  readonly cache: number;
  readonly #engine: LaneEngine;

  constructor(engine: LaneEngine, cache: number) {
    this.#engine = engine;
    this.cache = cache;
  }

  forward(tokens: ArrayLike<number>, options: ForwardOptions = {}): Promise<Float32Array> {
    return this.#engine.forward(this, tokens, options);
  }

  forwardRows(tokens: ArrayLike<number>, signal?: AbortSignal): Promise<LogitRows> {
    return this.#engine.forwardRows(this, tokens, signal);
  }

  truncate(position: number): void {
    this.position = this.#engine.cut(this, position);
  }

  get pages(): CachePages | undefined {
    const { plan, canCopy, contextLength } = this.#engine;
    if (!canCopy || !hasPagesOnly(plan)) return undefined;
    const { pageBytes, format } = pageLayout(plan);
    return {
      pageBytes,
      format,
      read: (from, to) =>
        this.#engine.alone((memory) =>
          Array.from({ length: Math.max(0, to - from) }, (_, index) =>
            readPage(plan, memory, this.cache, from + index),
          ),
        ),
      write: (from, pages, { length: position }) =>
        this.#engine.alone((memory) => {
          checkPages(from, pages, position, { pageBytes, held: this.position, contextLength });
          for (const [index, page] of pages.entries()) writePage(plan, memory, this.cache, from + index, page);
          this.position = position;
        }),
    };
  }
}
