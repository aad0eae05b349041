import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';
import { dequantise, halfToNumber, numberToHalf } from '../../blocks/index.ts';

/**
 * Block types whose values are whole multiples of one half float a block: they are another, plainer type's blocks in a
 * tighter coat, and are held as those without any loss. Layouts as ggml-common.h of llama.cpp defines them.
 */

/** A row of one type's blocks as the same values in blocks of another type. */
export type RewriteRow = (bytes: Uint8Array) => Uint8Array;

/** Thirds, as nibbles counted from 8. */
const thirds =
  (type: GgmlTypeName, blockBytes: number, scaleAt: number): RewriteRow =>
  (bytes) =>
    rewrite(type, bytes, 18, (block) => {
      const at = Math.floor(block / 8) * blockBytes + scaleAt;
      return bytes[at]! | (bytes[at + 1]! << 8);
    });

/** What each type becomes: Q4_0 or Q8_0, whichever holds its multiples. */
export const REWRITES: ReadonlyMap<GgmlTypeName, RewriteRow> = new Map<GgmlTypeName, RewriteRow>([
  ['TQ1_0', thirds('TQ1_0', 54, 52)],
  ['TQ2_0', thirds('TQ2_0', 66, 64)],
  ['IQ4_NL', (bytes) => rewrite('IQ4_NL', bytes, 34, (block) => bytes[18 * block]! | (bytes[18 * block + 1]! << 8))],
  // A power of two; below 2^-24, where no half float is, weights are nothing.
  ['MXFP4', (bytes) => rewrite('MXFP4', bytes, 34, (block) => numberToHalf(2 ** (bytes[17 * block]! - 128)))],
]);

/** Blocks of 32 in `blockBytes` bytes (18: nibbles, 34: bytes), each with the half float that `scaleOf` gives. */
function rewrite(
  type: GgmlTypeName,
  bytes: Uint8Array,
  blockBytes: 18 | 34,
  scaleOf: (block: number) => number,
): Uint8Array {
  const values = dequantise(type, bytes);
  const result = new Uint8Array((values.length / 32) * blockBytes);
  for (let block = 0; block < values.length / 32; block++) {
    const at = block * blockBytes;
    const half = scaleOf(block);
    const scale = halfToNumber(half);
    result[at] = half & 255;
    result[at + 1] = half >> 8;
    const quantOf = (i: number) => (scale === 0 ? 0 : Math.round(values[32 * block + i]! / scale));
    for (let i = 0; i < blockBytes - 2; i++) {
      result[at + 2 + i] = blockBytes === 34 ? quantOf(i) : (quantOf(i) + 8) | ((quantOf(i + 16) + 8) << 4);
    }
  }
  return result;
}
