import type { GgufFile } from '../../../formats/gguf/types.ts';
import { type ByteSource, throwIfAborted } from '../../../shared/index.ts';
import { type DecoderSpec, type RopeSpec, ropeFactorsOf } from '../../architectures/index.ts';
import { checkCount } from '../check-count.ts';
import type { DecoderBackend, RequantisedWeights } from '../decoder-backend.ts';
import { readVector } from '../read-vector.ts';
import { type CacheKind, cacheKindFor } from './cache-kind.ts';
import { checkSpec } from './check-spec.ts';
import { MOST_CHUNK_TOKENS } from './chunk-size.ts';
import { CpuBackend } from './cpu-backend.ts';
import { mostLanes } from './cpu-lanes.ts';
import { compileEngine, describeBuild, type EngineBuild, instantiateEngine } from './engine-module.ts';
import { loadWeights } from './load-weights.ts';
import { planMemory } from './memory-plan.ts';
import { ropeFrequencies } from './rope-table.ts';
import { allocate, buildFor, canShareMemory, type EngineOptions, noThread } from './start-engine.ts';
import { ThreadPool } from './thread-pool.ts';
import { TokenRows } from './token-rows.ts';
import { writePlan } from './write-plan.ts';

export interface CpuBackendOptions extends EngineOptions {
  readonly spec: DecoderSpec;
  readonly gguf: GgufFile;
  /** The bytes of the same file. */
  readonly source: ByteSource;
  /** Positions to reserve KV cache for, at most the model's own context length. */
  readonly contextLength: number;
  /** How keys and values are held; absent: as suits the model, mostly int8. */
  readonly cacheKind?: CacheKind | undefined;
  /** How fast threads are, relative to one another; kept up to date while the engine runs. Absent: alike, until it has run. */
  readonly speeds?: number[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
}

/**
 * Loads a model into WASM memory and starts the compute threads.
 *
 * Throws `model-unsupported` (block type or width), `invalid-option` (context length or threads), `wasm-simd-missing`,
 * `wasm-out-of-memory`, `worker-load-failed`, whatever the source throws, or an AbortError. Nothing stays behind then.
 */
export async function createCpuBackend(options: CpuBackendOptions): Promise<DecoderBackend> {
  const { spec, gguf, source, contextLength, signal, onProgress } = options;
  throwIfAborted(signal);
  checkSpec(spec);
  checkCount('contextLength', contextLength, spec.contextLength);
  checkCount('threads', options.threads, 256);
  const createThread = canShareMemory() ? options.createThread : undefined;
  const threads = createThread === undefined ? 1 : options.threads;
  const isShared = threads > 1;
  const build = buildFor(options.build, isShared);
  const cacheKind = options.cacheKind ?? cacheKindFor(spec);
  const plan = planMemory(spec, { contextLength, threads, chunk: MOST_CHUNK_TOKENS, cacheKind });
  const memory = allocate(plan.totalBytes, isShared, (mostLanes(plan) - 1) * plan.cache.bytes);
  const module = await (options.compile ?? compileEngine)(build);
  const exports = await instantiateEngine(module, memory);
  writePlan(plan, memory.buffer);
  const pool = new ThreadPool(threads - 1, createThread ?? noThread, module, memory);
  try {
    const requantised = await loadWeights({ plan, gguf, source, memory, exports, signal, onProgress });
    const frequencies = await Promise.all(plan.ropes.map((rope) => frequenciesOf(rope.spec, options)));
    await pool.ready(signal);
    return new CpuBackend({
      description: descriptionOf(build, requantised),
      contextLength,
      requantised,
      plan,
      memory,
      exports,
      pool,
      speeds: options.speeds ?? new Array<number>(threads).fill(1),
      ropeFrequencies: frequencies,
      tokenRows: spec.layerInputs && new TokenRows(spec.layerInputs.table, gguf, source),
    });
  } catch (error) {
    pool.dispose();
    throw error;
  }
}

/** "WebAssembly, relaxed SIMD; Q3_K held as Q8_0" */
function descriptionOf(build: EngineBuild, requantised: readonly RequantisedWeights[]): string {
  return [describeBuild(build), ...requantised.map(({ from, to }) => `${from} held as ${to}`)].join('; ');
}

async function frequenciesOf(rope: RopeSpec, options: CpuBackendOptions): Promise<Float64Array> {
  const vector = ropeFactorsOf(rope, options.contextLength);
  return ropeFrequencies(rope, vector && (await readVector(vector, options)));
}
