/**
 * Block types whose quants and scales the file mixes, taken apart. Source of the layouts: ggml-common.h and ggml-quants.c of
 * llama.cpp.
 */

/** One super-block of 256 values, as 8 blocks of 32. */
export interface SuperBlock {
  /** 256 unsigned quants in order. */
  readonly quants: Uint8Array;
  /** Five words: two f16 (d and dmin, or d alone), then 16 bytes of scales. */
  readonly scales: Uint8Array;
}

/** Reads the super-block at `at` into `to`. */
export type ReadSuperBlock = (bytes: Uint8Array, at: number, to: SuperBlock) => void;

/** The eight 6-bit scales and minima of Q4_K and Q5_K, as pairs of bytes. */
function readScales(bytes: Uint8Array, at: number, to: SuperBlock): void {
  const { scales } = to;
  for (let i = 0; i < 4; i++) scales[i] = bytes[at + i]!;
  const packed = at + 4;
  for (let i = 0; i < 4; i++) {
    scales[4 + 2 * i] = bytes[packed + i]! & 63;
    scales[5 + 2 * i] = bytes[packed + 4 + i]! & 63;
    const low = bytes[packed + 8 + i]!;
    scales[12 + 2 * i] = (low & 15) | ((bytes[packed + i]! >> 6) << 4);
    scales[13 + 2 * i] = (low >> 4) | ((bytes[packed + 4 + i]! >> 6) << 4);
  }
}

function readNibbles(bytes: Uint8Array, at: number, { quants }: SuperBlock): void {
  for (let chunk = 0; chunk < 4; chunk++) {
    for (let i = 0; i < 32; i++) {
      const byte = bytes[at + 32 * chunk + i]!;
      quants[64 * chunk + i] = byte & 15;
      quants[64 * chunk + 32 + i] = byte >> 4;
    }
  }
}

export const readQ4K: ReadSuperBlock = (bytes, at, to) => {
  readScales(bytes, at, to);
  readNibbles(bytes, at + 16, to);
};

export const readQ5K: ReadSuperBlock = (bytes, at, to) => {
  readScales(bytes, at, to);
  readNibbles(bytes, at + 48, to);
  for (let i = 0; i < 32; i++) {
    const high = bytes[at + 16 + i]!;
    for (let block = 0; block < 8; block++) to.quants[32 * block + i]! |= ((high >> block) & 1) << 4;
  }
};

export const readQ6K: ReadSuperBlock = (bytes, at, { quants, scales }) => {
  for (let half = 0; half < 2; half++) {
    for (let i = 0; i < 32; i++) {
      const first = bytes[at + 64 * half + i]!;
      const second = bytes[at + 64 * half + 32 + i]!;
      const high = bytes[at + 128 + 32 * half + i]!;
      const to = 128 * half + i;
      quants[to] = (first & 15) | ((high & 3) << 4);
      quants[to + 32] = (second & 15) | (((high >> 2) & 3) << 4);
      quants[to + 64] = (first >> 4) | (((high >> 4) & 3) << 4);
      quants[to + 96] = (second >> 4) | ((high >> 6) << 4);
    }
  }
  scales[0] = bytes[at + 208]!;
  scales[1] = bytes[at + 209]!;
  for (let i = 0; i < 16; i++) scales[4 + i] = bytes[at + 192 + i]!;
};

/** Two bits each of values j, j + 32, j + 64 and j + 96 of a half. */
function readPairs(bytes: Uint8Array, at: number, { quants }: SuperBlock): void {
  for (let i = 0; i < 256; i++) quants[i] = (bytes[at + (i >> 7) * 32 + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;
}

export const readQ2K: ReadSuperBlock = (bytes, at, to) => {
  to.scales.set(bytes.subarray(at + 80, at + 84));
  // A scale and a minimum share a byte, for 16 values.
  to.scales.set(bytes.subarray(at, at + 16), 4);
  readPairs(bytes, at + 16, to);
};

/** Quants counted from 0, so that 4 is the middle; scales as signed bytes. */
export const readQ3K: ReadSuperBlock = (bytes, at, to) => {
  const { quants, scales } = to;
  readPairs(bytes, at + 32, to);
  for (let i = 0; i < 256; i++) quants[i]! |= ((bytes[at + (i & 31)]! >> (i >> 5)) & 1) << 2;
  scales[0] = bytes[at + 108]!;
  scales[1] = bytes[at + 109]!;
  for (let s = 0; s < 16; s++) {
    const low = (bytes[at + 96 + (s & 7)]! >> (4 * (s >> 3))) & 15;
    const high = (bytes[at + 104 + (s & 3)]! >> (2 * (s >> 2))) & 3;
    scales[4 + s] = (low | (high << 4)) - 32;
  }
};
