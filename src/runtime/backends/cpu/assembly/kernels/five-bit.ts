import { blockBytes, halfGroup, scalesAt } from './affine-block';
import { subMinimum, subScale } from './k-scales';
import { pack } from './unpack';

/**
 * Q5_1, Q5_0 and Q5_K from the file into groups; see affine-block.ts. In the file the fifth bits of 32 values lie apart
 * from their nibbles.
 */

/** Four bits as the fifth bits of the four bytes of a word. */
// @ts-expect-error: decorator
@inline
function spread(bits: u32): u32 {
  return (((bits & 15) * 0x00204081) & 0x01010101) << 4;
}

// @ts-expect-error: decorator
@inline
export function repackFiveBit(hasMinimum: bool, from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  const head: usize = hasMinimum ? 4 : 2;
  const fileBytes = head + 20;
  for (let row = 0; row < rows; ++row) {
    const isHigh = (row & 4) != 0;
    let source = from + <usize>row * <usize>blocks * fileBytes;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; ++b) {
      const scales = target + scalesAt(5) + <usize>(row & 3) * 4 + (isHigh ? 2 : 0);
      store<u16>(scales, load<u16>(source));
      if (hasMinimum) store<u16>(scales, load<u16>(source, 2), 16);
      const fifths = load<u32>(source + head);
      for (let word = 0; word < 8; ++word) {
        const packed = load<u32>(source + head + 4 + <usize>(word & 3) * 4);
        const low = (word < 4 ? packed : packed >> 4) & 0x0f0f0f0f;
        pack(5, target + (isHigh ? halfGroup(5) : 0), row & 3, word, low | spread(fifths >> (word * 4)));
      }
      source += fileBytes;
      target += blockBytes(5, hasMinimum);
    }
  }
}

/** Q5_K as Q5_1, as Q4_K becomes Q4_1 (see four-bit.ts). */
export function repackQ5_K(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    const isHigh = (row & 4) != 0;
    let source = from + <usize>row * <usize>(blocks >> 3) * 176;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; b += 8) {
      for (let s = 0; s < 8; ++s) {
        const scales = target + scalesAt(5) + <usize>(row & 3) * 4 + (isHigh ? 2 : 0);
        store<u16>(scales, subScale(source, s));
        store<u16>(scales, subMinimum(source, s), 16);
        for (let word = 0; word < 8; ++word) {
          const low = load<u32>(source + 48 + <usize>(s >> 1) * 32 + <usize>word * 4) >> (4 * (s & 1));
          const fifth = (load<u32>(source + 16 + <usize>word * 4) >> s) & 0x01010101;
          const quants = (low & 0x0f0f0f0f) | (fifth << 4);
          pack(5, target + (isHigh ? halfGroup(5) : 0), row & 3, word, quants);
        }
        target += blockBytes(5, true);
      }
      source += 176;
    }
  }
}
