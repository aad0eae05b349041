import type { BlockReader } from './block-reader.ts';
import { halfAt } from './half.ts';

/** Floats and the blocks of 32 with one scale, as ggml-common.h of llama.cpp defines them. */

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

export const readF32: BlockReader = (bytes, at, out, to) => {
  word[0] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  out[to] = float[0]!;
};

export const readF16: BlockReader = (bytes, at, out, to) => {
  out[to] = halfAt(bytes, at);
};

/** The upper half of an F32. */
export const readBf16: BlockReader = (bytes, at, out, to) => {
  word[0] = (bytes[at]! << 16) | (bytes[at + 1]! << 24);
  out[to] = float[0]!;
};

export const readQ4_0: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  for (let j = 0; j < 16; j++) {
    const byte = bytes[at + 2 + j]!;
    out[to + j] = d * ((byte & 15) - 8);
    out[to + j + 16] = d * ((byte >> 4) - 8);
  }
};

export const readQ4_1: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  const m = halfAt(bytes, at + 2);
  for (let j = 0; j < 16; j++) {
    const byte = bytes[at + 4 + j]!;
    out[to + j] = d * (byte & 15) + m;
    out[to + j + 16] = d * (byte >> 4) + m;
  }
};

/** The fifth bits of 32 values: bit j of four bytes belongs to value j. */
function fifthBit(bytes: Uint8Array, at: number, j: number): number {
  return ((bytes[at + (j >> 3)]! >> (j & 7)) & 1) << 4;
}

export const readQ5_0: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  for (let j = 0; j < 16; j++) {
    const byte = bytes[at + 6 + j]!;
    out[to + j] = d * (((byte & 15) | fifthBit(bytes, at + 2, j)) - 16);
    out[to + j + 16] = d * (((byte >> 4) | fifthBit(bytes, at + 2, j + 16)) - 16);
  }
};

export const readQ5_1: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  const m = halfAt(bytes, at + 2);
  for (let j = 0; j < 16; j++) {
    const byte = bytes[at + 8 + j]!;
    out[to + j] = d * ((byte & 15) | fifthBit(bytes, at + 4, j)) + m;
    out[to + j + 16] = d * ((byte >> 4) | fifthBit(bytes, at + 4, j + 16)) + m;
  }
};

export const readQ8_0: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  for (let j = 0; j < 32; j++) out[to + j] = d * ((bytes[at + 2 + j]! << 24) >> 24);
};
