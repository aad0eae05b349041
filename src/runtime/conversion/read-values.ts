import type { SafetensorsType } from '../../formats/safetensors/index.ts';
import { halfToNumber } from '../backends/blocks/index.ts';

/** Types whose values can be weights. */
export function holdsWeights(type: SafetensorsType): boolean {
  return type === 'F32' || type === 'F16' || type === 'BF16' || type === 'F64';
}

/** The values of some bytes of a tensor. `bytes` may lie at any place of its buffer. */
export function readValues(type: SafetensorsType, bytes: Uint8Array): Float32Array {
  // Typed arrays need aligned bytes; a copy has them.
  const { buffer } = bytes.byteOffset % 8 === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  switch (type) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    default: {
      // BF16 is the upper half of an F32.
      const halves = new Uint16Array(buffer);
      const bits = new Uint32Array(halves.length);
      for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
      return new Float32Array(bits.buffer);
    }
  }
}
