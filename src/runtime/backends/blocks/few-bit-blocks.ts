import type { BlockReader } from './block-reader.ts';
import { halfAt } from './half.ts';

/** Types whose quants are entries of a table, signs or thirds. Layouts as ggml-common.h of llama.cpp defines them. */

/** What the 16 quants of IQ4_NL and IQ4_XS stand for. */
export const IQ4_VALUES: readonly number[] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/** The 16 values of a 4-bit float with two bits of exponent and one of mantissa, doubled (OCP Microscaling Formats 1.0). */
export const MXFP4_VALUES: readonly number[] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

export const readIq4Nl: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  for (let j = 0; j < 16; j++) {
    const byte = bytes[at + 2 + j]!;
    out[to + j] = d * IQ4_VALUES[byte & 15]!;
    out[to + j + 16] = d * IQ4_VALUES[byte >> 4]!;
  }
};

/** 8 sub-blocks of 32 with a six-bit scale each, less 32. */
export const readIq4Xs: BlockReader = (bytes, at, out, to) => {
  const high = bytes[at + 2]! | (bytes[at + 3]! << 8);
  for (let s = 0; s < 8; s++) {
    const low = (bytes[at + 4 + (s >> 1)]! >> (4 * (s & 1))) & 15;
    const d = halfAt(bytes, at) * ((low | (((high >> (2 * s)) & 3) << 4)) - 32);
    for (let j = 0; j < 16; j++) {
      const byte = bytes[at + 8 + s * 16 + j]!;
      out[to + s * 32 + j] = d * IQ4_VALUES[byte & 15]!;
      out[to + s * 32 + j + 16] = d * IQ4_VALUES[byte >> 4]!;
    }
  }
};

/** One power of two a block; halved, because the table is doubled. */
export const readMxfp4: BlockReader = (bytes, at, out, to) => {
  const d = 2 ** (bytes[at]! - 128);
  for (let j = 0; j < 16; j++) {
    const byte = bytes[at + 1 + j]!;
    out[to + j] = d * MXFP4_VALUES[byte & 15]!;
    out[to + j + 16] = d * MXFP4_VALUES[byte >> 4]!;
  }
};

/** 128 signs, lowest bit first: 1 stands for d, 0 for -d. */
export const readQ1_0: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at);
  for (let j = 0; j < 128; j++) out[to + j] = (bytes[at + 2 + (j >> 3)]! >> (j & 7)) & 1 ? d : -d;
};

const POWERS_OF_THREE = [1, 3, 9, 27, 81];

/** The n-th digit of a byte that holds five thirds as a fraction of 256 / 243, first digit first. */
function third(byte: number, n: number): number {
  return ((((byte * POWERS_OF_THREE[n]!) & 255) * 3) >> 8) - 1;
}

/** Ternary, five values a byte: 32 bytes of 5 × 32, 16 bytes of 5 × 16, 4 bytes of 4 × 4. */
export const readTq1_0: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at + 52);
  for (let n = 0; n < 5; n++) {
    for (let j = 0; j < 32; j++) out[to + n * 32 + j] = d * third(bytes[at + j]!, n);
    for (let j = 0; j < 16; j++) out[to + 160 + n * 16 + j] = d * third(bytes[at + 32 + j]!, n);
    if (n < 4) for (let j = 0; j < 4; j++) out[to + 240 + n * 4 + j] = d * third(bytes[at + 48 + j]!, n);
  }
};

/** Ternary, four values a byte: two bits each of values j, j + 32, j + 64 and j + 96 of a half. */
export const readTq2_0: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at + 64);
  for (let i = 0; i < 256; i++) {
    const byte = bytes[at + (i >> 7) * 32 + (i & 31)]!;
    out[to + i] = d * (((byte >> (2 * ((i >> 5) & 3))) & 3) - 1);
  }
};
