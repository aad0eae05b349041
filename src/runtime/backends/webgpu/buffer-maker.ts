import { BUFFER_USAGE } from './buffer-usage.ts';
import type { GpuDevice } from './gpu-device.ts';
import type { TablePart } from './table-plan.ts';
import { matrixBytes, type WeightMatrix, type WeightUpload } from './weights/index.ts';

/** Makes the buffers of a model, and counts their bytes; the caller guards against out-of-memory. They begin as zeros. */
export class BufferMaker {
  readonly #device: GPUDevice;
  #bytes = 0;

  constructor({ device }: GpuDevice) {
    this.#device = device;
  }

  /** Bytes of all that it made. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A buffer for kernels of at least so many bytes, with `more` usages than storage and being copied into. */
  create(label: string, bytes: number, more = 0): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 16) * 16);
    this.#bytes += size;
    return this.#device.createBuffer({ label, size, usage: BUFFER_USAGE.storage | BUFFER_USAGE.copyTarget | more });
  }

  table(label: string, parts: readonly TablePart[]): readonly WeightUpload[] {
    return parts.map((part) => ({ ...part, buffer: this.create(label, matrixBytes(part.matrix, part.rows)) }));
  }

  matrix(label: string, matrix: WeightMatrix): WeightUpload {
    return this.table(label, [{ matrix, firstRow: 0, rows: matrix.rows, before: 0 }])[0]!;
  }
}
