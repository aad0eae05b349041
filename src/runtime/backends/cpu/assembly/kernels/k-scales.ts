import { floatToHalf, halfToFloat } from '../math';

/** Six-bit scales and minima of Q4_K and Q5_K, packed in 12 bytes behind d and dmin (source: get_scale_min_k4 of llama.cpp). */

/** d * scale of sub-block s (0-7) of the super-block at `block`, as a half float. */
export function subScale(block: usize, s: i32): u16 {
  const at = block + 4 + s;
  const scale = s < 4 ? <u32>load<u8>(at) & 63 : (<u32>load<u8>(at, 4) & 15) | ((<u32>load<u8>(at - 4) >> 6) << 4);
  return floatToHalf(halfToFloat(load<u16>(block)) * <f32>scale);
}

/** -dmin * minimum of sub-block s, as a half float. */
export function subMinimum(block: usize, s: i32): u16 {
  const at = block + 4 + s;
  const minimum = s < 4 ? <u32>load<u8>(at, 4) & 63 : (<u32>load<u8>(at, 4) >> 4) | ((<u32>load<u8>(at) >> 6) << 4);
  return floatToHalf(-halfToFloat(load<u16>(block, 2)) * <f32>minimum);
}
