import { halfToFloat } from '../math';
import { blockBytes, halfGroup, middle, scalesAt } from './affine-block';
import { wordOf } from './unpack';

/** One row as f32, for the embedding table; see affine-block.ts. */
// @ts-expect-error: decorator
@inline
export function rowAffine(
  bits: i32,
  hasMinimum: bool,
  data: usize,
  stride: usize,
  blocks: i32,
  index: i32,
  out: usize,
): void {
  const isHigh = (index & 4) != 0;
  let source = data + <usize>(index >> 3) * stride;
  for (let b = 0; b < blocks; ++b) {
    const scales = source + scalesAt(bits) + <usize>(index & 3) * 4 + (isHigh ? 2 : 0);
    const d = halfToFloat(load<u16>(scales));
    const m: f32 = hasMinimum ? halfToFloat(load<u16>(scales, 16)) : -middle(bits) * d;
    for (let word = 0; word < 8; ++word) {
      let quants = wordOf(bits, source + (isHigh ? halfGroup(bits) : 0), index & 3, word);
      for (let i = 0; i < 4; ++i) {
        store<f32>(out, <f32>(quants & 255) * d + m);
        quants >>= 8;
        out += 4;
      }
    }
    source += blockBytes(bits, hasMinimum);
  }
}
