import { halfToNumber, numberToHalf, quantiseQ8_0, type RequantisationLoss } from '../backends/blocks/index.ts';

/** Block types a conversion can write. */
export type WrittenType = 'F32' | 'F16' | 'Q8_0' | 'Q4_1';

const Q4_1 = { blockLength: 32, blockBytes: 20 };

/** Writes the values as blocks of `type` to `to`, and measures how far those are from them. */
export function quantise(type: WrittenType, values: Float32Array, to: Uint8Array): RequantisationLoss {
  switch (type) {
    case 'Q8_0':
      return quantiseQ8_0(values, to);
    case 'Q4_1':
      return quantiseQ4_1(values, to);
    case 'F16':
      return roundToHalves(values, to);
    case 'F32': {
      to.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return { errorSquares: 0, squares: sumOfSquares(values) };
    }
  }
}

function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value ** 2;
  return sum;
}

function roundToHalves(values: Float32Array, to: Uint8Array): RequantisationLoss {
  let errorSquares = 0;
  for (let i = 0; i < values.length; i++) {
    const half = numberToHalf(values[i]!);
    to[2 * i] = half & 255;
    to[2 * i + 1] = half >> 8;
    errorSquares += (halfToNumber(half) - values[i]!) ** 2;
  }
  return { errorSquares, squares: sumOfSquares(values) };
}

/** How often step and offset are fitted again to the integers that they gave. */
const FITS = 4;

const quants = new Uint8Array(Q4_1.blockLength);
const best = new Uint8Array(Q4_1.blockLength);

/**
 * Blocks of 32 as integers 0 … 15 times a step, plus an offset, both half floats. Begins with the range of the values,
 * then fits step and offset to the integers by least squares and rounds anew, as long as that brings them nearer.
 */
export function quantiseQ4_1(values: Float32Array, to: Uint8Array): RequantisationLoss {
  let errorSquares = 0;
  for (let start = 0, at = 0; start < values.length; start += Q4_1.blockLength, at += Q4_1.blockBytes) {
    const block = values.subarray(start, start + Q4_1.blockLength);
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of block) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    let [stepHalf, offsetHalf] = [numberToHalf((most - least) / 15), numberToHalf(least)];
    let [bestStep, bestOffset, bestError] = [stepHalf, offsetHalf, Number.POSITIVE_INFINITY];
    for (let fit = 0; fit <= FITS; fit++) {
      const error = roundBlock(block, halfToNumber(stepHalf), halfToNumber(offsetHalf));
      if (error >= bestError) break;
      [bestStep, bestOffset, bestError] = [stepHalf, offsetHalf, error];
      best.set(quants);
      const line = fitLine(block, quants);
      if (line === undefined) break;
      [stepHalf, offsetHalf] = [numberToHalf(line.step), numberToHalf(line.offset)];
    }
    to[at] = bestStep & 255;
    to[at + 1] = bestStep >> 8;
    to[at + 2] = bestOffset & 255;
    to[at + 3] = bestOffset >> 8;
    for (let i = 0; i < 16; i++) to[at + 4 + i] = best[i]! | (best[i + 16]! << 4);
    errorSquares += bestError;
  }
  return { errorSquares, squares: sumOfSquares(values) };
}

/** Rounds the block into `quants`; returns the sum of squared errors. */
function roundBlock(block: Float32Array, step: number, offset: number): number {
  const inverse = step === 0 ? 0 : 1 / step;
  let error = 0;
  for (let i = 0; i < block.length; i++) {
    const value = block[i]!;
    const quant = Math.max(0, Math.min(15, Math.round((value - offset) * inverse)));
    quants[i] = quant;
    error += (quant * step + offset - value) ** 2;
  }
  return error;
}

/** The line through (integer, value) with the least squares; undefined where all integers are one. */
function fitLine(block: Float32Array, integers: Uint8Array): { step: number; offset: number } | undefined {
  let [sumQ, sumQQ, sumV, sumQV] = [0, 0, 0, 0];
  for (let i = 0; i < block.length; i++) {
    const [quant, value] = [integers[i]!, block[i]!];
    sumQ += quant;
    sumQQ += quant * quant;
    sumV += value;
    sumQV += quant * value;
  }
  const spread = block.length * sumQQ - sumQ * sumQ;
  if (spread === 0) return undefined;
  const step = (block.length * sumQV - sumQ * sumV) / spread;
  return { step, offset: (sumV - step * sumQ) / block.length };
}
