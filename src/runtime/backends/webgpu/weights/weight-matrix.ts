import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';
import type { WeightSpec } from '../../../architectures/index.ts';
import { formatLayout, formatOf, type WeightFormat } from './weight-format.ts';

/** A tensor's share of a matrix, and where each of its rows goes. */
export interface MatrixPart {
  readonly weight: WeightSpec;
  readonly placeOf: (row: number) => number;
}

/** A matrix as one kernel reads it: rows of one or more tensors of the same width, all in one format. */
export interface WeightMatrix {
  readonly format: WeightFormat;
  readonly rows: number;
  /** True width; blocks reach past it with zeros where it is not a multiple of 32. */
  readonly columns: number;
  readonly parts: readonly MatrixPart[];
}

/** Where values and scales of a run of rows lie in a buffer. */
export interface MatrixLayout {
  readonly blocks: number;
  /** Byte at which the scales begin. */
  readonly scalesOffset: number;
  /** Whole 16-byte words. */
  readonly byteLength: number;
}

/**
 * Fuses rows of tensors. Where the file stores them in different block types they are widened to f32: the values stay
 * exact, and files do this for few tensors.
 */
export function fuseRows(parts: readonly MatrixPart[]): WeightMatrix {
  const formats = new Set(parts.map(({ weight }) => formatOf(weight.type)!));
  const [first] = formats;
  return {
    format: formats.size === 1 ? first! : 'f32',
    rows: parts.reduce((sum, { weight }) => sum + weight.rows, 0),
    columns: parts[0]!.weight.columns,
    parts,
  };
}

/** The layout of `rows` rows of a matrix. */
export function layoutOf(format: WeightFormat, rows: number, columns: number): MatrixLayout {
  const { quads, scales } = formatLayout(format);
  const blocks = Math.ceil(columns / 32);
  const scalesOffset = rows * blocks * quads * 16;
  return { blocks, scalesOffset, byteLength: scalesOffset + Math.ceil((rows * blocks * scales * 2) / 16) * 16 };
}

/** Bytes of one row in the file. */
export function fileRowBytes(type: GgmlTypeName, columns: number): number {
  switch (type) {
    case 'Q4_0':
      return (columns / 32) * 18;
    case 'Q4_1':
      return (columns / 32) * 20;
    case 'Q8_0':
      return (columns / 32) * 34;
    case 'F16':
    case 'BF16':
      return columns * 2;
    default:
      return columns * 4;
  }
}
