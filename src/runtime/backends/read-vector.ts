import type { GgufFile } from '../../formats/gguf/types.ts';
import { type ByteSource, SottoError } from '../../shared/index.ts';
import type { VectorSpec } from '../architectures/index.ts';

/**
 * The values of a vector as f32, whatever float type the file holds it in. Throws `gguf-invalid` (no such tensor),
 * `model-unsupported` (a block type), or what the source throws.
 */
export async function readVector(
  vector: VectorSpec,
  { gguf, source, signal }: { gguf: GgufFile; source: ByteSource; signal?: AbortSignal | undefined },
): Promise<Float32Array<ArrayBuffer>> {
  const tensor = gguf.tensors.get(vector.name);
  if (tensor === undefined) throw new SottoError('gguf-invalid', `The file lacks the tensor ${vector.name}.`);
  const width = vector.type === 'F32' ? 4 : 2;
  const bytes = await source.read(tensor.offset + vector.first * width, vector.size * width, signal);
  // The source's view may start anywhere; a copy is aligned.
  const { buffer } = bytes.slice();
  if (vector.type === 'F32') return new Float32Array(buffer);
  const halves = new Uint16Array(buffer);
  const widen = WIDENERS[vector.type];
  if (widen === undefined) {
    throw new SottoError('model-unsupported', `${vector.name} is stored as ${vector.type}, not as floats.`);
  }
  return Float32Array.from(halves, widen);
}

const bits = new DataView(new ArrayBuffer(4));

function fromBits(word: number): number {
  bits.setUint32(0, word >>> 0);
  return bits.getFloat32(0);
}

/** Infinities and NaN keep their meaning: the engine's own check for values that are not finite must see them. */
function halfToNumber(half: number): number {
  const exponent = (half >> 10) & 31;
  const sign = (half & 0x8000) << 16;
  if (exponent === 31) return fromBits(sign | 0x7f800000 | ((half & 1023) << 13));
  return fromBits(sign | ((half & 0x7fff) << 13)) * 2 ** 112;
}

const WIDENERS: Readonly<Partial<Record<string, (half: number) => number>>> = {
  F16: halfToNumber,
  BF16: (half) => fromBits(half << 16),
};
