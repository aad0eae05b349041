import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import { checkPages } from '../check-pages.ts';
import { checkTokens } from '../check-tokens.ts';
import type {
  AdapterChoice,
  Adapters,
  CachePages,
  DecoderBackend,
  ForwardOptions,
  RequantisedWeights,
} from '../decoder-backend.ts';
import { AdapterRack } from './adapter-rack.ts';
import { hasPagesOnly, pageLayout, readPage, writePage } from './cache-pages.ts';
import { ChunkSize } from './chunk-size.ts';
import { ConvolutionState } from './convolution-state.ts';
import type { EngineExports } from './engine-module.ts';
import { MacrotaskQueue } from './macrotask.ts';
import type { MemoryPlan } from './memory-plan.ts';
import {
  FAULT_NOT_FINITE,
  JOB_COUNT,
  JOB_FORWARD,
  JOB_HEAD,
  JOB_HEAD_COUNT,
  JOB_HEAD_FIRST,
  JOB_KIND,
  JOB_POSITION,
  PLAN,
  TILE_TOKENS,
} from './plan-fields.ts';
import { RecurrentState } from './recurrent-state.ts';
import { fillRopeTable } from './rope-table.ts';
import { ThreadGovernor } from './thread-governor.ts';
import type { ThreadPool } from './thread-pool.ts';

/** What create-cpu-backend.ts has built by the time the backend exists. */
export interface CpuBackendParts {
  readonly description: string;
  readonly contextLength: number;
  readonly requantised: readonly RequantisedWeights[];
  readonly plan: MemoryPlan;
  readonly memory: WebAssembly.Memory;
  readonly exports: EngineExports;
  readonly pool: ThreadPool;
  /** Frequencies of each rotation of the plan, in its order. */
  readonly ropeFrequencies: readonly Float64Array[];
}

/** The decoder on the CPU: this thread drives and computes, the pool computes beside it. */
export class CpuBackend implements DecoderBackend {
  readonly kind = 'cpu';
  readonly description: string;
  readonly threads: number;
  readonly vocabularySize: number;
  readonly adapters: Adapters;
  readonly contextLength: number;
  readonly requantised: readonly RequantisedWeights[];
  readonly rewindsFreely: boolean;

  #parts: CpuBackendParts | undefined;
  readonly #macrotasks = new MacrotaskQueue();
  readonly #chunkSize = new ChunkSize();
  readonly #governor: ThreadGovernor;
  readonly #convolutions: ConvolutionState;
  readonly #recurrence: RecurrentState;
  readonly #rack: AdapterRack;
  #chosen: readonly AdapterChoice[] = [];
  #position = 0;
  #isRunning = false;
  #lost: SottoError | undefined;

  constructor(parts: CpuBackendParts) {
    this.#parts = parts;
    this.#convolutions = new ConvolutionState(parts.plan, parts.memory);
    this.#recurrence = new RecurrentState(parts.plan, parts.memory);
    this.rewindsFreely = parts.plan.layers.every(({ recurrence }) => recurrence === undefined);
    this.description = parts.description;
    this.threads = parts.plan.threads;
    this.#governor = new ThreadGovernor(parts.plan.threads);
    this.vocabularySize = parts.plan.spec.vocabularySize;
    this.contextLength = parts.contextLength;
    this.requantised = parts.requantised;
    this.#rack = new AdapterRack(parts.plan, parts.memory);
    this.adapters = this.#adaptersOf(this.#rack);
  }

  get memoryBytes(): number {
    return this.#parts?.memory.buffer.byteLength ?? 0;
  }

  get position(): number {
    return this.#position;
  }

  async forward(tokens: ArrayLike<number>, options: ForwardOptions = {}): Promise<Float32Array> {
    return this.#alone((parts) => {
      checkTokens(tokens, this);
      return this.#forward(parts, tokens, options);
    });
  }

  get pages(): CachePages | undefined {
    const { plan: own } = this.#usable();
    // Copies say nothing of the adapters that they were computed with.
    if (!hasPagesOnly(own) || this.#chosen.length > 0) return undefined;
    const { pageBytes, format } = pageLayout(own);
    return {
      pageBytes,
      format,
      read: (from, to) =>
        this.#alone(async ({ plan, memory }) =>
          Array.from({ length: Math.max(0, to - from) }, (_, index) => readPage(plan, memory.buffer, from + index)),
        ),
      write: (from, pages, { length: position }) =>
        this.#alone(async ({ plan, memory }) => {
          checkPages(from, pages, position, { pageBytes, held: this.#position, contextLength: this.contextLength });
          for (const [index, page] of pages.entries()) writePage(plan, memory.buffer, from + index, page);
          this.#position = position;
        }),
    };
  }

  #adaptersOf(rack: AdapterRack): Adapters {
    return {
      get loaded() {
        return rack.names;
      },
      load: (name, gguf, source, signal) => this.#alone(() => rack.load(name, gguf, source, signal)),
      use: (chosen) => {
        if (this.#isRunning) throw new SottoError('internal', 'Adapters cannot change while the engine runs.');
        this.#usable();
        rack.use(chosen);
        if (!isSameChoice(chosen, this.#chosen)) this.#cut(0);
        this.#chosen = [...chosen];
      },
    };
  }

  truncate(position: number): void {
    this.#usable();
    if (!Number.isInteger(position) || position < 0 || position > this.#position) {
      throw new SottoError('internal', `Cannot truncate ${this.#position} tokens to ${position}.`);
    }
    this.#cut(position);
  }

  /** No model has both kinds of memory, so each may say where the text ends. */
  #cut(position: number): void {
    this.#position = this.#recurrence.cut(this.#convolutions.cut(position), this.#position);
  }

  useThreads(most: number): void {
    this.#governor.limit(most);
  }

  park(): void {
    this.#parts?.pool.park();
  }

  dispose(): void {
    this.#parts?.pool.dispose();
    this.#macrotasks.dispose();
    this.#parts = undefined;
  }

  #usable(): CpuBackendParts {
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#parts === undefined) throw new SottoError('disposed', 'This engine was disposed of.');
    if (this.#parts.pool.failure !== undefined) throw this.#lose(this.#parts, this.#parts.pool.failure);
    return this.#parts;
  }

  /** Runs work that no other may run beside. */
  async #alone<T>(work: (parts: CpuBackendParts) => Promise<T>): Promise<T> {
    if (this.#isRunning) throw new SottoError('internal', 'A forward pass is running already.');
    const parts = this.#usable();
    this.#isRunning = true;
    try {
      return await work(parts);
    } finally {
      this.#isRunning = false;
    }
  }

  async #forward(
    parts: CpuBackendParts,
    tokens: ArrayLike<number>,
    { logits = 'last', signal }: ForwardOptions,
  ): Promise<Float32Array> {
    const all = logits === 'all' ? new Float32Array(tokens.length * this.vocabularySize) : undefined;
    for (let done = 0; done < tokens.length; ) {
      throwIfAborted(signal);
      await this.#macrotasks.turn();
      throwIfAborted(signal);
      this.#usable();
      const count = Math.min(this.#chunkSize.tokens, tokens.length - done);
      const wantsLast = logits === 'last' && done + count === tokens.length;
      this.#runChunk(parts, tokens, done, count, wantsLast);
      if (all !== undefined) this.#copyLogits(parts, count, all.subarray(done * this.vocabularySize));
      this.#position += count;
      done += count;
    }
    if (all !== undefined) return all;
    if (logits === 'none') return new Float32Array(0);
    return new Float32Array(parts.memory.buffer, parts.plan.buffers.logits, this.vocabularySize);
  }

  #runChunk(parts: CpuBackendParts, tokens: ArrayLike<number>, first: number, count: number, wantsLast: boolean): void {
    const { plan, memory } = parts;
    const ids = new Int32Array(memory.buffer, plan.buffers.tokens, count);
    for (let i = 0; i < count; i++) ids[i] = tokens[first + i]!;
    this.#convolutions.willWrite(this.#position + count);
    this.#recurrence.willWrite(this.#position, count);
    for (const [index, { spec, address }] of plan.ropes.entries()) {
      const table = new Float32Array(memory.buffer, address, count * 2 * spec.dimensions);
      fillRopeTable(table, spec, parts.ropeFrequencies[index]!, this.#position, count);
    }
    parts.pool.use(this.#governor.threads);
    const started = performance.now();
    this.#run(parts, JOB_FORWARD, count, count - 1, wantsLast ? 1 : 0);
    const milliseconds = performance.now() - started;
    this.#chunkSize.record(count, milliseconds);
    if (count === 1) this.#governor.record(milliseconds, parts.pool.lateWaits);
  }

  /** Logits of the whole chunk, a tile at a time: all at once would need a buffer of chunk × vocabulary. */
  #copyLogits(parts: CpuBackendParts, count: number, to: Float32Array): void {
    const { plan, memory } = parts;
    const rows = plan.head.groups * 8;
    for (let token = 0; token < count; token += TILE_TOKENS) {
      const tile = Math.min(TILE_TOKENS, count - token);
      this.#run(parts, JOB_HEAD, count, token, tile);
      for (let i = 0; i < tile; i++) {
        const address = plan.buffers.logits + i * rows * 4;
        to.set(new Float32Array(memory.buffer, address, this.vocabularySize), (token + i) * this.vocabularySize);
      }
    }
  }

  /** Runs one job on all threads and turns its fault into an error. */
  #run(parts: CpuBackendParts, kind: number, count: number, headFirst: number, headCount: number): void {
    const words = new Int32Array(parts.memory.buffer);
    words[(PLAN + JOB_KIND) / 4] = kind;
    words[(PLAN + JOB_COUNT) / 4] = count;
    words[(PLAN + JOB_POSITION) / 4] = this.#position;
    words[(PLAN + JOB_HEAD_FIRST) / 4] = headFirst;
    words[(PLAN + JOB_HEAD_COUNT) / 4] = headCount;
    const fault = parts.exports.run();
    if (fault === 0) return;
    if (fault === FAULT_NOT_FINITE) {
      throw new SottoError('numeric-fault', 'The logits hold values that are not finite.', {
        details: { position: this.#position },
      });
    }
    throw this.#lose(parts, 'it stopped answering');
  }

  /** A pool that lost a thread cannot be trusted with its memory again: it is closed, and every later call says so. */
  #lose(parts: CpuBackendParts, reason: string): SottoError {
    this.#lost = new SottoError('worker-lost', `A compute thread was lost: ${reason}.`);
    parts.pool.dispose();
    return this.#lost;
  }
}

function isSameChoice(a: readonly AdapterChoice[], b: readonly AdapterChoice[]): boolean {
  return a.length === b.length && a.every(({ name, scale }, i) => name === b[i]!.name && scale === b[i]!.scale);
}
