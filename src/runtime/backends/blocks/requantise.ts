import { halfToNumber, numberToHalf } from './half.ts';

const BLOCK_LENGTH = 32;
const BLOCK_BYTES = 34;

/** How far requantised values are from those they stand for. */
export interface RequantisationLoss {
  /** Σ (new - old)² */
  readonly errorSquares: number;
  /** Σ old² */
  readonly squares: number;
}

/** Writes Q8_0 blocks of the values (whole blocks of 32) to `to`, 34 bytes each. */
export function quantiseQ8_0(values: Float32Array, to: Uint8Array): RequantisationLoss {
  let errorSquares = 0;
  let squares = 0;
  for (let start = 0, at = 0; start < values.length; start += BLOCK_LENGTH, at += BLOCK_BYTES) {
    let peak = 0;
    for (let i = start; i < start + BLOCK_LENGTH; i++) peak = Math.max(peak, Math.abs(values[i]!));
    const half = numberToHalf(peak / 127);
    // The step that will be read back, which the half float has rounded.
    const step = halfToNumber(half);
    to[at] = half & 255;
    to[at + 1] = half >> 8;
    for (let i = 0; i < BLOCK_LENGTH; i++) {
      const value = values[start + i]!;
      const quant = step === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(value / step)));
      to[at + 2 + i] = quant;
      errorSquares += (quant * step - value) ** 2;
      squares += value ** 2;
    }
  }
  return { errorSquares, squares };
}
