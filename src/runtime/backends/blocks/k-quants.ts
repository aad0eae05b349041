import type { BlockReader } from './block-reader.ts';
import { halfAt } from './half.ts';

/**
 * The K-quants: super-blocks of 256 values, whose sub-blocks of 16 or 32 have small integer scales (and minima) on top of
 * one half float each. Layouts as ggml-common.h of llama.cpp defines them.
 */

/** 16 sub-blocks of 16: w = d * scale * q - dmin * minimum; both are nibbles of one byte. */
export const readQ2_K: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at + 80);
  const dmin = halfAt(bytes, at + 82);
  for (let i = 0; i < 256; i++) {
    const scale = bytes[at + (i >> 4)]!;
    // 32 bytes hold 128 values: two bits each of values j, j + 32, j + 64 and j + 96.
    const byte = bytes[at + 16 + (i >> 7) * 32 + (i & 31)]!;
    out[to + i] = d * (scale & 15) * ((byte >> (2 * ((i >> 5) & 3))) & 3) - dmin * (scale >> 4);
  }
};

/** 16 sub-blocks of 16: w = d * (scale - 32) * (q - 4); the third bit of q stands in a mask of its own. */
export const readQ3_K: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at + 108);
  for (let i = 0; i < 256; i++) {
    const s = i >> 4;
    const low = (bytes[at + 96 + (s & 7)]! >> (4 * (s >> 3))) & 15;
    const high = (bytes[at + 104 + (s & 3)]! >> (2 * (s >> 2))) & 3;
    const byte = bytes[at + 32 + (i >> 7) * 32 + (i & 31)]!;
    const q = (byte >> (2 * ((i >> 5) & 3))) & 3;
    const third = (bytes[at + (i & 31)]! >> (i >> 5)) & 1;
    out[to + i] = d * ((low | (high << 4)) - 32) * (q - (third ? 0 : 4));
  }
};

/** Six-bit scale and minimum of sub-block s (0-7), packed in the 12 bytes at `at`. */
function scaleOf(bytes: Uint8Array, at: number, s: number): number {
  return s < 4 ? bytes[at + s]! & 63 : (bytes[at + s + 4]! & 15) | ((bytes[at + s - 4]! >> 6) << 4);
}
function minimumOf(bytes: Uint8Array, at: number, s: number): number {
  return s < 4 ? bytes[at + s + 4]! & 63 : (bytes[at + s + 4]! >> 4) | ((bytes[at + s]! >> 6) << 4);
}

/** 8 sub-blocks of 32: w = d * scale * q - dmin * minimum. */
export const readQ4_K: BlockReader = (bytes, at, out, to) => {
  for (let s = 0; s < 8; s++) {
    const d = halfAt(bytes, at) * scaleOf(bytes, at + 4, s);
    const m = halfAt(bytes, at + 2) * minimumOf(bytes, at + 4, s);
    const quants = at + 16 + (s >> 1) * 32;
    for (let j = 0; j < 32; j++) out[to + s * 32 + j] = d * ((bytes[quants + j]! >> (4 * (s & 1))) & 15) - m;
  }
};

/** As Q4_K, with a fifth bit: bit s of byte j belongs to value j of sub-block s. */
export const readQ5_K: BlockReader = (bytes, at, out, to) => {
  for (let s = 0; s < 8; s++) {
    const d = halfAt(bytes, at) * scaleOf(bytes, at + 4, s);
    const m = halfAt(bytes, at + 2) * minimumOf(bytes, at + 4, s);
    const quants = at + 48 + (s >> 1) * 32;
    for (let j = 0; j < 32; j++) {
      const fifth = ((bytes[at + 16 + j]! >> s) & 1) << 4;
      out[to + s * 32 + j] = d * (((bytes[quants + j]! >> (4 * (s & 1))) & 15) | fifth) - m;
    }
  }
};

/** 16 sub-blocks of 16: w = d * scale * (q - 32), int8 scales; q is a nibble and two bits of another byte. */
export const readQ6_K: BlockReader = (bytes, at, out, to) => {
  const d = halfAt(bytes, at + 208);
  for (let i = 0; i < 256; i++) {
    const half = i >> 7;
    const part = (i >> 5) & 3;
    const low = (bytes[at + half * 64 + (part & 1) * 32 + (i & 31)]! >> (4 * (part >> 1))) & 15;
    const high = (bytes[at + 128 + half * 32 + (i & 31)]! >> (2 * part)) & 3;
    const scale = (bytes[at + 192 + (i >> 4)]! << 24) >> 24;
    out[to + i] = d * scale * ((low | (high << 4)) - 32);
  }
};
