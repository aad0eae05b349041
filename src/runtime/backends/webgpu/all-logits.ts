import { BUFFER_USAGE } from './buffer-usage.ts';
import type { GpuBuffers } from './gpu-buffers.ts';
import type { GpuDevice } from './gpu-device.ts';
import type { GpuPlan } from './gpu-plan.ts';
import { encodeSteps, type KernelLibrary, type KernelStep } from './kernel-library.ts';
import { createHeadPrefillSteps } from './prefill-steps.ts';
import { Readback } from './readback.ts';

/** Tokens whose logits are worked out at a time; a tile of the kernel. */
const TILE_TOKENS = 64;

/** Logits of every token of a chunk, for whoever measures a model or verifies drafts. */
export class AllLogits {
  readonly #gpu: GpuDevice;
  readonly #vocabularySize: number;
  readonly #tile: GPUBuffer;
  readonly #logits: GPUBuffer;
  readonly #readback: Readback;
  readonly #steps: readonly KernelStep[];

  private constructor(
    gpu: GpuDevice,
    vocabularySize: number,
    tile: GPUBuffer,
    logits: GPUBuffer,
    readback: Readback,
    steps: readonly KernelStep[],
  ) {
    this.#gpu = gpu;
    this.#vocabularySize = vocabularySize;
    this.#tile = tile;
    this.#logits = logits;
    this.#readback = readback;
    this.#steps = steps;
  }

  /** Compiles the kernel and makes the buffers; rejects with the codes of `GpuDevice.guard`. */
  static create(gpu: GpuDevice, library: KernelLibrary, plan: GpuPlan, buffers: GpuBuffers): Promise<AllLogits> {
    return gpu.guard('Making room for logits', async () => {
      const { copySource, copyTarget, storage, uniform } = BUFFER_USAGE;
      const bytes = TILE_TOKENS * plan.shape.vocabularySize * 4;
      const tile = gpu.device.createBuffer({ label: 'tile', size: 16, usage: uniform | copyTarget });
      const logits = gpu.device.createBuffer({ label: 'tile logits', size: bytes, usage: storage | copySource });
      const steps = await createHeadPrefillSteps(library, plan, buffers, tile, logits);
      const readback = new Readback(gpu, bytes);
      return new AllLogits(gpu, plan.shape.vocabularySize, tile, logits, readback, steps);
    });
  }

  /** Gives its buffers back. */
  dispose(): void {
    for (const buffer of [this.#tile, this.#logits, this.#readback.buffer]) buffer.destroy();
  }

  /** Logits of the first `count` tokens of the chunk into `to`, `[token][vocabulary]`. */
  async read(count: number, to: Float32Array): Promise<void> {
    const { device } = this.#gpu;
    for (let first = 0; first < count; first += TILE_TOKENS) {
      const tokens = Math.min(TILE_TOKENS, count - first);
      device.queue.writeBuffer(this.#tile, 0, Uint32Array.of(first, tokens));
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encodeSteps(pass, this.#steps, tokens);
      pass.end();
      const values = tokens * this.#vocabularySize;
      encoder.copyBufferToBuffer(this.#logits, 0, this.#readback.buffer, 0, values * 4);
      device.queue.submit([encoder.finish()]);
      const start = first * this.#vocabularySize;
      await this.#gpu.hurry(this.#readback.read(to.subarray(start, start + values)));
    }
  }
}
