import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';

/** How a matrix lies in a GPU buffer: quants and scales that give the file's own values. */
export type WeightFormat =
  | 'q1_0'
  | 'q2_k'
  | 'q3_k'
  | 'q4_0'
  | 'q4_1'
  | 'q5_0'
  | 'q5_1'
  | 'q8_0'
  | 'q4_k'
  | 'q5_k'
  | 'q6_k'
  | 'f16'
  | 'f32';

/** See `shaders/weights-nibbles.wgsl`. */
type ScaleKind = 0 | 1 | 2 | 3 | 4;

/** Sizes of a format, a block being 32 values of a row. Behind all values of a run of rows come scales, then high bits. */
export interface FormatLayout {
  readonly format: WeightFormat;
  /** 16-byte words of values a block; four blocks of signs share one. */
  readonly quads: number;
  /** Bytes of scales a block, on average over the 8 blocks that may share some. */
  readonly scaleBytes: number;
  /** Bits of a value above the four that lie with the others. */
  readonly highBits: 0 | 1 | 2;
  /** How kernels read the scales; see `weights-nibbles.wgsl`. */
  readonly scaleKind: ScaleKind;
}

const layout = (
  format: WeightFormat,
  quads: number,
  scaleBytes: number,
  highBits: 0 | 1 | 2 = 0,
  scaleKind: ScaleKind = 0,
): FormatLayout => ({ format, quads, scaleBytes, highBits, scaleKind });

const LAYOUTS: Readonly<Record<WeightFormat, FormatLayout>> = {
  q1_0: layout('q1_0', 0.25, 0.5),
  q2_k: layout('q2_k', 1, 2.5, 0, 4),
  q3_k: layout('q3_k', 1, 2.5, 0, 3),
  q4_0: layout('q4_0', 1, 2),
  q4_1: layout('q4_1', 1, 4, 0, 1),
  q5_0: layout('q5_0', 1, 2, 1),
  q5_1: layout('q5_1', 1, 4, 1, 1),
  q8_0: layout('q8_0', 2, 2),
  q4_k: layout('q4_k', 1, 2.5, 0, 2),
  q5_k: layout('q5_k', 1, 2.5, 1, 2),
  q6_k: layout('q6_k', 1, 2.5, 2, 3),
  f16: layout('f16', 4, 0),
  f32: layout('f32', 8, 0),
};

/** BF16 has more range than f16 and is widened; thirds and tables are rewritten (`rewrite-blocks.ts`). */
const FORMATS: ReadonlyMap<GgmlTypeName, WeightFormat> = new Map([
  ['Q1_0', 'q1_0'],
  ['TQ1_0', 'q4_0'],
  ['TQ2_0', 'q4_0'],
  ['Q2_K', 'q2_k'],
  ['Q3_K', 'q3_k'],
  ['IQ4_NL', 'q8_0'],
  ['MXFP4', 'q8_0'],
  ['Q4_0', 'q4_0'],
  ['Q4_1', 'q4_1'],
  ['Q5_0', 'q5_0'],
  ['Q5_1', 'q5_1'],
  ['Q8_0', 'q8_0'],
  ['Q4_K', 'q4_k'],
  ['Q5_K', 'q5_k'],
  ['Q6_K', 'q6_k'],
  ['F16', 'f16'],
  ['BF16', 'f32'],
  ['F32', 'f32'],
]);

/** The sizes of a format. */
export function formatLayout(format: WeightFormat): FormatLayout {
  return LAYOUTS[format];
}

/**
 * The format a block type is kept in. Types without a reader of their own become Q8_0 on the way, with a loss that is
 * measured and said.
 */
export function formatOf(type: GgmlTypeName): WeightFormat {
  return FORMATS.get(type) ?? 'q8_0';
}

/** Whether a matrix of this type holds the file's own values. */
export function isExact(type: GgmlTypeName): boolean {
  return FORMATS.has(type);
}
