import { SottoError, throwIfAborted } from '../../../../shared/index.ts';
import { checkTexts } from '../../check-texts.ts';
import type { EncodeOptions, EncoderBackend } from '../../encoder-backend.ts';
import { ChunkPace } from '../chunk-pace.ts';
import type { GpuDevice } from '../gpu-device.ts';
import { encodeSteps } from '../kernel-library.ts';
import { Readback } from '../readback.ts';
import type { EncoderBuffers } from './encoder-buffers.ts';
import type { GpuEncoderPlan } from './encoder-plan.ts';
import { MOST_VECTORS } from './encoder-scratch.ts';
import type { EncoderSteps } from './encoder-steps.ts';
import { packJob, type TextJob } from './text-jobs.ts';

export interface WebGpuEncoderParts {
  readonly gpu: GpuDevice;
  readonly plan: GpuEncoderPlan;
  readonly buffers: EncoderBuffers;
  readonly steps: EncoderSteps;
}

/** The encoder on the GPU: one job computes while the next one is packed and the vectors of the last one come back. */
export class WebGpuEncoder implements EncoderBackend {
  readonly kind = 'webgpu';
  readonly description: string;
  readonly threads = 1;
  readonly contextLength: number;
  readonly dimensions: number;
  readonly memoryBytes: number;

  readonly #parts: WebGpuEncoderParts;
  readonly #pace: ChunkPace;
  readonly #readbacks: readonly [Readback, Readback];
  #turn = 0;
  #lastEnd = 0;
  #isRunning = false;

  constructor(parts: WebGpuEncoderParts) {
    const { gpu, plan, buffers } = parts;
    this.#parts = parts;
    this.description = `WebGPU, ${gpu.name}`;
    this.contextLength = plan.contextLength;
    this.dimensions = plan.encoder.projections.at(-1)?.rows ?? plan.encoder.hiddenSize;
    this.#pace = new ChunkPace(plan.tokens);
    const widest = Math.max(...plan.scratch.pooled.map(({ stride }) => stride));
    const readbackBytes = MOST_VECTORS * widest * 4;
    const readback = () => new Readback(gpu, readbackBytes);
    this.memoryBytes = buffers.memoryBytes + 2 * readbackBytes;
    this.#readbacks = [readback(), readback()];
  }

  async encode(
    texts: readonly ArrayLike<number>[],
    { signal, onProgress, spans }: EncodeOptions = {},
  ): Promise<Float32Array> {
    const { gpu, plan } = this.#parts;
    gpu.check();
    if (this.#isRunning) throw new SottoError('internal', 'This encoder is at work already.');
    const { hiddenSize, vocabularySize, pooling } = plan.encoder;
    checkTexts(texts, { vocabularySize, contextLength: this.contextLength });
    const width = spans === undefined ? this.dimensions : hiddenSize;
    const count = spans === undefined ? texts.length : texts.reduce((sum, _, i) => sum + (spans[i]?.length ?? 0), 0);
    const vectors = new Float32Array(count * width);
    const inFlight: Promise<void>[] = [];
    this.#isRunning = true;
    try {
      let written = 0;
      for (let first = 0; first < texts.length; ) {
        throwIfAborted(signal);
        const packing = { pooling, spans, wanted: this.#pace.tokens, most: plan.tokens, mostVectors: MOST_VECTORS };
        const job = packJob(texts, first, packing);
        const own = vectors.subarray(written, written + (job.runs.length / 4) * width);
        const before = inFlight.at(-1);
        const done = this.#run(job, own, spans === undefined).then(async () => {
          // A real device hands a short job's vectors out before those of the long one submitted first: told in order.
          await before;
          onProgress?.(job.end, texts.length, own);
        });
        // Awaited below; until then a fault has nobody who listens.
        done.catch(() => {});
        inFlight.push(done);
        // Of a text with very many spans the tokens are needed until all are read.
        const mayWait = job.runs.length / 4 > MOST_VECTORS ? 0 : 1;
        while (inFlight.length > mayWait) await inFlight.shift();
        first = job.end;
        written += own.length;
      }
      await Promise.all(inFlight);
      return vectors;
    } finally {
      await Promise.allSettled(inFlight);
      this.#isRunning = false;
    }
  }

  /** Nothing to do: a GPU without work sleeps by itself. */
  park(): void {}

  dispose(): void {
    this.#parts.gpu.dispose();
  }

  /** Submits a job; resolves when its vectors lie in `to`. */
  async #run(job: TextJob, to: Float32Array, isProjected: boolean): Promise<void> {
    const submitted = performance.now();
    this.#submitLayers(job);
    const vectors = job.runs.length / 4;
    for (let first = 0; first < vectors; first += MOST_VECTORS) {
      await this.#pool(job.runs.subarray(first * 4, (first + MOST_VECTORS) * 4), first, to, isProjected);
    }
    if (vectors === 0) await this.#parts.gpu.idle();
    const now = performance.now();
    this.#pace.record(job.tokens, now - Math.max(submitted, this.#lastEnd));
    this.#lastEnd = now;
  }

  /** A job that is larger than the pace, because a text cannot be cut, is submitted in parts: layers instead of tokens. */
  #submitLayers({ tokens, texts }: TextJob): void {
    const { gpu, plan, buffers, steps } = this.#parts;
    const { queue } = gpu.device;
    queue.writeBuffer(buffers.scratch.buffer, 0, Uint32Array.of(0, tokens));
    queue.writeBuffer(buffers.scratch.buffer, plan.scratch.textsOffset, texts);
    const parts = Math.max(1, Math.floor(tokens / this.#pace.tokens));
    const share = Math.ceil(steps.layers.length / parts);
    for (let first = 0; first < steps.layers.length; first += share) {
      const encoder = gpu.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encodeSteps(pass, steps.layers.slice(first, first + share), tokens);
      pass.end();
      queue.submit([encoder.finish()]);
    }
  }

  async #pool(runs: Uint32Array<ArrayBuffer>, first: number, to: Float32Array, isProjected: boolean): Promise<void> {
    const { gpu, plan, buffers, steps } = this.#parts;
    const { device } = gpu;
    const { buffer } = buffers.scratch;
    const vectors = runs.length / 4;
    // Written after the layers have been submitted: they still see the number of tokens.
    device.queue.writeBuffer(buffer, 0, Uint32Array.of(0, vectors));
    device.queue.writeBuffer(buffer, plan.scratch.runsOffset, runs);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeSteps(pass, steps.pool, vectors);
    if (isProjected) encodeSteps(pass, steps.projections, vectors);
    pass.end();
    const { at, stride } = plan.scratch.pooled[isProjected ? plan.scratch.pooled.length - 1 : 0]!;
    const readback = this.#readbacks[this.#turn]!;
    this.#turn = 1 - this.#turn;
    encoder.copyBufferToBuffer(buffer, at * 16, readback.buffer, 0, vectors * stride * 4);
    device.queue.submit([encoder.finish()]);
    const rows = new Float32Array(vectors * stride);
    await gpu.hurry(readback.read(rows));
    const width = isProjected ? this.dimensions : plan.encoder.hiddenSize;
    for (let row = 0; row < vectors; row++) {
      const own = rows.subarray(row * stride, row * stride + width);
      if (!own.every(Number.isFinite)) {
        throw new SottoError('numeric-fault', 'The encoder computed values that are not finite.');
      }
      to.set(own, (first + row) * width);
    }
  }
}
