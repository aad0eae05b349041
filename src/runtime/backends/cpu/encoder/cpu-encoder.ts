import { letMessagesIn, SottoError, throwIfAborted } from '../../../../shared/index.ts';
import { checkTexts } from '../../check-texts.ts';
import type { EncodeOptions, EncoderBackend } from '../../encoder-backend.ts';
import type { EngineExports } from '../engine-module.ts';
import {
  FAULT_NOT_FINITE,
  JOB_COUNT,
  JOB_ENCODE,
  JOB_HEAD_COUNT,
  JOB_KIND,
  JOB_POSITION,
  PLAN,
} from '../plan-fields.ts';
import type { ThreadPool } from '../thread-pool.ts';
import type { EmbeddingRows } from './embedding-rows.ts';
import type { EncoderPlan } from './encoder-plan.ts';
import { poolSpans, poolTokens, project } from './pooling.ts';

export interface CpuEncoderParts {
  readonly description: string;
  readonly plan: EncoderPlan;
  readonly memory: WebAssembly.Memory;
  readonly exports: EngineExports;
  readonly pool: ThreadPool;
  readonly rows: EmbeddingRows;
  /** Weights of the projections behind the pooling, row by row. */
  readonly projections: readonly { readonly weights: Float32Array; readonly bias: Float32Array | undefined }[];
}

/** The encoder on the CPU: this thread drives and computes, the pool computes beside it. */
export class CpuEncoder implements EncoderBackend {
  readonly kind = 'cpu';
  readonly description: string;
  readonly threads: number;
  readonly contextLength: number;
  readonly dimensions: number;
  readonly memoryBytes: number;

  #parts: CpuEncoderParts | undefined;
  #isRunning = false;

  constructor(parts: CpuEncoderParts) {
    this.#parts = parts;
    this.description = parts.description;
    this.threads = parts.plan.threads;
    this.contextLength = parts.plan.contextLength;
    const { projections, hiddenSize } = parts.plan.spec;
    this.dimensions = projections.at(-1)?.rows ?? hiddenSize;
    this.memoryBytes = parts.memory.buffer.byteLength + parts.rows.byteLength;
  }

  async encode(
    texts: readonly ArrayLike<number>[],
    { signal, onProgress, spans }: EncodeOptions = {},
  ): Promise<Float32Array> {
    if (this.#isRunning) throw new SottoError('internal', 'This encoder is at work already.');
    const parts = this.#usable();
    const { hiddenSize, vocabularySize } = parts.plan.spec;
    checkTexts(texts, { vocabularySize, contextLength: this.contextLength });
    const sizes = texts.map((_, index) =>
      spans === undefined ? this.dimensions : (spans[index]?.length ?? 0) * hiddenSize,
    );
    const vectors = new Float32Array(sizes.reduce((sum, size) => sum + size, 0));
    let written = 0;
    this.#isRunning = true;
    try {
      for (let first = 0; first < texts.length; ) {
        await letMessagesIn();
        throwIfAborted(signal);
        this.#usable();
        let end = first;
        let tokens = 0;
        do tokens += texts[end++]?.length ?? 0;
        while (end < texts.length && tokens + (texts[end]?.length ?? 0) <= parts.plan.tokens);
        this.#run(parts, texts.slice(first, end), tokens, vectors.subarray(written), spans?.slice(first, end));
        const before = written;
        written += sizes.slice(first, end).reduce((sum, size) => sum + size, 0);
        first = end;
        onProgress?.(first, texts.length, vectors.subarray(before, written));
      }
      return vectors;
    } finally {
      this.#isRunning = false;
    }
  }

  park(): void {
    this.#parts?.pool.park();
  }

  dispose(): void {
    this.#parts?.pool.dispose();
    this.#parts = undefined;
  }

  #usable(): CpuEncoderParts {
    if (this.#parts === undefined) throw new SottoError('disposed', 'This encoder was disposed of.');
    const { failure } = this.#parts.pool;
    if (failure !== undefined) throw new SottoError('worker-lost', `A compute thread died: ${failure}.`);
    return this.#parts;
  }

  /** One job: texts side by side, without padding. */
  #run(
    parts: CpuEncoderParts,
    texts: readonly ArrayLike<number>[],
    tokens: number,
    to: Float32Array,
    spans: EncodeOptions['spans'],
  ): void {
    const { plan, memory, exports, rows } = parts;
    const { streamWidth } = plan;
    const { hiddenSize } = plan.spec;
    const stream = new Float32Array(memory.buffer, plan.stream, tokens * streamWidth);
    const positions = new Int32Array(memory.buffer, plan.positions, tokens);
    const sequences = new Int32Array(memory.buffer, plan.sequences, texts.length * 2);
    let token = 0;
    for (const [index, ids] of texts.entries()) {
      sequences.set([token, ids.length], index * 2);
      for (let i = 0; i < ids.length; i++, token++) {
        positions[token] = i;
        const row = stream.subarray(token * streamWidth, (token + 1) * streamWidth);
        rows.write(ids[i] ?? 0, i, row.subarray(0, hiddenSize));
        row.fill(0, hiddenSize);
      }
    }
    const words = new Int32Array(memory.buffer);
    words[(PLAN + JOB_KIND) / 4] = JOB_ENCODE;
    words[(PLAN + JOB_COUNT) / 4] = tokens;
    words[(PLAN + JOB_POSITION) / 4] = texts.length;
    words[(PLAN + JOB_HEAD_COUNT) / 4] = 0;
    const fault = exports.run();
    if (fault !== 0 && fault !== FAULT_NOT_FINITE) {
      throw new SottoError('worker-lost', 'A compute thread stopped answering.', { details: { fault } });
    }
    let at = 0;
    for (const [index, ids] of texts.entries()) {
      const first = (sequences[index * 2] ?? 0) * streamWidth;
      const own = withoutPadding(stream.subarray(first, first + ids.length * streamWidth), streamWidth, hiddenSize);
      const pooled =
        spans === undefined
          ? project(poolTokens(own, hiddenSize, plan.spec.pooling), parts.projections)
          : poolSpans(own, hiddenSize, spans[index] ?? []);
      if (!pooled.every(Number.isFinite)) {
        throw new SottoError('numeric-fault', 'The encoder computed values that are not finite.');
      }
      to.set(pooled, at);
      at += pooled.length;
    }
  }
}

/** Rows one after the other. */
function withoutPadding(rows: Float32Array, width: number, size: number): Float32Array {
  if (width === size) return rows;
  const dense = new Float32Array((rows.length / width) * size);
  for (let row = 0; row * width < rows.length; row++) {
    dense.set(rows.subarray(row * width, row * width + size), row * size);
  }
  return dense;
}
