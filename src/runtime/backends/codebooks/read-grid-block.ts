import { halfAt, halfToNumber } from '../blocks/index.ts';
import { type Grid, gridOf } from './grids.ts';

/** The types whose quants are entries of a codebook. */
export type CodebookType = 'IQ1_S' | 'IQ1_M' | 'IQ2_XXS' | 'IQ2_XS' | 'IQ2_S' | 'IQ3_XXS' | 'IQ3_S';

/** A super-block of 256 values: value i is `unit` × `scales[i >> 4]` × `quants[i]`. */
export interface GridBlock {
  readonly quants: Int8Array;
  /** Odd, 1 to 31, one of 16 values each. */
  readonly scales: Uint8Array;
  unit: number;
}

/** Reads the super-block that begins at a byte. Layouts as ggml-common.h of llama.cpp defines them. */
export type ReadGridBlock = (bytes: Uint8Array, at: number, block: GridBlock) => void;

/** The sign bits of eight values: seven are stored, and their number is made even by the eighth. */
const SIGNS = Uint8Array.from({ length: 128 }, (_, seven) => {
  let parity = 0;
  for (let bits = seven; bits !== 0; bits >>= 1) parity ^= bits & 1;
  return seven | (parity << 7);
});

const shortAt = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8);
const wordAt = (bytes: Uint8Array, at: number) => (shortAt(bytes, at) | (shortAt(bytes, at + 2) << 16)) >>> 0;
const nibbleAt = (bytes: Uint8Array, at: number, index: number) =>
  (bytes[at + (index >> 1)]! >> (4 * (index & 1))) & 15;

/** Entry `index` to the values from `to` on; bit i of `signs` makes the i-th of them negative. */
function place({ size, values }: Grid, index: number, signs: number, quants: Int8Array, to: number): void {
  const from = index * size;
  for (let i = 0; i < size; i++) {
    const value = values[from + i]!;
    quants[to + i] = (signs >> i) & 1 ? -value : value;
  }
}

/** 8 runs of 32: four entries in a word, then four times seven signs and a scale of four bits in another. */
const readIq2Xxs: ReadGridBlock = (bytes, at, { quants, scales }) => {
  const grid = gridOf('IQ2_XXS');
  for (let run = 0; run < 8; run++) {
    const from = at + 2 + 8 * run;
    const word = wordAt(bytes, from + 4);
    scales.fill(1 + 2 * (word >>> 28), 2 * run, 2 * run + 2);
    for (let j = 0; j < 4; j++) {
      place(grid, bytes[from + j]!, SIGNS[(word >>> (7 * j)) & 127]!, quants, 32 * run + 8 * j);
    }
  }
};

/** 32 entries of nine bits with seven signs each, then 16 scales of four bits. */
const readIq2Xs: ReadGridBlock = (bytes, at, { quants, scales }) => {
  const grid = gridOf('IQ2_XS');
  for (let s = 0; s < 16; s++) scales[s] = 1 + 2 * nibbleAt(bytes, at + 66, s);
  for (let j = 0; j < 32; j++) {
    const short = shortAt(bytes, at + 2 + 2 * j);
    place(grid, short & 511, SIGNS[short >> 9]!, quants, 8 * j);
  }
};

/** The low bytes of 32 entries, 32 bytes of signs, the upper two bits of the entries, then 16 scales of four bits. */
const readIq2S: ReadGridBlock = (bytes, at, { quants, scales }) => {
  const grid = gridOf('IQ2_S');
  for (let s = 0; s < 16; s++) scales[s] = 1 + 2 * nibbleAt(bytes, at + 74, s);
  for (let j = 0; j < 32; j++) {
    const high = (bytes[at + 66 + (j >> 2)]! >> (2 * (j & 3))) & 3;
    place(grid, bytes[at + 2 + j]! | (high << 8), bytes[at + 34 + j]!, quants, 8 * j);
  }
};

/** 64 entries of four, then for each run of 32 four times seven signs and a scale of four bits in a word. */
const readIq3Xxs: ReadGridBlock = (bytes, at, { quants, scales }) => {
  const grid = gridOf('IQ3_XXS');
  for (let run = 0; run < 8; run++) {
    const word = wordAt(bytes, at + 66 + 4 * run);
    scales.fill(1 + 2 * (word >>> 28), 2 * run, 2 * run + 2);
    for (let j = 0; j < 8; j++) {
      const signs = SIGNS[(word >>> (7 * (j >> 1))) & 127]! >> (4 * (j & 1));
      place(grid, bytes[at + 2 + 8 * run + j]!, signs, quants, 32 * run + 4 * j);
    }
  }
};

/** The low bytes of 64 entries, their ninth bits, 32 bytes of signs, then 8 scales of four bits. */
const readIq3S: ReadGridBlock = (bytes, at, { quants, scales }) => {
  const grid = gridOf('IQ3_S');
  for (let s = 0; s < 16; s++) scales[s] = 1 + 2 * nibbleAt(bytes, at + 106, s >> 1);
  for (let j = 0; j < 64; j++) {
    const ninth = (bytes[at + 66 + (j >> 3)]! >> (j & 7)) & 1;
    const signs = bytes[at + 74 + (j >> 1)]! >> (4 * (j & 1));
    place(grid, bytes[at + 2 + j]! | (ninth << 8), signs, quants, 4 * j);
  }
};

/** Adds an eighth to eight values, or takes it away; quants are eighths. */
function shift(quants: Int8Array, from: number, isDown: boolean): void {
  for (let i = from; i < from + 8; i++) quants[i]! += isDown ? -1 : 1;
}

/** The low bytes of 32 entries; for each run of 32 their upper three bits, a scale of three bits and the shift's sign. */
const readIq1S: ReadGridBlock = (bytes, at, { quants, scales }) => {
  const grid = gridOf('IQ1_S');
  for (let run = 0; run < 8; run++) {
    const high = shortAt(bytes, at + 34 + 2 * run);
    scales.fill(1 + 2 * ((high >> 12) & 7), 2 * run, 2 * run + 2);
    for (let j = 0; j < 4; j++) {
      const to = 32 * run + 8 * j;
      place(grid, bytes[at + 4 * run + j + 2]! | (((high >> (3 * j)) & 7) << 8), 0, quants, to);
      shift(quants, to, high >> 15 === 1);
    }
  }
};

/** The low bytes of 32 entries; upper three bits and the shift's sign of each; 16 scales of three bits. */
const readIq1M: ReadGridBlock = (bytes, at, { quants, scales }) => {
  const grid = gridOf('IQ1_S');
  for (let s = 0; s < 16; s++) scales[s] = 1 + 2 * ((shortAt(bytes, at + 48 + 2 * (s >> 2)) >> (3 * (s & 3))) & 7);
  for (let j = 0; j < 32; j++) {
    const high = nibbleAt(bytes, at + 32, j);
    place(grid, bytes[at + j]! | ((high & 7) << 8), 0, quants, 8 * j);
    shift(quants, 8 * j, (high & 8) !== 0);
  }
};

/** The half float that a quarter of stands in the upper four bits of each of four words. */
const scatteredHalf = (bytes: Uint8Array, at: number) =>
  halfToNumber([0, 1, 2, 3].reduce((bits, i) => bits | ((bytes[at + 49 + 2 * i]! >> 4) << (4 * i)), 0));

const withUnit =
  (read: ReadGridBlock, unitOf: (bytes: Uint8Array, at: number) => number): ReadGridBlock =>
  (bytes, at, block) => {
    read(bytes, at, block);
    block.unit = unitOf(bytes, at);
  };

/** How a super-block of each type is read. */
export const GRID_READERS: Readonly<Record<CodebookType, ReadGridBlock>> = {
  IQ1_S: withUnit(readIq1S, (bytes, at) => halfAt(bytes, at) / 8),
  IQ1_M: withUnit(readIq1M, (bytes, at) => scatteredHalf(bytes, at) / 8),
  IQ2_XXS: withUnit(readIq2Xxs, (bytes, at) => halfAt(bytes, at) / 8),
  IQ2_XS: withUnit(readIq2Xs, (bytes, at) => halfAt(bytes, at) / 8),
  IQ2_S: withUnit(readIq2S, (bytes, at) => halfAt(bytes, at) / 8),
  IQ3_XXS: withUnit(readIq3Xxs, (bytes, at) => halfAt(bytes, at) / 4),
  IQ3_S: withUnit(readIq3S, (bytes, at) => halfAt(bytes, at)),
};
