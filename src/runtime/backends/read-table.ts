import { ggmlTypeByName } from '../../formats/gguf/index.ts';
import type { GgufFile } from '../../formats/gguf/types.ts';
import { type ByteSource, SottoError } from '../../shared/index.ts';
import type { EncoderSpec, WeightSpec } from '../architectures/index.ts';
import { dequantise } from './blocks/index.ts';

export interface TableSource {
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  readonly signal: AbortSignal | undefined;
}

/**
 * What is added to an encoder's embedding, row after row: positions with the first kind of segment's row added; or that row
 * alone; or nothing.
 */
export async function addedRows(
  spec: Pick<EncoderSpec, 'positions' | 'segments' | 'hiddenSize'>,
  from: TableSource,
): Promise<Float32Array> {
  const positions = spec.positions && (await readFloats(spec.positions, spec.positions.rows, from));
  const segment = spec.segments && (await readFloats(spec.segments, 1, from));
  if (positions && segment) {
    for (let i = 0; i < positions.length; i++) positions[i]! += segment[i % spec.hiddenSize]!;
  }
  return positions ?? segment ?? new Float32Array(0);
}

/** The first rows of a weight as floats. */
export async function readFloats(weight: WeightSpec, rows: number, from: TableSource): Promise<Float32Array> {
  return dequantise(weight.type, await readRows(weight, rows, from));
}

/** Bytes of a row in the file. */
export function bytesPerRow({ type, columns }: WeightSpec): number {
  const { blockLength, blockBytes } = ggmlTypeByName(type);
  return (columns / blockLength) * blockBytes;
}

/** The first rows of a weight as the file holds them. */
export async function readRows(
  weight: WeightSpec,
  rows: number,
  { gguf, source, signal }: TableSource,
): Promise<Uint8Array> {
  const tensor = gguf.tensors.get(weight.name);
  if (tensor === undefined) throw new SottoError('gguf-invalid', `The file lacks the tensor ${weight.name}.`);
  return source.read(tensor.offset + weight.firstRow * bytesPerRow(weight), rows * bytesPerRow(weight), signal);
}
