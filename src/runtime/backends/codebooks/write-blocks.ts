import { halfToNumber, numberToHalf, quantiseQ8_0, type RequantisationLoss } from '../blocks/index.ts';
import type { GridBlock } from './read-grid-block.ts';

/** Writes a super-block's values as blocks of a type that engines hold, from byte `to` on, and says how far they are off. */
export type WriteBlocks = (block: GridBlock, bytes: Uint8Array, to: number) => RequantisationLoss;

function writeHalf(value: number, bytes: Uint8Array, at: number): number {
  const half = numberToHalf(value);
  bytes[at] = half & 255;
  bytes[at + 1] = half >> 8;
  return halfToNumber(half);
}

const values = new Float32Array(32);

/** Whole numbers below 128 with one scale for 32 are what Q8_0 is; where two scales share a block, it is requantised. */
export const writeQ8_0: WriteBlocks = ({ quants, scales, unit }, bytes, to) => {
  let errorSquares = 0;
  let squares = 0;
  for (let run = 0; run < 8; run++) {
    const at = to + 34 * run;
    const scale = unit * scales[2 * run]!;
    if (scales[2 * run] !== scales[2 * run + 1]) {
      for (let i = 0; i < 32; i++) values[i] = unit * scales[2 * run + (i >> 4)]! * quants[32 * run + i]!;
      const loss = quantiseQ8_0(values, bytes.subarray(at, at + 34));
      errorSquares += loss.errorSquares;
      squares += loss.squares;
      continue;
    }
    const error = writeHalf(scale, bytes, at) - scale;
    let sum = 0;
    for (let i = 0; i < 32; i++) {
      const quant = quants[32 * run + i]!;
      bytes[at + 2 + i] = quant;
      sum += quant * quant;
    }
    errorSquares += error * error * sum;
    squares += scale * scale * sum;
  }
  return { errorSquares, squares };
};

/** Odd numbers from -15 to 15 with one scale for 32, as nibbles: 2q - 15. */
export const writeQ4_1: WriteBlocks = ({ quants, scales, unit }, bytes, to) => {
  let errorSquares = 0;
  let squares = 0;
  for (let run = 0; run < 8; run++) {
    const at = to + 20 * run;
    const scale = unit * scales[2 * run]!;
    const step = writeHalf(2 * scale, bytes, at);
    const minimum = writeHalf(-15 * scale, bytes, at + 2);
    const nibbleOf = (i: number) => {
      const quant = quants[32 * run + i]!;
      const nibble = (quant + 15) >> 1;
      errorSquares += (step * nibble + minimum - scale * quant) ** 2;
      squares += (scale * quant) ** 2;
      return nibble;
    };
    for (let i = 0; i < 16; i++) bytes[at + 4 + i] = nibbleOf(i) | (nibbleOf(i + 16) << 4);
  }
  return { errorSquares, squares };
};

/** Whole numbers from -32 to 31, of which each stands for `every` units, with a scale for 16: nothing is lost. */
export const writeQ6_K =
  (every: number): WriteBlocks =>
  ({ quants, scales, unit }, bytes, to) => {
    let sum = 0;
    bytes.fill(0, to, to + 192);
    for (let i = 0; i < 256; i++) {
      const quant = quants[i]! / every + 32;
      const half = i >> 7;
      const part = (i >> 5) & 3;
      bytes[to + half * 64 + (part & 1) * 32 + (i & 31)]! |= (quant & 15) << (4 * (part >> 1));
      bytes[to + 128 + half * 32 + (i & 31)]! |= (quant >> 4) << (2 * part);
      sum += (scales[i >> 4]! * quants[i]!) ** 2;
    }
    bytes.set(scales, to + 192);
    const error = writeHalf(unit * every, bytes, to + 208) / every - unit;
    return { errorSquares: error * error * sum, squares: unit * unit * sum };
  };
