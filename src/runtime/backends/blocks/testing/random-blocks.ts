import { ggmlTypeByName } from '../../../../formats/gguf/index.ts';
import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';
import { dequantise, numberToHalf } from '../index.ts';

/** Where a block's half floats stand, each with what it is as a multiple of the first: minima that centre the values. */
const SCALES: Readonly<Partial<Record<GgmlTypeName, readonly (readonly [offset: number, factor: number])[]>>> = {
  Q4_0: [[0, 1]],
  Q4_1: [
    [0, 1],
    [2, -7.5],
  ],
  Q5_0: [[0, 1]],
  Q5_1: [
    [0, 1],
    [2, -15.5],
  ],
  Q8_0: [[0, 1]],
  Q2_K: [
    [80, 1],
    [82, 1.5],
  ],
  Q3_K: [[108, 1]],
  Q4_K: [
    [0, 1],
    [2, 7.5],
  ],
  Q5_K: [
    [0, 1],
    [2, 15.5],
  ],
  Q6_K: [[208, 1]],
  IQ4_NL: [[0, 1]],
  IQ4_XS: [[0, 1]],
  Q1_0: [[0, 1]],
  TQ1_0: [[52, 1]],
  TQ2_0: [[64, 1]],
};

/** A small generator (mulberry32) of bytes, so that every run sees the same. */
export function randomBytes(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 8) & 255;
  };
}

/** Blocks of `length` values with every bit pattern of quants and small scales; the values' root mean square is about `size`. */
export function randomBlocks(type: GgmlTypeName, length: number, size: number, next: () => number): Uint8Array {
  return makeBlocks(type, length, size, next, () => 0.5 + next() / 256);
}

/** The same with scales and minima of both signs and of sizes up to `size`, down to a five-hundredth of it. */
export function wildBlocks(type: GgmlTypeName, length: number, size: number, next: () => number): Uint8Array {
  return makeBlocks(
    type,
    length,
    size,
    next,
    () => (next() & 1 ? -1 : 1) * (1 + next() / 256) * 2 ** -(1 + (next() & 7)),
  );
}

function makeBlocks(
  type: GgmlTypeName,
  length: number,
  size: number,
  next: () => number,
  scale: () => number,
): Uint8Array {
  const { blockLength, blockBytes } = ggmlTypeByName(type);
  const bytes = new Uint8Array((length / blockLength) * blockBytes);
  for (let i = 0; i < bytes.length; i++) bytes[i] = next();
  const view = new DataView(bytes.buffer);
  if (type === 'F32' || type === 'F16' || type === 'BF16')
    writeFloats(type, view, () => ((next() - 127.5) / 74) * size);
  if (type === 'MXFP4') {
    // e = 127 is a factor of 1/2, and the values' own root mean square is about 6.
    const e = Math.round(Math.log2(size / 6)) + 128;
    for (let at = 0; at < bytes.length; at += blockBytes) bytes[at] = e + Math.ceil(Math.log2(Math.abs(scale())));
  }
  // Three of the four patterns stand for a value.
  if (type === 'TQ2_0') for (let i = 0; i < bytes.length; i++) bytes[i]! &= ~((bytes[i]! >> 1) & bytes[i]! & 0x55);
  const scales = SCALES[type];
  if (scales === undefined) return bytes;
  setScales(view, blockBytes, scales, () => 1);
  const values = dequantise(type, bytes.subarray(0, Math.min(bytes.length, 16 * blockBytes)));
  const raw = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  setScales(view, blockBytes, scales, () => (scale() * size) / raw);
  return bytes;
}

function writeFloats(type: 'F32' | 'F16' | 'BF16', view: DataView, next: () => number): void {
  const word = new DataView(new ArrayBuffer(4));
  const width = type === 'F32' ? 4 : 2;
  for (let at = 0; at < view.byteLength; at += width) {
    word.setFloat32(0, next());
    if (type === 'F32') view.setFloat32(at, word.getFloat32(0), true);
    else view.setUint16(at, type === 'F16' ? numberToHalf(word.getFloat32(0)) : word.getUint16(0), true);
  }
}

function setScales(
  view: DataView,
  blockBytes: number,
  scales: readonly (readonly [offset: number, factor: number])[],
  next: () => number,
): void {
  for (let at = 0; at < view.byteLength; at += blockBytes) {
    const d = next();
    for (const [offset, factor] of scales) view.setUint16(at + offset, numberToHalf(d * factor), true);
  }
}
