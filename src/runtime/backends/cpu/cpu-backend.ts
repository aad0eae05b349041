import { letMessagesIn, SottoError, throwIfAborted } from '../../../shared/index.ts';
import { checkTokens } from '../check-tokens.ts';
import type {
  AdapterChoice,
  Adapters,
  CachePages,
  DecoderBackend,
  ExactLogits,
  ForwardOptions,
  Lane,
  LaneStep,
  Lanes,
  LogitRows,
  RequantisedWeights,
} from '../decoder-backend.ts';
import { rowsOfAll } from '../rows-of-all.ts';
import { AdapterRack } from './adapter-rack.ts';
import { ChunkSize } from './chunk-size.ts';
import { ConvolutionState } from './convolution-state.ts';
import { CpuLane, mostLanes } from './cpu-lanes.ts';
import type { EngineExports } from './engine-module.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { OutlinedHead } from './outlined-head.ts';
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
  ROW_BYTES,
  ROW_CACHE,
  ROW_POSITION,
  TILE_TOKENS,
} from './plan-fields.ts';
import { RecurrentState } from './recurrent-state.ts';
import { fillRopeTable } from './rope-table.ts';
import { ThreadBalance } from './thread-balance.ts';
import { ThreadGovernor } from './thread-governor.ts';
import type { ThreadPool } from './thread-pool.ts';
import type { TokenRows } from './token-rows.ts';

const PAGE_BYTES = 65_536;
/** Tokens whose logits have a place that is used again: as many as a pass with guesses has. */
const KEPT_ROWS = 8;

/** What create-cpu-backend.ts has built by the time the backend exists. */
export interface CpuBackendParts {
  readonly description: string;
  readonly contextLength: number;
  readonly requantised: readonly RequantisedWeights[];
  readonly plan: MemoryPlan;
  readonly memory: WebAssembly.Memory;
  readonly exports: EngineExports;
  readonly pool: ThreadPool;
  /** Of the threads, relative to one another. */
  readonly speeds: number[];
  /** Frequencies of each rotation of the plan, in its order. */
  readonly ropeFrequencies: readonly Float64Array[];
  /** What all layers get of each token, where they do. */
  readonly tokenRows: TokenRows | undefined;
}

/** A token of a pass. */
interface Row {
  readonly lane: CpuLane;
  readonly token: number;
  readonly position: number;
}

/** The tokens of a pass whose logits are wanted: at most a tile. */
interface Head {
  readonly headFirst: number;
  readonly headCount: number;
  /** Which logits have to be exact; absent: all. */
  readonly exact?: ExactLogits | undefined;
}

/** The decoder on the CPU: this thread drives and computes, the pool computes beside it. */
export class CpuBackend implements DecoderBackend {
  readonly kind = 'cpu';
  readonly description: string;
  readonly threads: number;
  readonly vocabularySize: number;
  readonly adapters: Adapters;
  readonly lanes: Lanes | undefined;
  readonly contextLength: number;
  readonly requantised: readonly RequantisedWeights[];
  readonly rewindsFreely: boolean;

  #parts: CpuBackendParts | undefined;
  readonly #chunkSize = new ChunkSize();
  readonly #governor: ThreadGovernor;
  readonly #balance: ThreadBalance;
  readonly #outline: OutlinedHead | undefined;
  readonly #convolutions: ConvolutionState;
  readonly #recurrence: RecurrentState;
  readonly #rack: AdapterRack;
  #chosen: readonly AdapterChoice[] = [];
  /** The first is the engine's own text. */
  readonly #lanes: CpuLane[] = [];
  #isRunning = false;
  /** Counts passes: what one left behind, the next overwrites. */
  #passes = 0;
  #rows = new Float32Array(0);
  #lost: SottoError | undefined;

  constructor(parts: CpuBackendParts) {
    this.#parts = parts;
    this.#convolutions = new ConvolutionState(parts.plan, parts.memory);
    this.#recurrence = new RecurrentState(parts.plan, parts.memory);
    this.rewindsFreely = parts.plan.layers.every(({ recurrence }) => recurrence === undefined);
    this.description = parts.description;
    this.threads = parts.plan.threads;
    this.#governor = new ThreadGovernor(parts.plan.threads);
    const { plan, memory } = parts;
    this.#balance = new ThreadBalance(plan.balance, () => new Int32Array(memory.buffer), parts.speeds);
    this.#outline = plan.outline && new OutlinedHead(plan, plan.outline, memory);
    this.vocabularySize = parts.plan.spec.vocabularySize;
    this.contextLength = parts.contextLength;
    this.requantised = parts.requantised;
    this.#rack = new AdapterRack(parts.plan, parts.memory);
    this.adapters = this.#adaptersOf(this.#rack);
    this.#addLane(parts.plan.cache.address);
    const most = mostLanes(parts.plan);
    if (most > 1) this.lanes = { most, open: () => this.#openLane(most), step: (steps) => this.#stepAll(steps) };
  }

  get memoryBytes(): number {
    return this.#parts?.memory.buffer.byteLength ?? 0;
  }

  get position(): number {
    return this.#first.position;
  }

  forward(tokens: ArrayLike<number>, options: ForwardOptions = {}): Promise<Float32Array> {
    return this.#first.forward(tokens, options);
  }

  forwardRows(tokens: ArrayLike<number>, signal?: AbortSignal): Promise<LogitRows> {
    return this.#first.forwardRows(tokens, signal);
  }

  truncate(position: number): void {
    this.#first.truncate(position);
  }

  get pages(): CachePages | undefined {
    this.#usable();
    return this.#first.pages;
  }

  get #first(): CpuLane {
    return this.#lanes[0]!;
  }

  #addLane(cache: number): CpuLane {
    const { plan, contextLength } = this.#parts!;
    const canCopy = () => this.#chosen.length === 0;
    const lane = new CpuLane(
      {
        plan,
        contextLength,
        get canCopy() {
          return canCopy();
        },
        forward: (to, tokens, options) =>
          this.#alone((parts) => {
            checkTokens(tokens, { ...this.#limits, position: to.position });
            return this.#forward(parts, to, tokens, options);
          }),
        forwardRows: (to, tokens, signal) =>
          this.#alone((parts) => {
            checkTokens(tokens, { ...this.#limits, position: to.position });
            return this.#forwardRows(parts, to, tokens, signal);
          }),
        cut: (of, position) => this.#cut(of, position),
        alone: (work) => this.#alone(async ({ memory }) => work(memory.buffer)),
      },
      cache,
    );
    this.#lanes.push(lane);
    return lane;
  }

  #openLane(most: number): Lane | undefined {
    const { plan, memory } = this.#usable();
    if (this.#isRunning) throw new SottoError('internal', 'A text cannot be added while the engine runs.');
    if (this.#lanes.length === most) return undefined;
    try {
      return this.#addLane(memory.grow(Math.ceil(plan.cache.bytes / PAGE_BYTES)) * PAGE_BYTES);
    } catch {
      return undefined;
    }
  }

  async #stepAll(steps: readonly LaneStep[]): Promise<readonly Float32Array[]> {
    return this.#alone(async (parts) => {
      const rows = steps.map(({ lane, token }) => {
        const own = lane === this ? this.#first : this.#lanes.find((other) => other === lane);
        if (own === undefined) throw new SottoError('internal', 'A text of another engine.');
        checkTokens([token], { ...this.#limits, position: own.position });
        return { lane: own, token, position: own.position };
      });
      if (rows.length > TILE_TOKENS || new Set(rows.map(({ lane }) => lane)).size < rows.length) {
        throw new SottoError('internal', `Cannot step ${rows.length} texts at once.`);
      }
      const inputs = await layerInputsOf(parts, rows);
      await letMessagesIn();
      this.#usable();
      this.#runRows(parts, rows, inputs, { headFirst: 0, headCount: rows.length });
      for (const { lane } of rows) lane.position += 1;
      return rows.map((_, row) => this.#logitsOf(parts, row));
    });
  }

  #adaptersOf(rack: AdapterRack): Adapters {
    return {
      get loaded() {
        return rack.names;
      },
      load: (name, gguf, source, signal) => this.#alone(() => rack.load(name, gguf, source, signal)),
      use: (chosen) => {
        this.#usable();
        if (isSameChoice(chosen, this.#chosen)) return;
        if (this.#isRunning) throw new SottoError('internal', 'Adapters cannot change while the engine runs.');
        rack.use(chosen);
        for (const lane of this.#lanes) lane.truncate(0);
        this.#chosen = [...chosen];
      },
    };
  }

  /** No model has both kinds of memory, so each may say where the text ends. Those have one text only. */
  #cut(lane: CpuLane, position: number): number {
    this.#usable();
    if (!Number.isInteger(position) || position < 0 || position > lane.position) {
      throw new SottoError('internal', `Cannot truncate ${lane.position} tokens to ${position}.`);
    }
    return this.#recurrence.cut(this.#convolutions.cut(position), lane.position);
  }

  useThreads(count: number): void {
    this.#governor.use(count);
  }

  park(): void {
    this.#parts?.pool.park();
  }

  dispose(): void {
    this.#parts?.pool.dispose();
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
    lane: CpuLane,
    tokens: ArrayLike<number>,
    { logits = 'last', exact, signal }: ForwardOptions,
  ): Promise<Float32Array> {
    const all = logits === 'all' ? this.#rowsOf(tokens.length) : undefined;
    for (let done = 0; done < tokens.length; ) {
      throwIfAborted(signal);
      const count = Math.min(this.#chunkSize.tokens, tokens.length - done);
      const wantsLast = logits === 'last' && done + count === tokens.length;
      const rows = Array.from({ length: count }, (_, row) => ({
        lane,
        token: tokens[done + row]!,
        position: lane.position + row,
      }));
      const inputs = await layerInputsOf(parts, rows, signal);
      await letMessagesIn();
      throwIfAborted(signal);
      this.#usable();
      this.#convolutions.willWrite(lane.position + count);
      this.#recurrence.willWrite(lane.position, count);
      this.#runRows(parts, rows, inputs, { headFirst: count - 1, headCount: wantsLast ? 1 : 0, exact });
      if (all !== undefined) this.#copyLogits(parts, count, all.subarray(done * this.vocabularySize));
      lane.position += count;
      done += count;
    }
    if (all !== undefined) return all;
    if (logits === 'none') return new Float32Array(0);
    if (exact !== undefined) this.#outline?.list(0, exact);
    return this.#logitsOf(parts, 0);
  }

  /** The layers of a pass; its head a tile at a time, when the first row of it is asked for. */
  async #forwardRows(
    parts: CpuBackendParts,
    lane: CpuLane,
    tokens: ArrayLike<number>,
    signal: AbortSignal | undefined,
  ): Promise<LogitRows> {
    const count = tokens.length;
    // Of a longer pass only the last chunk lies there.
    if (count > this.#chunkSize.tokens) {
      return rowsOfAll(await this.#forward(parts, lane, tokens, { logits: 'all', signal }), count);
    }
    await this.#forward(parts, lane, tokens, { logits: 'none', signal });
    const pass = this.#passes;
    let present = -1;
    return {
      at: (row, exact) => {
        if (this.#passes !== pass) return undefined;
        const first = row - (row % TILE_TOKENS);
        if (first !== present) {
          this.#usable();
          const headCount = Math.min(TILE_TOKENS, count - first);
          // Penalties will look at each of the tokens by the time that it is right.
          const named = exact && { ...exact, besides: [...(exact.besides ?? []), ...Array.from(tokens)] };
          this.#run(parts, JOB_HEAD, count, 0, { headFirst: first, headCount, exact: named });
          present = first;
        }
        if (exact !== undefined) this.#outline?.list(row - first, exact);
        return this.#logitsOf(parts, row - first);
      },
    };
  }

  /** Where the logits of several tokens go. Those of a pass with guesses are megabytes, and would be garbage at each pass. */
  #rowsOf(tokens: number): Float32Array {
    const length = tokens * this.vocabularySize;
    if (tokens > KEPT_ROWS) return new Float32Array(length);
    if (this.#rows.length < length) this.#rows = new Float32Array(length);
    return this.#rows.subarray(0, length);
  }

  get #limits() {
    return { vocabularySize: this.vocabularySize, contextLength: this.contextLength };
  }

  /** One pass over tokens of one text or of several. */
  #runRows(parts: CpuBackendParts, rows: readonly Row[], inputs: Float32Array | undefined, head: Head): void {
    const { plan, memory } = parts;
    const { buffers } = plan;
    const count = rows.length;
    const ids = new Int32Array(memory.buffer, buffers.tokens, count);
    const places = new Uint32Array(memory.buffer, buffers.rows, (count * ROW_BYTES) / 4);
    for (const [row, { lane, token, position }] of rows.entries()) {
      ids[row] = token;
      places[(row * ROW_BYTES + ROW_POSITION) / 4] = position;
      places[(row * ROW_BYTES + ROW_CACHE) / 4] = lane.cache;
    }
    for (const [index, { spec, address }] of plan.ropes.entries()) {
      const table = new Float32Array(memory.buffer, address, count * 2 * spec.dimensions);
      fillRopeTable(table, spec, parts.ropeFrequencies[index]!, rows);
    }
    if (inputs !== undefined) new Float32Array(memory.buffer, buffers.layerInputs, inputs.length).set(inputs);
    this.#passes += 1;
    const threads = this.#governor.threadsFor(count);
    parts.pool.use(threads);
    this.#balance.use(threads);
    const [started, lateBefore] = [performance.now(), parts.pool.lateWaits];
    this.#run(parts, JOB_FORWARD, count, rows[0]!.position, head);
    const milliseconds = performance.now() - started;
    this.#chunkSize.record(count, milliseconds);
    if (count !== 1) return;
    this.#governor.record(milliseconds, parts.pool.lateWaits - lateBefore);
    this.#balance.record(milliseconds);
  }

  #logitsOf({ plan, memory }: CpuBackendParts, row: number): Float32Array {
    const address = plan.buffers.logits + row * plan.head.groups * 32;
    return new Float32Array(memory.buffer, address, this.vocabularySize);
  }

  /** Logits of the whole chunk, a tile at a time: all at once would need a buffer of chunk × vocabulary. */
  #copyLogits(parts: CpuBackendParts, count: number, to: Float32Array): void {
    for (let token = 0; token < count; token += TILE_TOKENS) {
      const tile = Math.min(TILE_TOKENS, count - token);
      this.#run(parts, JOB_HEAD, count, 0, { headFirst: token, headCount: tile });
      for (let i = 0; i < tile; i++) to.set(this.#logitsOf(parts, i), (token + i) * this.vocabularySize);
    }
  }

  /** Runs one job on all threads and turns its fault into an error. */
  #run(parts: CpuBackendParts, kind: number, count: number, position: number, head: Head): void {
    const words = new Int32Array(parts.memory.buffer);
    words[(PLAN + JOB_KIND) / 4] = kind;
    words[(PLAN + JOB_COUNT) / 4] = count;
    words[(PLAN + JOB_POSITION) / 4] = position;
    words[(PLAN + JOB_HEAD_FIRST) / 4] = head.headFirst;
    words[(PLAN + JOB_HEAD_COUNT) / 4] = head.headCount;
    // An adapter may change the head, and would have to change its outline.
    const fault = this.#outline?.run(() => parts.exports.run(), head, this.#chosen.length === 0) ?? parts.exports.run();
    if (fault === 0) return;
    if (fault === FAULT_NOT_FINITE) {
      throw new SottoError('numeric-fault', 'The logits hold values that are not finite.', {
        details: { position },
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

/** The table rows of a pass's tokens. */
async function layerInputsOf({ tokenRows }: CpuBackendParts, rows: readonly Row[], signal?: AbortSignal) {
  return tokenRows?.read(
    rows.map(({ token }) => token),
    signal,
  );
}

function isSameChoice(a: readonly AdapterChoice[], b: readonly AdapterChoice[]): boolean {
  return a.length === b.length && a.every(({ name, scale }, i) => name === b[i]!.name && scale === b[i]!.scale);
}
