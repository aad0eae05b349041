import type { GgmlTypeName } from '../../../../formats/gguf/index.ts';
import { dequantise } from '../../reference/index.ts';
import type { ShaderConstants } from '../kernel-sources.ts';
import { matrixConstants } from '../model-constants.ts';
import { frontOf, fuseRows, type WeightFormat } from '../weights/index.ts';
import { PackedRows } from '../weights/pack-rows.ts';
import { randomRows } from './random-model.ts';

/** A random matrix as the file has it, as the GPU has it, and as numbers. */
export interface RandomMatrix {
  readonly format: WeightFormat;
  readonly rows: number;
  readonly columns: number;
  readonly packed: Uint8Array;
  /** `[row][column]` */
  readonly values: Float32Array;
  readonly constants: ShaderConstants;
}

/** `norm` and `bias` are what lies in front of it; rows go where `placeOf` says. */
export function randomMatrix(
  type: GgmlTypeName,
  rows: number,
  columns: number,
  random: () => number,
  {
    norm,
    bias,
    placeOf = (row) => row,
  }: { norm?: Float32Array; bias?: Float32Array; placeOf?: (row: number) => number } = {},
): RandomMatrix {
  const bytes = randomRows(type, rows, columns, random);
  const vector = { name: 'vector', type: 'F32', size: rows, first: 0 } as const;
  const weight = { name: 'matrix', type, rows, columns, firstRow: 0, bias: bias && vector };
  const matrix = fuseRows([{ weight, placeOf }], norm && vector);
  const { format } = matrix;
  const rowsPacked = new PackedRows(format, rows, columns);
  rowsPacked.pack(type, bytes, rows, placeOf);
  const front = frontOf(matrix, rows);
  const packed = new Uint8Array(front.byteLength + rowsPacked.bytes.length);
  packed.set(rowsPacked.bytes, front.byteLength);
  const floats = new Float32Array(packed.buffer, 0, front.byteLength / 4);
  if (norm !== undefined) floats.set(norm);
  bias?.forEach((value, row) => {
    floats[front.biasOffset / 4 + placeOf(row)] = value;
  });
  const constants = matrixConstants({ matrix, firstRow: 0, rows, before: 0, buffer: undefined as never });
  return { format, rows, columns, packed, values: dequantise(type, bytes), constants };
}

/** Uniform numbers in [-1, 1), zeros up to whole blocks of 32 behind each row. */
export function randomVectors(count: number, width: number, random: () => number) {
  const stride = Math.ceil(width / 32) * 32;
  const padded = new Float32Array(count * stride);
  const rows = Array.from({ length: count }, (_, row) => {
    const values = padded.subarray(row * stride, row * stride + width);
    for (let i = 0; i < width; i++) values[i] = random() * 2 - 1;
    return values;
  });
  return { padded, rows, stride };
}
