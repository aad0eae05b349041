import type { LoraPair } from '../../../architectures/index.ts';
import type { WeightUpload } from '../weights/index.ts';

/** An adapter's share of one part of a matrix, as f32. */
export interface AdapterPart {
  readonly pair: LoraPair;
  /** Which of the matrix's parts. */
  readonly part: number;
  /** `[rank][column]`, `[row][rank]` */
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** Where the parts of a matrix lie among its rows, for `shaders/adapter.wgsl`. */
export interface BankLayout {
  readonly parts: number;
  /** Fours of the two parts alternate (gates and ups); else parts begin at these rows. */
  readonly alternates: boolean;
  readonly secondPart: number;
  readonly thirdPart: number;
  readonly fourthPart: number;
  /** vec4f of four ranks. */
  readonly quadWords: number;
}

const NO_ROW = 0xffffffff;

/** The layout of a matrix's bank: each four of ranks has A of every part, `[part][four columns][rank]`, then B, `[four rows][rank]`. */
export function bankLayout({ matrix, rows }: WeightUpload): BankLayout {
  // No rope moves the first row of a part.
  const starts = matrix.parts.map(({ placeOf }) => placeOf(0));
  const columns = Math.ceil(matrix.columns / 32) * 32;
  return {
    parts: matrix.parts.length,
    alternates: matrix.parts.length === 2 && matrix.parts[0]!.placeOf(4) === 8,
    secondPart: starts[1] ?? NO_ROW,
    thirdPart: starts[2] ?? NO_ROW,
    fourthPart: starts[3] ?? NO_ROW,
    quadWords: matrix.parts.length * columns + Math.ceil(rows / 4) * 4,
  };
}

/** Ranks of one adapter for one matrix, in `quads` fours; what a part lacks is zero. */
export function packBank(
  { matrix, rows, firstRow }: WeightUpload,
  { quadWords }: BankLayout,
  parts: readonly AdapterPart[],
  quads: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(quads * quadWords * 4);
  const columns = Math.ceil(matrix.columns / 32) * 32;
  for (const { pair, part, a, b } of parts) {
    const rank = pair.a.rows;
    const { placeOf } = matrix.parts[part]!;
    for (let r = 0; r < rank; r++) {
      const quad = Math.floor(r / 4) * quadWords * 4;
      const low = quad + part * columns * 4 + (r % 4) * 4;
      // Four neighbouring columns of a rank lie together, the four ranks side by side.
      for (let c = 0; c < pair.a.columns; c++) {
        values[low + Math.floor(c / 4) * 16 + (c % 4)] = a[r * pair.a.columns + c]! * pair.scale;
      }
      const high = quad + matrix.parts.length * columns * 4 + (r % 4) * 4;
      for (let row = 0; row < pair.b.rows; row++) {
        const place = placeOf(row) - firstRow;
        if (place < 0 || place >= rows) continue;
        values[high + Math.floor(place / 4) * 16 + (place % 4)] = b[row * rank + r]!;
      }
    }
  }
  return values;
}
