import { floatToHalf, halfToFloat, maxLanes, sumLanes, toInteger } from '../math';
import { scalesAt } from './affine-block';

/**
 * A row of floats as row `inGroup` of a group of Q4_0 (four-bit.ts, affine-block.ts): w = d * (q - 8), d such that the value of the greatest
 * magnitude becomes -8, as in ggml's quantiser. Gives back the length of what is lost.
 */
export function outlineRow(x: usize, blocks: i32, group: usize, inGroup: i32): f32 {
  const lane = <usize>(inGroup & 3) * 4;
  let lost = f32x4.splat(0);
  for (let b = 0; b < blocks; ++b) {
    const half = floatToHalf(peakOf(x) / -8.0);
    const d = halfToFloat(half);
    const inverse = f32x4.splat(d != 0 ? <f32>1.0 / d : 0);
    for (let i: usize = 0; i < 4; ++i) {
      const low = quantised(x + i * 16, inverse);
      const high = quantised(x + i * 16 + 64, inverse);
      lost = f32x4.add(lost, f32x4.add(squaredLoss(x + i * 16, low, d), squaredLoss(x + i * 16 + 64, high, d)));
      const nibbles = v128.or(low, i32x4.shl(high, 4));
      const bytes = i8x16.shuffle(nibbles, nibbles, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
      v128.store32_lane(group + (inGroup & 4 ? 64 : 0) + i * 16 + lane, bytes, 0);
    }
    store<u16>(group + lane + (inGroup & 4 ? 2 : 0), half, 128);
    x += 128;
    group += scalesAt(4) + 16;
  }
  return sqrt<f32>(sumLanes(lost));
}

/** The value of the greatest magnitude of 32, with its sign. */
// @ts-expect-error: decorator
@inline
function peakOf(x: usize): f32 {
  let greatest = v128.load(x);
  let least = greatest;
  for (let i: usize = 16; i < 128; i += 16) {
    greatest = f32x4.pmax(greatest, v128.load(x + i));
    least = f32x4.pmin(least, v128.load(x + i));
  }
  const upper = maxLanes(greatest);
  const lower = maxLanes(f32x4.neg(least));
  return upper > lower ? upper : -lower;
}

// @ts-expect-error: decorator
@inline
function quantised(x: usize, inverse: v128): v128 {
  const steps = toInteger(f32x4.nearest(f32x4.mul(v128.load(x), inverse)));
  return i32x4.min_s(i32x4.max_s(i32x4.add(steps, i32x4.splat(8)), i32x4.splat(0)), i32x4.splat(15));
}

// @ts-expect-error: decorator
@inline
function squaredLoss(x: usize, q: v128, d: f32): v128 {
  const held = f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(q, i32x4.splat(8))), f32x4.splat(d));
  const loss = f32x4.sub(v128.load(x), held);
  return f32x4.mul(loss, loss);
}
