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
  readonly #state: GPUBuffer;
  readonly #logits: GPUBuffer;
  readonly #readback: Readback;
  /** One list of steps a tile of the chunk. */
  readonly #tiles: readonly (readonly KernelStep[])[];

  private constructor(
    gpu: GpuDevice,
    vocabularySize: number,
    state: GPUBuffer,
    logits: GPUBuffer,
    readback: Readback,
    tiles: readonly (readonly KernelStep[])[],
  ) {
    this.#gpu = gpu;
    this.#vocabularySize = vocabularySize;
    this.#state = state;
    this.#logits = logits;
    this.#readback = readback;
    this.#tiles = tiles;
  }

  /** Compiles the kernel and makes the buffers; rejects with the codes of `GpuDevice.guard`. */
  static create(gpu: GpuDevice, library: KernelLibrary, plan: GpuPlan, buffers: GpuBuffers): Promise<AllLogits> {
    return gpu.guard('Making room for logits', async () => {
      const { copySource, copyTarget, storage, uniform } = BUFFER_USAGE;
      const bytes = TILE_TOKENS * plan.shape.vocabularySize * 4;
      const state = gpu.device.createBuffer({ label: 'tile state', size: 16, usage: uniform | copyTarget });
      const logits = gpu.device.createBuffer({ label: 'tile logits', size: bytes, usage: storage | copySource });
      const tileBytes = TILE_TOKENS * plan.shape.hiddenStride * 4;
      const tiles = Array.from({ length: plan.chunk / TILE_TOKENS }, (_, tile) => {
        const hidden = { buffer: buffers.chunk.hidden, offset: tile * tileBytes, size: tileBytes };
        return createHeadPrefillSteps(library, plan, buffers, state, hidden, logits);
      });
      const readback = new Readback(gpu, bytes);
      return new AllLogits(gpu, plan.shape.vocabularySize, state, logits, readback, await Promise.all(tiles));
    });
  }

  /** Logits of the first `count` tokens of the chunk into `to`, `[token][vocabulary]`. */
  async read(count: number, to: Float32Array): Promise<void> {
    const { device } = this.#gpu;
    for (const [tile, steps] of this.#tiles.entries()) {
      const first = tile * TILE_TOKENS;
      if (first >= count) return;
      const tokens = Math.min(TILE_TOKENS, count - first);
      device.queue.writeBuffer(this.#state, 0, Uint32Array.of(0, tokens));
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encodeSteps(pass, steps, tokens);
      pass.end();
      const values = tokens * this.#vocabularySize;
      encoder.copyBufferToBuffer(this.#logits, 0, this.#readback.buffer, 0, values * 4);
      device.queue.submit([encoder.finish()]);
      const start = first * this.#vocabularySize;
      await this.#readback.read(to.subarray(start, start + values));
    }
  }
}
