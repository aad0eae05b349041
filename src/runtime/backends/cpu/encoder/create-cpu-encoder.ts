import { ggmlTypeByName } from '../../../../formats/gguf/index.ts';
import type { GgufFile } from '../../../../formats/gguf/types.ts';
import { type ByteSource, SottoError, throwIfAborted } from '../../../../shared/index.ts';
import type { EncoderSpec, RopeSpec } from '../../../architectures/index.ts';
import { dequantise, isReadable, quantiseQ8_0, readableTypes } from '../../blocks/index.ts';
import { checkCount } from '../../check-count.ts';
import { type EncoderBackend, LONGEST_TEXT } from '../../encoder-backend.ts';
import { padEncoder } from '../../pad-encoder.ts';
import { readFloats } from '../../read-table.ts';
import { readVector } from '../../read-vector.ts';
import * as fields from '../encoder-fields.ts';
import { compileEngine, describeBuild, type EngineExports, instantiateEngine } from '../engine-module.ts';
import { ENCODER, PLAN, THREADS } from '../plan-fields.ts';
import { fillRopeTable, ropeFrequencies } from '../rope-table.ts';
import { allocate, buildFor, canShareMemory, type EngineOptions, noThread } from '../start-engine.ts';
import { ThreadPool } from '../thread-pool.ts';
import { CpuEncoder } from './cpu-encoder.ts';
import { EmbeddingRows } from './embedding-rows.ts';
import { ENCODER_STEPS, type EncoderPlan, planEncoder, type WeightPlace, writeEncoderPlan } from './encoder-plan.ts';

export interface CpuEncoderOptions extends EngineOptions {
  readonly spec: EncoderSpec;
  readonly gguf: GgufFile;
  /** The bytes of the same file. */
  readonly source: ByteSource;
  /** Most tokens of one text; absent: the model's own limit, up to `LONGEST_TEXT`. */
  readonly contextLength?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
}

/** Tokens of one job: what the second-level cache holds of them is read again for every group of rows. */
const JOB_TOKENS = 512;

/**
 * Loads an encoder into WASM memory and starts the compute threads. Weights of every block type are held as 8-bit integers.
 *
 * Throws `model-unsupported` (block type or width), `invalid-option`, `wasm-simd-missing`, `wasm-out-of-memory`,
 * `worker-load-failed`, whatever the source throws, or an AbortError. Nothing stays behind then.
 */
export async function createCpuEncoder(options: CpuEncoderOptions): Promise<EncoderBackend> {
  const { signal } = options;
  throwIfAborted(signal);
  checkCount('threads', options.threads, 256);
  const contextLength = options.contextLength ?? Math.min(options.spec.contextLength, LONGEST_TEXT);
  checkCount('contextLength', contextLength, options.spec.contextLength);
  const createThread = canShareMemory() ? options.createThread : undefined;
  const threads = createThread === undefined ? 1 : options.threads;
  const build = buildFor(options.build, threads > 1);
  const file = await padEncoder(options, ENCODER_STEPS, signal);
  const { spec, gguf, source } = file;
  const plan = planEncoder(spec, { threads, contextLength, jobTokens: JOB_TOKENS });
  for (const { weight } of plan.weights) checkType(weight.type);
  const memory = allocate(plan.totalBytes, threads > 1);
  const module = await (options.compile ?? compileEngine)(build);
  const exports = await instantiateEngine(module, memory);
  writeHeader(plan, memory.buffer);
  writeEncoderPlan(plan, memory.buffer);
  writeRotations(plan, memory.buffer);
  const pool = new ThreadPool(threads - 1, createThread ?? noThread, module, memory);
  try {
    const rows = await loadWeights({ ...options, ...file }, plan, memory, exports);
    const projections = await Promise.all(
      spec.projections.map(async (weight) => ({
        weights: await readFloats(weight, weight.rows, { gguf, source, signal }),
        bias: weight.bias && (await readVector(weight.bias, { gguf, source, signal })),
      })),
    );
    await pool.ready(signal);
    return new CpuEncoder({ description: describeBuild(build), plan, memory, exports, pool, rows, projections });
  } catch (error) {
    pool.dispose();
    throw error;
  }
}

function checkType(type: EncoderSpec['embedding']['type']): void {
  if (isReadable(type)) return;
  const message = `Blocks of ${type} cannot be read here; these can: ${readableTypes()}.`;
  throw new SottoError('model-unsupported', message, { details: { type } });
}

function writeHeader(plan: EncoderPlan, buffer: ArrayBufferLike): void {
  const view = new DataView(buffer);
  const write = (offset: number, value: number) => view.setUint32(PLAN + offset, value, true);
  write(THREADS, plan.threads);
  write(ENCODER + fields.ENCODER_PROGRAM, plan.program);
  write(ENCODER + fields.ENCODER_RECORDS, plan.records);
  write(ENCODER + fields.ENCODER_SEQUENCES, plan.sequences);
  write(ENCODER + fields.ENCODER_POSITIONS, plan.positions);
  write(ENCODER + fields.ENCODER_SCRATCH, plan.scratch.address);
  write(ENCODER + fields.ENCODER_SCRATCH_STRIDE, plan.scratch.stride);
}

function writeRotations({ spec, contextLength, rotations }: EncoderPlan, buffer: ArrayBufferLike): void {
  const headSize = spec.trueHeadSize ?? spec.headSize;
  for (const { base, address } of rotations) {
    const rope: RopeSpec = {
      kind: 'halves',
      dimensions: headSize,
      base,
      positionScale: 1,
      magnitude: 1,
      factors: undefined,
      longFactors: undefined,
      yarn: undefined,
    };
    const table = new Float32Array(buffer, address, contextLength * 2 * headSize);
    const positions = Array.from({ length: contextLength }, (_, position) => ({ position }));
    fillRopeTable(table, rope, ropeFrequencies(rope, undefined), positions);
  }
}

async function loadWeights(
  options: CpuEncoderOptions,
  plan: EncoderPlan,
  memory: WebAssembly.Memory,
  exports: EngineExports,
): Promise<EmbeddingRows> {
  const { spec, gguf, source, signal, onProgress } = options;
  const tensors = [...gguf.tensors.values()];
  const total = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const rows = await EmbeddingRows.read(spec, { gguf, source, signal });
  let loaded = rows.byteLength;
  for (const { vector, address } of plan.vectors) {
    const values = await readVector(vector, { gguf, source, signal });
    new Float32Array(memory.buffer, address, values.length).set(values);
  }
  for (const place of plan.weights) {
    for (const bytes of weightPieces(place, plan)) {
      throwIfAborted(signal);
      loaded += await bytes.load(options, memory, exports);
      onProgress?.(Math.min(loaded, total), total);
    }
  }
  return rows;
}

interface Piece {
  /** Brings the piece in; resolves with the bytes read. */
  load(options: CpuEncoderOptions, memory: WebAssembly.Memory, exports: EngineExports): Promise<number>;
}

function* weightPieces({ weight, address }: WeightPlace, { staging, stagingBytes }: EncoderPlan): Generator<Piece> {
  const { blockLength, blockBytes } = ggmlTypeByName(weight.type);
  const blocks = weight.columns / 32;
  const fileRowBytes = (weight.columns / blockLength) * blockBytes;
  const heldRowBytes = blocks * 34;
  const rowsAtOnce = Math.floor(stagingBytes / heldRowBytes / 8) * 8;
  for (let row = 0; row < weight.rows; row += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, weight.rows - row);
    yield {
      load: async ({ gguf, source, signal }, memory, exports) => {
        const offset = gguf.tensors.get(weight.name)?.offset ?? 0;
        const bytes = await source.read(offset + (weight.firstRow + row) * fileRowBytes, rows * fileRowBytes, signal);
        const held = new Uint8Array(memory.buffer, staging, rows * heldRowBytes);
        if (weight.type === 'Q8_0') held.set(bytes);
        else quantiseQ8_0(dequantise(weight.type, bytes), held);
        exports.repackEncoder(staging, rows, blocks, address + (row / 8) * blocks * fields.WEIGHT_BYTES);
        return bytes.byteLength;
      },
    };
  }
}
