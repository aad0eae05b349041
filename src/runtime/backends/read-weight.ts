import { ggmlTypeByName } from '../../formats/gguf/index.ts';
import type { GgufFile } from '../../formats/gguf/types.ts';
import type { ByteSource } from '../../shared/index.ts';
import type { WeightSpec } from '../architectures/index.ts';
import { dequantise } from './blocks/index.ts';

/** A weight as f32, `[row][column]`. Rejects with what the source rejects with. */
export async function readWeight(
  weight: WeightSpec,
  gguf: GgufFile,
  source: ByteSource,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { blockLength, blockBytes } = ggmlTypeByName(weight.type);
  const rowBytes = (weight.columns / blockLength) * blockBytes;
  const { offset } = gguf.tensors.get(weight.name)!;
  const values = new Float32Array(weight.rows * weight.columns);
  const run = weight.stripes?.rows ?? weight.rows;
  for (let row = 0; row < weight.rows; row += run) {
    const first = weight.firstRow + (row / run) * (weight.stripes?.every ?? 0);
    const bytes = await source.read(offset + first * rowBytes, run * rowBytes, signal);
    values.set(dequantise(weight.type, bytes), row * weight.columns);
  }
  return values;
}
