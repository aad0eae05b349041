import { GRID_TABLES } from './grid-tables.ts';

/** A codebook: `size` whole numbers an entry, one entry behind the other. */
export interface Grid {
  readonly size: 4 | 8;
  readonly values: Int8Array;
}

type GridName = keyof typeof GRID_TABLES;

/** What the packed digits of each codebook stand for. */
const DIGITS: Readonly<Record<GridName, readonly number[]>> = {
  IQ2_XXS: [8, 25, 43],
  IQ2_XS: [8, 25, 43],
  IQ2_S: [8, 25, 43],
  IQ3_XXS: [4, 12, 20, 28, 36, 44, 52, 62],
  IQ3_S: [1, 3, 5, 7, 9, 11, 13, 15],
  // Eights, so that the eighth by which a whole run is shifted is a whole number too.
  IQ1_S: [-8, 0, 8],
};

const unpacked = new Map<GridName, Grid>();

/** A codebook, unpacked when it is first asked for. */
export function gridOf(name: GridName): Grid {
  const known = unpacked.get(name);
  if (known !== undefined) return known;
  const digits = DIGITS[name];
  const packed = atob(GRID_TABLES[name]);
  const [bits, size] = digits.length === 3 ? ([2, 8] as const) : ([4, 4] as const);
  const each = 8 / bits;
  const values = new Int8Array(packed.length * each);
  for (let i = 0; i < values.length; i++) {
    const byte = packed.charCodeAt(Math.floor(i / each));
    values[i] = digits[(byte >> (bits * (i % each))) & (2 ** bits - 1)]!;
  }
  const grid: Grid = { size, values };
  unpacked.set(name, grid);
  return grid;
}
