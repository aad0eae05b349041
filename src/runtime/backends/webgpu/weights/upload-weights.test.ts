import { describe, expect, it } from 'vitest';
import type { GgmlTypeName, GgufFile } from '../../../../formats/gguf/index.ts';
import { MemoryByteSource } from '../../../../shared/index.ts';
import { RequantisationLog } from '../../requantisation-log.ts';
import type { GpuDevice } from '../gpu-device.ts';
import { PackedRows } from './pack-rows.ts';
import { uploadWeights } from './upload-weights.ts';
import { fileRowBytes, fuseRows, layoutOf, type MatrixPart } from './weight-matrix.ts';

const OFFSET = 1000;

/** A device whose buffers are bytes in memory. */
function recordingGpu() {
  let idles = 0;
  const writeBuffer = (to: unknown, at: number, data: Uint8Array, start = 0, length = data.length - start) => {
    if (at % 4 !== 0 || length % 4 !== 0) throw new RangeError('WebGPU writes whole words');
    (to as Uint8Array).set(data.subarray(start, start + length), at);
  };
  const idle = async () => {
    idles += 1;
  };
  const gpu = { device: { queue: { writeBuffer } }, check: () => {}, idle };
  return { gpu: gpu as unknown as GpuDevice, idles: () => idles };
}

/** Tensors of bytes that all differ from their neighbours, one behind the other in a file. */
function fileOf(tensors: readonly { name: string; type: GgmlTypeName; rows: number; columns: number }[]) {
  let offset = OFFSET;
  const table = new Map<string, { offset: number; byteLength: number }>();
  for (const { name, type, rows, columns } of tensors) {
    const byteLength = rows * fileRowBytes(type, columns);
    table.set(name, { offset, byteLength });
    offset += byteLength;
  }
  const bytes = Uint8Array.from({ length: offset }, (_, i) => (i * 37 + (i >> 8) * 11) & 255);
  return { bytes, gguf: { tensors: table } as unknown as GgufFile };
}

async function upload(parts: readonly MatrixPart[], firstRow: number, rows: number) {
  const matrix = fuseRows(parts);
  const { bytes, gguf } = fileOf(parts.map(({ weight }) => weight));
  const buffer = new Uint8Array(layoutOf(matrix.format, rows, matrix.columns).byteLength);
  const { gpu, idles } = recordingGpu();
  let read = 0;
  await uploadWeights([{ matrix, firstRow, rows, before: 0, buffer: buffer as unknown as GPUBuffer }], {
    gpu,
    gguf,
    source: new MemoryByteSource(bytes),
    signal: undefined,
    log: new RequantisationLog(),
    onBytes: (count) => {
      read += count;
    },
  });
  return { matrix, bytes, buffer, read, idles: idles() };
}

describe('uploadWeights', () => {
  // 129 blocks a row: an odd number, so that scales of neighbouring rows share words.
  it.each([
    ['Q4_1', 8000],
    ['Q8_0', 5000],
    ['F16', 4500],
  ] as const)('brings a large table of %s over in slices, from the row its part begins with', async (type, rows) => {
    const weight = { name: 'table', type, rows: rows + 128, columns: 129 * 32, firstRow: 0, bias: undefined };
    const { matrix, bytes, buffer, read, idles } = await upload([{ weight, placeOf: (row) => row }], 64, rows);
    const rowBytes = fileRowBytes(type, weight.columns);
    expect(read).toBe(rows * rowBytes);
    expect(read).toBeGreaterThan(2 * 8 * 2 ** 20);
    // The GPU catches up every 32 MiB, so that the file never lies in memory whole.
    expect(idles).toBe(Math.floor(buffer.byteLength / 2 ** 25));
    const whole = new PackedRows(matrix.format, rows, weight.columns);
    whole.pack(type, bytes.subarray(OFFSET + 64 * rowBytes), rows, (row) => row);
    expect(Buffer.compare(buffer, whole.bytes)).toBe(0);
  });

  it('packs fused tensors into one buffer', async () => {
    const gate = { name: 'gate', type: 'Q4_0', rows: 6, columns: 64, firstRow: 0, bias: undefined } as const;
    const up = { ...gate, name: 'up' };
    const parts = [
      { weight: gate, placeOf: (row: number) => 2 * row },
      { weight: up, placeOf: (row: number) => 2 * row + 1 },
    ];
    const { bytes, buffer } = await upload(parts, 0, 12);
    const whole = new PackedRows('q4_0', 12, 64);
    const gateBytes = 6 * fileRowBytes('Q4_0', 64);
    whole.pack('Q4_0', bytes.subarray(OFFSET, OFFSET + gateBytes), 6, (row) => 2 * row);
    whole.pack('Q4_0', bytes.subarray(OFFSET + gateBytes), 6, (row) => 2 * row + 1);
    expect(Buffer.compare(buffer, whole.bytes)).toBe(0);
  });

  it('refuses a tensor that is missing or too short', async () => {
    const weight = { name: 'table', type: 'F32' as const, rows: 4, columns: 32, firstRow: 0, bias: undefined };
    await expect(upload([{ weight, placeOf: (row) => row }], 2, 4)).rejects.toMatchObject({ code: 'gguf-invalid' });
  });
});
