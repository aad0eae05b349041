import { LAYER_ACTIVATION, LAYER_CUTOFF, LAYER_FEED_FORWARD, SCRATCH_ROWS } from '../plan-fields';
import { activateTimes } from './kernels/elementwise';
import { sumLanes } from './math';
import { scratch } from './own-scratch';

/**
 * ups = activation(max(0, gates - mean - cutoff * deviation)) * ups, of one token, from byte `first` to `end` of its values. All of
 * its gates must stand there.
 */
export function activateSparse(layer: usize, gates: usize, ups: usize, first: usize, end: usize, thread: i32): void {
  const size = load<i32>(layer + LAYER_FEED_FORWARD);
  const bytes = <usize>size * 4;
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) sum = f32x4.add(sum, v128.load(gates + i));
  const mean = sumLanes(sum) / <f32>size;
  const means = f32x4.splat(mean);
  let squares = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const apart = f32x4.sub(v128.load(gates + i), means);
    squares = f32x4.add(squares, f32x4.mul(apart, apart));
  }
  const deviation = sqrt<f32>(sumLanes(squares) / <f32>(size - 1));
  const least = f32x4.splat(mean + load<f32>(layer + LAYER_CUTOFF) * deviation);
  const activation = load<i32>(layer + LAYER_ACTIVATION);
  // Others may still read the gates.
  const kept = scratch(thread, SCRATCH_ROWS);
  for (let i = first; i < end; i += 32) {
    for (let half: usize = 0; half < 32; half += 16) {
      const above = f32x4.sub(v128.load(gates + i + half), least);
      v128.store(kept + half, f32x4.pmax(f32x4.splat(0), above));
    }
    activateTimes(activation, kept, ups + i, ups + i);
  }
}
