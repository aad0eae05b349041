import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';

/** How a matrix lies in a GPU buffer. `q…` formats hold the file's own quants and scales, so they compute its own values. */
export type WeightFormat = 'q4_0' | 'q4_1' | 'q8_0' | 'f16' | 'f32';

/** Sizes of a format, a block being 32 values of a row. */
export interface FormatLayout {
  readonly format: WeightFormat;
  /** 16-byte words of values a block. */
  readonly quads: number;
  /** f16 numbers a block that lie behind all blocks: factor, or factor and offset. */
  readonly scales: 0 | 1 | 2;
}

const LAYOUTS: Readonly<Record<WeightFormat, FormatLayout>> = {
  q4_0: { format: 'q4_0', quads: 1, scales: 1 },
  q4_1: { format: 'q4_1', quads: 1, scales: 2 },
  q8_0: { format: 'q8_0', quads: 2, scales: 1 },
  f16: { format: 'f16', quads: 4, scales: 0 },
  f32: { format: 'f32', quads: 8, scales: 0 },
};

/** BF16 has more range than f16 and is widened. */
const FORMATS: ReadonlyMap<GgmlTypeName, WeightFormat> = new Map([
  ['Q4_0', 'q4_0'],
  ['Q4_1', 'q4_1'],
  ['Q8_0', 'q8_0'],
  ['F16', 'f16'],
  ['BF16', 'f32'],
  ['F32', 'f32'],
]);

/** The sizes of a format. */
export function formatLayout(format: WeightFormat): FormatLayout {
  return LAYOUTS[format];
}

/** The format a block type is kept in, or undefined where no kernel reads it. */
export function formatOf(type: GgmlTypeName): WeightFormat | undefined {
  return FORMATS.get(type);
}

/** The block types that can be loaded, for messages. */
export function supportedTypes(): string {
  return [...FORMATS.keys()].join(', ');
}
