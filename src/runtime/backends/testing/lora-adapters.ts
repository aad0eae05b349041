import type { GgufFile, GgufTensor } from '../../../formats/gguf/types.ts';
import { MemoryByteSource } from '../../../shared/index.ts';
import type { BuiltModel } from './golden-models.ts';

const RANK = 6;
const ALPHA = 12;

type Base = Pick<BuiltModel, 'gguf' | 'bytes' | 'spec'>;

/** Values without a pattern, near ±`size`. */
const values = (count: number, seed: number, size: number) =>
  Float32Array.from({ length: count }, (_, i) => size * Math.sin(seed + i * 12.9898 + (i % 7)));

/** An adapter of every linear weight of a layer and of the output, as a GGUF file in memory; of the embedding too where it should. */
export function makeAdapter(
  model: Base,
  seed: number,
  changes: Readonly<Record<string, string | number>> = {},
  hasEmbedding = false,
) {
  const tensors = new Map<string, GgufTensor>();
  const parts: Float32Array[] = [];
  let offset = 0;
  for (const [name, { dimensions }] of model.gguf.tensors) {
    const isEmbedding = name === 'token_embd.weight';
    const isAdapted = isEmbedding ? hasEmbedding : name === 'output.weight' || name.startsWith('blk.');
    if (dimensions.length !== 2 || !isAdapted || name.includes('norm') || name.includes('.conv.')) continue;
    const [columns, rows] = dimensions as [number, number];
    for (const [suffix, inner, outer] of [
      ['a', isEmbedding ? RANK : columns, isEmbedding ? rows : RANK],
      ['b', RANK, isEmbedding ? columns : rows],
    ] as const) {
      const part = values(inner * outer, seed + parts.length, 0.12);
      const file = `${name}.lora_${suffix}`;
      tensors.set(file, { name: file, type: 'F32', dimensions: [inner, outer], offset, byteLength: part.byteLength });
      parts.push(part);
      offset += part.byteLength;
    }
  }
  const bytes = new Uint8Array(offset);
  for (const [i, tensor] of [...tensors.values()].entries()) bytes.set(new Uint8Array(parts[i]!.buffer), tensor.offset);
  const metadata = new Map<string, string | number>([
    ['general.type', 'adapter'],
    ['general.architecture', model.spec.architecture],
    ['adapter.type', 'lora'],
    ['adapter.lora.alpha', ALPHA],
    ...Object.entries(changes),
  ]);
  const gguf: GgufFile = { version: 3, metadata, tensors, dataOffset: 0, alignment: 32 };
  return { gguf, bytes, source: new MemoryByteSource(bytes) };
}

/** The model whose weights hold what the adapters add: W + Σ scale * alpha / rank * B A. */
export function mergeAdapters(
  model: Base,
  adapters: readonly { adapter: ReturnType<typeof makeAdapter>; scale: number }[],
) {
  const bytes = model.bytes.slice();
  for (const [name, { dimensions, offset }] of model.gguf.tensors) {
    for (const { adapter, scale } of adapters) {
      const [a, b] = ['a', 'b'].map((suffix) => adapter.gguf.tensors.get(`${name}.lora_${suffix}`));
      if (a === undefined || b === undefined) continue;
      const isEmbedding = name === 'token_embd.weight';
      const [columns, rows] = dimensions as [number, number];
      const at = (tensor: GgufTensor) => new Float32Array(adapter.bytes.buffer, tensor.offset, tensor.byteLength / 4);
      const [low, high] = [at(a), at(b)];
      const weight = new Float32Array(bytes.buffer, offset, rows * columns);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let r = 0; r < RANK; r++) {
            sum += isEmbedding
              ? high[column * RANK + r]! * low[row * RANK + r]!
              : high[row * RANK + r]! * low[r * columns + column]!;
          }
          weight[row * columns + column]! += ((scale * ALPHA) / RANK) * sum;
        }
      }
    }
  }
  return { ...model, bytes, source: new MemoryByteSource(bytes) };
}
