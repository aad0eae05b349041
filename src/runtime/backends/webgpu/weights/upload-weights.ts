import type { GgufFile } from '../../../../formats/gguf/types.ts';
import { type ByteSource, SottoError, throwIfAborted } from '../../../../shared/index.ts';
import type { GpuDevice } from '../gpu-device.ts';
import { PackedRows } from './pack-rows.ts';
import { formatLayout } from './weight-format.ts';
import { fileRowBytes, layoutOf, type WeightMatrix } from './weight-matrix.ts';

/** A run of rows of a matrix that has a buffer of its own. */
export interface WeightUpload {
  readonly matrix: WeightMatrix;
  readonly firstRow: number;
  readonly rows: number;
  readonly buffer: GPUBuffer;
}

export interface UploadOptions {
  readonly gpu: GpuDevice;
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  readonly signal: AbortSignal | undefined;
  /** Told how many more bytes of the file have been uploaded. */
  readonly onBytes: (bytes: number) => void;
}

/** Packed bytes that may wait for the GPU at a time. `writeBuffer` copies, so without a pause the whole file would pile up. */
const PENDING_BYTES = 32 * 2 ** 20;
/** What one read of a large table brings in. */
const SLICE_BYTES = 8 * 2 ** 20;

/**
 * Streams tensors into their buffers. Matrices fused of several tensors are packed whole (they are a layer's, so a few
 * MB); tables are packed in slices. Rejects with what the source rejects with, `gguf-invalid`, AbortError or the device's fault.
 */
export async function uploadWeights(uploads: readonly WeightUpload[], options: UploadOptions): Promise<void> {
  let pending = 0;
  const written = async (bytes: number) => {
    throwIfAborted(options.signal);
    options.gpu.check();
    pending += bytes;
    if (pending < PENDING_BYTES) return;
    pending = 0;
    await options.gpu.idle();
  };
  for (const upload of uploads) {
    if (upload.matrix.parts.length === 1) await uploadTable(upload, options, written);
    else await uploadFused(upload, options, written);
  }
}

async function uploadFused(
  { matrix, buffer }: WeightUpload,
  options: UploadOptions,
  written: (bytes: number) => Promise<void>,
): Promise<void> {
  const packed = new PackedRows(matrix.format, matrix.rows, matrix.columns);
  for (const { weight, placeOf } of matrix.parts) {
    const rowBytes = fileRowBytes(weight.type, weight.columns);
    const bytes = await readRows(options, weight.name, weight.firstRow * rowBytes, weight.rows * rowBytes);
    packed.pack(weight.type, bytes, weight.rows, placeOf);
    options.onBytes(bytes.byteLength);
  }
  options.gpu.device.queue.writeBuffer(buffer, 0, packed.bytes);
  await written(packed.bytes.byteLength);
}

async function uploadTable(
  { matrix, firstRow, rows, buffer }: WeightUpload,
  options: UploadOptions,
  written: (bytes: number) => Promise<void>,
): Promise<void> {
  const { weight } = matrix.parts[0]!;
  const rowBytes = fileRowBytes(weight.type, weight.columns);
  const { queue } = options.gpu.device;
  const whole = layoutOf(matrix.format, rows, matrix.columns);
  // Whole eights of rows: what lies before a slice is then whole 4-byte words, scales included.
  const sliceRows = Math.max(8, Math.floor(SLICE_BYTES / rowBytes / 8) * 8);
  for (let row = 0; row < rows; row += sliceRows) {
    const count = Math.min(sliceRows, rows - row);
    const bytes = await readRows(options, weight.name, (weight.firstRow + firstRow + row) * rowBytes, count * rowBytes);
    const packed = new PackedRows(matrix.format, count, matrix.columns);
    packed.pack(weight.type, bytes, count, (at) => at);
    const before = layoutOf(matrix.format, row, matrix.columns);
    queue.writeBuffer(buffer, before.scalesOffset, packed.values);
    if (packed.scales.byteLength > 0) {
      const at = whole.scalesOffset + scaleBytes(matrix, row);
      // The slice's own rounding to whole words may reach past the buffer's end; the bytes that count never do.
      const length = Math.min(packed.scales.byteLength, whole.byteLength - at);
      queue.writeBuffer(buffer, at, packed.scales, 0, length);
    }
    options.onBytes(bytes.byteLength);
    await written(packed.bytes.byteLength);
  }
}

/** Bytes of the scales of the first `rows` rows, not rounded. */
function scaleBytes({ format, columns }: WeightMatrix, rows: number): number {
  return rows * Math.ceil(columns / 32) * formatLayout(format).scales * 2;
}

async function readRows(options: UploadOptions, name: string, start: number, length: number): Promise<Uint8Array> {
  const tensor = options.gguf.tensors.get(name);
  if (tensor === undefined || start + length > tensor.byteLength) {
    throw new SottoError('gguf-invalid', `The tensor ${name} is missing or too short.`, { details: { tensor: name } });
  }
  return options.source.read(tensor.offset + start, length, options.signal);
}
