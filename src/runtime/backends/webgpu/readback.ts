import { BUFFER_USAGE, MAP_READ } from './buffer-usage.ts';
import type { GpuDevice } from './gpu-device.ts';

/** A buffer that the host reads results from. One read at a time. */
export class Readback {
  readonly #gpu: GpuDevice;
  readonly buffer: GPUBuffer;

  constructor(gpu: GpuDevice, bytes: number) {
    this.#gpu = gpu;
    this.buffer = gpu.device.createBuffer({
      label: 'readback',
      size: Math.ceil(bytes / 16) * 16,
      usage: BUFFER_USAGE.copyTarget | BUFFER_USAGE.mapRead,
    });
  }

  /** Waits for what has been submitted and copies its first bytes into `to`. Rejects with the device's fault. */
  async read(to: Float32Array | Uint32Array): Promise<void> {
    try {
      await this.buffer.mapAsync(MAP_READ, 0, to.byteLength);
    } catch (cause) {
      throw await this.#gpu.failure('Reading results back', cause);
    }
    const mapped = new Uint8Array(this.buffer.getMappedRange(0, to.byteLength));
    new Uint8Array(to.buffer, to.byteOffset, to.byteLength).set(mapped);
    this.buffer.unmap();
    this.#gpu.check();
  }
}
