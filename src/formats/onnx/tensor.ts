import { SottoError } from '../../shared/index.ts';
import { ONNX_LIMITS } from './limits.ts';
import type { OnnxExternalData } from './types.ts';
import { WireCursor } from './wire-cursor.ts';

/** Bits an element by TensorProto.DataType, from onnx.proto; strings (8) have none. */
const ELEMENT_BITS: Readonly<Record<number, number>> = {
  1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128, 16: 16,
  17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 25: 2, 26: 2,
}; // biome-ignore format: one table, as the specification prints it.

export interface OnnxTensor {
  readonly name: string;
  readonly elements: number;
  readonly external: OnnxExternalData | undefined;
}

/** Reads a TensorProto: shape, and where its bytes are. The values themselves are left alone. */
export function readTensor(bytes: Uint8Array): OnnxTensor {
  const cursor = new WireCursor(bytes);
  const dims: number[] = [];
  const entries = new Map<string, string>();
  let name = '';
  let type = 0;
  let isExternal = false;
  let rawBytes: number | undefined;
  for (let field = cursor.next(); field !== undefined; field = cursor.next()) {
    if (field.number === 1) dims.push(...cursor.integers(field.type));
    else if (field.number === 2) type = cursor.integer();
    else if (field.number === 8) name = cursor.text();
    else if (field.number === 9) rawBytes = cursor.bytes().length;
    else if (field.number === 13) readEntry(cursor.bytes(), entries);
    else if (field.number === 14) isExternal = cursor.integer() === 1;
    else cursor.skip(field);
  }
  if (dims.length > ONNX_LIMITS.dimensions || dims.some((dim) => dim < 0)) {
    throw new SottoError('onnx-invalid', `Tensor "${name}" has the shape [${dims.slice(0, 20).join(', ')}].`);
  }
  const elements = dims.reduce((product, dim) => product * dim, 1);
  const bits = ELEMENT_BITS[type];
  const expectedBytes = bits === undefined ? undefined : Math.ceil((elements * bits) / 8);
  if ((expectedBytes ?? elements) > ONNX_LIMITS.tensorBytes) {
    throw new SottoError('onnx-limit', `Tensor "${name}" declares ${expectedBytes ?? elements} bytes.`);
  }
  if (!isExternal) {
    if (rawBytes !== undefined && expectedBytes !== undefined && rawBytes !== expectedBytes) {
      const message = `Tensor "${name}" holds ${rawBytes} bytes; its shape asks for ${expectedBytes}.`;
      throw new SottoError('onnx-invalid', message);
    }
    return { name, elements, external: undefined };
  }
  const location = entries.get('location');
  if (location === undefined) throw new SottoError('onnx-invalid', `Tensor "${name}" lies outside, nowhere.`);
  const offset = readSize(entries.get('offset') ?? '0', name);
  const length = entries.has('length') ? readSize(entries.get('length') ?? '', name) : undefined;
  return { name, elements, external: { tensor: name, location, offset, length, expectedBytes } };
}

function readEntry(bytes: Uint8Array, entries: Map<string, string>): void {
  const cursor = new WireCursor(bytes);
  let key = '';
  let value = '';
  for (let field = cursor.next(); field !== undefined; field = cursor.next()) {
    if (field.number === 1) key = cursor.text();
    else if (field.number === 2) value = cursor.text();
    else cursor.skip(field);
  }
  entries.set(key, value);
}

function readSize(text: string, tensor: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new SottoError('onnx-invalid', `Tensor "${tensor}" lies at "${text.slice(0, 40)}", which is no position.`);
  }
  return value;
}
