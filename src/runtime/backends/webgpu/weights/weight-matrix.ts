import { ggmlTypeByName } from '../../../../formats/gguf/index.ts';
import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';
import type { VectorSpec, WeightSpec } from '../../../architectures/index.ts';
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
  /** Matrices of the same shape that lie one after the other in it, with as many parts each: one an expert. */
  readonly stack: number;
  /** Weights of the RMS norm in front of the matrix, `ones` for a norm without; undefined where the kernel does not norm. */
  readonly norm: VectorSpec | 'ones' | undefined;
}

/** Where values and scales of a run of rows lie in a buffer, without what is in front of them. */
export interface MatrixLayout {
  readonly blocks: number;
  /** Bytes at which the scales, and the high bits, begin. */
  readonly scalesOffset: number;
  readonly highsOffset: number;
  /** Whole 16-byte words. */
  readonly byteLength: number;
}

/** What lies in front of a run of rows, in bytes: whole blocks of f32. */
export interface FrontLayout {
  readonly biasOffset: number;
  readonly hasBias: boolean;
  readonly byteLength: number;
}

/**
 * Fuses rows of tensors. Where the file stores them in different block types they are widened to f32: the values stay
 * exact, and files do this for few tensors.
 */
export function fuseRows(parts: readonly MatrixPart[], norm?: WeightMatrix['norm'], stack = 1): WeightMatrix {
  const formats = new Set(parts.map(({ weight }) => formatOf(weight.type)));
  const [first] = formats;
  return {
    format: formats.size === 1 ? first! : 'f32',
    rows: parts.reduce((sum, { weight }) => sum + weight.rows, 0),
    columns: parts[0]!.weight.columns,
    parts,
    stack,
    norm,
  };
}

/** The layout of `rows` rows of a matrix. */
export function layoutOf(format: WeightFormat, rows: number, columns: number): MatrixLayout {
  const { quads, scaleBytes, highBits } = formatLayout(format);
  const blocks = Math.ceil(columns / 32);
  const scalesOffset = Math.ceil(rows * blocks * quads) * 16;
  const highsOffset = scalesOffset + Math.ceil((rows * blocks * scaleBytes) / 16) * 16;
  return {
    blocks,
    scalesOffset,
    highsOffset,
    byteLength: highsOffset + Math.ceil((rows * blocks * highBits) / 4) * 16,
  };
}

/** What lies in front of `rows` rows of a matrix. */
export function frontOf({ columns, norm, parts }: WeightMatrix, rows: number): FrontLayout {
  const biasOffset = norm === undefined ? 0 : Math.ceil(columns / 32) * 128;
  const hasBias = parts.some(({ weight }) => weight.bias !== undefined);
  return { biasOffset, hasBias, byteLength: biasOffset + (hasBias ? Math.ceil(rows / 32) * 128 : 0) };
}

/** Bytes of a run of rows with all that belongs to them. */
export function matrixBytes(matrix: WeightMatrix, rows: number): number {
  return frontOf(matrix, rows).byteLength + layoutOf(matrix.format, rows, matrix.columns).byteLength;
}

/** Bytes of one row in the file. */
export function fileRowBytes(type: GgmlTypeName, columns: number): number {
  const { blockLength, blockBytes } = ggmlTypeByName(type);
  return (columns / blockLength) * blockBytes;
}
