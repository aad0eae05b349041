import type { GgufFile } from '../../../../formats/gguf/types.ts';
import { type ByteSource, SottoError, throwIfAborted } from '../../../../shared/index.ts';
import type { WeightSpec } from '../../../architectures/index.ts';
import { readVector } from '../../read-vector.ts';
import type { RequantisationLog } from '../../requantisation-log.ts';
import type { GpuDevice } from '../gpu-device.ts';
import { PackedRows } from './pack-rows.ts';
import { formatLayout } from './weight-format.ts';
import { fileRowBytes, frontOf, layoutOf, type MatrixPart, type WeightMatrix } from './weight-matrix.ts';

/** A run of rows of a matrix that has a buffer of its own. */
export interface WeightUpload {
  readonly matrix: WeightMatrix;
  readonly firstRow: number;
  readonly rows: number;
  /** Rows of other matrices whose results come before these ones'. */
  readonly before: number;
  readonly buffer: GPUBuffer;
}

export interface UploadOptions {
  readonly gpu: GpuDevice;
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  readonly signal: AbortSignal | undefined;
  /** Told how many more bytes of the file have been uploaded. */
  readonly onBytes: (bytes: number) => void;
  readonly log: RequantisationLog;
}

/** Rows of one of the matrices that lie one after the other in the buffer: all of them where there is only one. */
export function rowsOfOne({ matrix, rows }: Pick<WeightUpload, 'matrix' | 'rows'>): number {
  return matrix.stack === 1 ? rows : matrix.rows / matrix.stack;
}

/** The tensors that the buffer holds rows of. */
export function partsIn({ matrix, firstRow, rows }: Omit<WeightUpload, 'buffer' | 'before'>): readonly MatrixPart[] {
  if (matrix.stack === 1) return matrix.parts;
  const rowsAPart = matrix.rows / matrix.parts.length;
  return matrix.parts.slice(firstRow / rowsAPart, (firstRow + rows) / rowsAPart);
}

/** Packed bytes that may wait for the GPU at a time. `writeBuffer` copies, so without a pause the whole file would pile up. */
const PENDING_BYTES = 32 * 2 ** 20;
/** What one read of a large table brings in. */
const SLICE_BYTES = 8 * 2 ** 20;

/**
 * Streams tensors into their buffers. Matrices fused of several tensors are packed whole (they are a layer's, or an expert's,
 * so a few MB); tables are packed in slices. Rejects with what the source rejects with, `gguf-invalid`, AbortError or the device's fault.
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
    await uploadFront(upload, options);
    if (upload.matrix.parts.length === 1) await uploadTable(upload, options, written);
    else await uploadFused(upload, options, written);
  }
}

/** The norm before the matrix and the bias behind it. */
async function uploadFront({ matrix, firstRow, rows, buffer }: WeightUpload, options: UploadOptions): Promise<void> {
  const front = frontOf(matrix, rows);
  if (front.byteLength === 0) return;
  const values = new Float32Array(front.byteLength / 4);
  if (matrix.norm === 'ones') values.fill(1, 0, matrix.columns);
  else if (matrix.norm !== undefined) values.set(await readVector(matrix.norm, options));
  for (const { weight, placeOf } of matrix.parts) {
    if (weight.bias === undefined) continue;
    const bias = await readVector(weight.bias, options);
    for (let row = 0; row < weight.rows; row++) {
      const place = placeOf(row) - firstRow;
      if (place >= 0 && place < rows) values[front.biasOffset / 4 + place] = bias[row]!;
    }
  }
  options.gpu.device.queue.writeBuffer(buffer, 0, values);
}

async function uploadFused(
  upload: WeightUpload,
  options: UploadOptions,
  written: (bytes: number) => Promise<void>,
): Promise<void> {
  const { matrix, firstRow } = upload;
  const rows = rowsOfOne(upload);
  const parts = partsIn(upload);
  const each = matrix.parts.length / matrix.stack;
  for (let index = 0; index < upload.rows / rows; index++) {
    const packed = packedRows(matrix, rows, options);
    for (const part of parts.slice(index * each, (index + 1) * each)) {
      const { weight, placeOf } = part;
      const bytes = await readRows(options, part, 0, weight.rows);
      packed.of(part).pack(weight.type, bytes, weight.rows, (row) => placeOf(row) - firstRow - index * rows);
      options.onBytes(bytes.byteLength);
    }
    writeRows(upload, index * rows, packed, options);
    await written(packed.bytes.byteLength);
  }
}

/** Packed rows to their place: `row` is the first of them in the buffer. */
function writeRows(
  { matrix, rows, buffer }: WeightUpload,
  row: number,
  packed: PackedRows,
  { gpu }: UploadOptions,
): void {
  const { queue } = gpu.device;
  const whole = layoutOf(matrix.format, rows, matrix.columns);
  const front = frontOf(matrix, rows).byteLength;
  const before = layoutOf(matrix.format, row, matrix.columns);
  queue.writeBuffer(buffer, front + before.scalesOffset, packed.values);
  const blocks = row * whole.blocks;
  const { scaleBytes, highBits } = formatLayout(matrix.format);
  const write = (from: Uint8Array<ArrayBuffer>, start: number, end: number) => {
    // The rows' own rounding to whole words may reach past the section's end; the bytes that count never do.
    const length = Math.min(from.byteLength, end - start);
    if (length > 0) queue.writeBuffer(buffer, front + start, from, 0, length);
  };
  write(packed.scales, whole.scalesOffset + blocks * scaleBytes, whole.highsOffset);
  write(packed.highs, whole.highsOffset + blocks * highBits * 4, whole.byteLength);
}

/** Rows to pack that know whose loss it is when a type has to be requantised. */
function packedRows({ format, columns }: WeightMatrix, rows: number, { log }: UploadOptions) {
  let current: MatrixPart | undefined;
  const packed = new PackedRows(format, rows, columns, (loss) => log.add(current!.weight, 'Q8_0', loss));
  const of = (part: MatrixPart) => {
    current = part;
    return packed;
  };
  return Object.assign(packed, { of });
}

async function uploadTable(
  upload: WeightUpload,
  options: UploadOptions,
  written: (bytes: number) => Promise<void>,
): Promise<void> {
  const { matrix, firstRow, rows } = upload;
  const part = matrix.parts[0]!;
  const { weight, placeOf } = part;
  // Whole eights of rows: what lies before a slice is then whole 4-byte words, scales included.
  const sliceRows = Math.max(8, Math.floor(SLICE_BYTES / fileRowBytes(weight.type, weight.columns) / 8) * 8);
  // Rows that change places do so within a head; a layer's matrix is small enough to be packed whole.
  const step = placeOf(1) === 1 ? sliceRows : rows;
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row);
    const bytes = await readRows(options, part, firstRow + row, count);
    const packed = packedRows(matrix, count, options).of(part);
    packed.pack(weight.type, bytes, count, step === rows ? placeOf : (at) => at);
    writeRows(upload, row, packed, options);
    options.onBytes(bytes.byteLength);
    await written(packed.bytes.byteLength);
  }
}

/** Rows that may lie apart in the file, one behind the other. */
async function readRows(
  options: UploadOptions,
  { weight }: MatrixPart,
  firstRow: number,
  rows: number,
): Promise<Uint8Array> {
  const { stripes } = weight;
  if (stripes === undefined) return readRun(options, weight, firstRow, rows);
  const rowBytes = fileRowBytes(weight.type, weight.columns);
  const bytes = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; ) {
    const at = firstRow + row;
    const count = Math.min(stripes.rows - (at % stripes.rows), rows - row);
    const inFile = Math.floor(at / stripes.rows) * stripes.every + (at % stripes.rows);
    bytes.set(await readRun(options, weight, inFile, count), row * rowBytes);
    row += count;
  }
  return bytes;
}

async function readRun(
  { gguf, source, signal }: UploadOptions,
  weight: WeightSpec,
  firstRow: number,
  rows: number,
): Promise<Uint8Array> {
  const { name } = weight;
  const rowBytes = fileRowBytes(weight.type, weight.columns);
  const tensor = gguf.tensors.get(name);
  const start = (weight.firstRow + firstRow) * rowBytes;
  if (tensor === undefined || start + rows * rowBytes > tensor.byteLength) {
    throw new SottoError('gguf-invalid', `The tensor ${name} is missing or too short.`, { details: { tensor: name } });
  }
  return source.read(tensor.offset + start, rows * rowBytes, signal);
}
