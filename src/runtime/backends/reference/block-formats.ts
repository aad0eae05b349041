import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { SottoError } from '../../../shared/index.ts';

/** A half float as a number (IEEE 754 binary16, all of it: subnormals, infinities, NaN). */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

interface BlockFormat {
  readonly values: number;
  readonly bytes: number;
  /** Writes one block's values. */
  readonly read: (view: DataView, offset: number, out: Float32Array, at: number) => void;
}

const half = (view: DataView, offset: number) => halfToNumber(view.getUint16(offset, true));

/** Layouts as ggml-common.h of llama.cpp defines them. */
const FORMATS: ReadonlyMap<GgmlTypeName, BlockFormat> = new Map<GgmlTypeName, BlockFormat>([
  ['F32', { values: 1, bytes: 4, read: (view, offset, out, at) => out.set([view.getFloat32(offset, true)], at) }],
  ['F16', { values: 1, bytes: 2, read: (view, offset, out, at) => out.set([half(view, offset)], at) }],
  [
    'Q4_0',
    {
      values: 32,
      bytes: 18,
      read: (view, offset, out, at) => {
        const d = half(view, offset);
        for (let j = 0; j < 16; j++) {
          const byte = view.getUint8(offset + 2 + j);
          out[at + j] = d * ((byte & 15) - 8);
          out[at + j + 16] = d * ((byte >> 4) - 8);
        }
      },
    },
  ],
  [
    'Q4_1',
    {
      values: 32,
      bytes: 20,
      read: (view, offset, out, at) => {
        const d = half(view, offset);
        const m = half(view, offset + 2);
        for (let j = 0; j < 16; j++) {
          const byte = view.getUint8(offset + 4 + j);
          out[at + j] = d * (byte & 15) + m;
          out[at + j + 16] = d * (byte >> 4) + m;
        }
      },
    },
  ],
  [
    'Q8_0',
    {
      values: 32,
      bytes: 34,
      read: (view, offset, out, at) => {
        const d = half(view, offset);
        for (let j = 0; j < 32; j++) out[at + j] = d * view.getInt8(offset + 2 + j);
      },
    },
  ],
]);

/** The values of whole blocks, as the format defines them. Throws `model-unsupported` for a type without a reader. */
export function dequantise(type: GgmlTypeName, bytes: Uint8Array): Float32Array {
  const format = FORMATS.get(type);
  if (format === undefined) throw new SottoError('model-unsupported', `There is no reference for ${type}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = bytes.byteLength / format.bytes;
  const out = new Float32Array(blocks * format.values);
  for (let b = 0; b < blocks; b++) format.read(view, b * format.bytes, out, b * format.values);
  return out;
}
