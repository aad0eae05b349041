import type { GgmlTypeName } from '../../../../formats/gguf/index.ts';
import { dequantise } from '../../reference/index.ts';
import type { ShaderConstants } from '../kernel-sources.ts';
import { formatOf, layoutOf, type WeightFormat } from '../weights/index.ts';
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

export function randomMatrix(type: GgmlTypeName, rows: number, columns: number, random: () => number): RandomMatrix {
  const bytes = randomRows(type, rows, columns, random);
  const format = formatOf(type)!;
  const packed = new PackedRows(format, rows, columns);
  packed.pack(type, bytes, rows, (row) => row);
  const { blocks, scalesOffset } = layoutOf(format, rows, columns);
  const constants = {
    ROWS: rows,
    WIDTH: columns,
    BLOCKS: blocks,
    SCALES_AT: scalesOffset / 4,
    HAS_OFFSETS: format === 'q4_1',
  };
  return { format, rows, columns, packed: packed.bytes, values: dequantise(type, bytes), constants };
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
