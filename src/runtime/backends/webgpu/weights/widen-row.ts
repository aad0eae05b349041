import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';

/** The value of a 16-bit float (source: IEEE 754, binary16). */
export function halfToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * Writes the values of one row as f32. `bytes` are the row as the file holds it, `to` has `columns` places.
 * Source of the layouts: ggml-common.h of llama.cpp.
 */
export function widenRow(type: GgmlTypeName, bytes: Uint8Array, to: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'F32':
      for (let i = 0; i < to.length; i++) to[i] = view.getFloat32(4 * i, true);
      return;
    case 'F16':
      for (let i = 0; i < to.length; i++) to[i] = halfToNumber(view.getUint16(2 * i, true));
      return;
    case 'BF16': {
      const words = new Uint32Array(to.buffer, to.byteOffset, to.length);
      for (let i = 0; i < to.length; i++) words[i] = view.getUint16(2 * i, true) << 16;
      return;
    }
    case 'Q8_0':
      for (let block = 0; block < to.length / 32; block++) {
        const factor = halfToNumber(view.getUint16(34 * block, true));
        for (let i = 0; i < 32; i++) to[32 * block + i] = factor * view.getInt8(34 * block + 2 + i);
      }
      return;
    default:
      widenNibbles(type, view, to);
  }
}

function widenNibbles(type: GgmlTypeName, view: DataView, to: Float32Array): void {
  const hasOffset = type === 'Q4_1';
  const blockBytes = hasOffset ? 20 : 18;
  for (let block = 0; block < to.length / 32; block++) {
    const at = blockBytes * block;
    const factor = halfToNumber(view.getUint16(at, true));
    const offset = hasOffset ? halfToNumber(view.getUint16(at + 2, true)) : -8 * factor;
    for (let i = 0; i < 16; i++) {
      const byte = view.getUint8(at + blockBytes - 16 + i);
      to[32 * block + i] = factor * (byte & 15) + offset;
      to[32 * block + 16 + i] = factor * (byte >> 4) + offset;
    }
  }
}
