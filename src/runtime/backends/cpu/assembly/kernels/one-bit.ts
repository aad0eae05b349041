import { floatToHalf, halfToFloat } from '../math';
import { blockBytes, halfGroup, scalesAt } from './affine-block';
import { pack } from './unpack';

/** The four bits of a word, one in each byte. */
// @ts-expect-error: decorator
@inline
function spread(bits: u32): u32 {
  return ((bits & 15) * 0x00204081) & 0x01010101;
}

/** Q1_0: d and 128 signs, lowest bit first, into four blocks of a group with 2d each; see affine-block.ts. */
export function repackQ1_0(from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  for (let row = 0; row < rows; ++row) {
    const isHigh = (row & 4) != 0;
    let source = from + <usize>row * <usize>(blocks >> 2) * 18;
    let target = to + <usize>(row >> 3) * stride;
    for (let b = 0; b < blocks; b += 4) {
      const d = floatToHalf(halfToFloat(load<u16>(source)) * 2);
      for (let i = 0; i < 4; ++i) {
        store<u16>(target + scalesAt(1) + <usize>(row & 3) * 4 + (isHigh ? 2 : 0), d);
        const signs = load<u32>(source + <usize>i * 4, 2);
        for (let word = 0; word < 8; ++word) {
          pack(1, target + (isHigh ? halfGroup(1) : 0), row & 3, word, spread(signs >> (word * 4)));
        }
        target += blockBytes(1, false);
      }
      source += 18;
    }
  }
}
