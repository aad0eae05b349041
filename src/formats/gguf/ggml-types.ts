import type { GgmlTypeName } from './types.ts';

/** How a block type is laid out: `blockLength` values in `blockBytes` bytes. */
export interface GgmlTypeLayout {
  readonly name: GgmlTypeName;
  /** The number that stands for the type in a file. */
  readonly id: number;
  readonly blockLength: number;
  readonly blockBytes: number;
}

// Source: enum ggml_type and the block structs of llama.cpp's ggml.h and ggml-common.h.
const TABLE: readonly (readonly [GgmlTypeName, id: number, blockLength: number, blockBytes: number])[] = [
  ['F32', 0, 1, 4],
  ['F16', 1, 1, 2],
  ['Q4_0', 2, 32, 18],
  ['Q4_1', 3, 32, 20],
  ['Q5_0', 6, 32, 22],
  ['Q5_1', 7, 32, 24],
  ['Q8_0', 8, 32, 34],
  ['Q8_1', 9, 32, 36],
  ['Q2_K', 10, 256, 84],
  ['Q3_K', 11, 256, 110],
  ['Q4_K', 12, 256, 144],
  ['Q5_K', 13, 256, 176],
  ['Q6_K', 14, 256, 210],
  ['Q8_K', 15, 256, 292],
  ['IQ2_XXS', 16, 256, 66],
  ['IQ2_XS', 17, 256, 74],
  ['IQ3_XXS', 18, 256, 98],
  ['IQ1_S', 19, 256, 50],
  ['IQ4_NL', 20, 32, 18],
  ['IQ3_S', 21, 256, 110],
  ['IQ2_S', 22, 256, 82],
  ['IQ4_XS', 23, 256, 136],
  ['I8', 24, 1, 1],
  ['I16', 25, 1, 2],
  ['I32', 26, 1, 4],
  ['I64', 27, 1, 8],
  ['F64', 28, 1, 8],
  ['IQ1_M', 29, 256, 56],
  ['BF16', 30, 1, 2],
  ['TQ1_0', 34, 256, 54],
  ['TQ2_0', 35, 256, 66],
  ['MXFP4', 39, 32, 17],
  ['Q1_0', 41, 128, 18],
];

const LAYOUTS: readonly GgmlTypeLayout[] = TABLE.map(([name, id, blockLength, blockBytes]) => ({
  name,
  id,
  blockLength,
  blockBytes,
}));
const BY_ID: ReadonlyMap<number, GgmlTypeLayout> = new Map(LAYOUTS.map((layout) => [layout.id, layout]));
const BY_NAME: ReadonlyMap<GgmlTypeName, GgmlTypeLayout> = new Map(LAYOUTS.map((layout) => [layout.name, layout]));

/** Types that files of other versions may name and this reader does not know, so that the refusal can say which. */
const FOREIGN_NAMES: ReadonlyMap<number, string> = new Map([
  [4, 'Q4_2, removed from the format in 2023'],
  [5, 'Q4_3, removed from the format in 2023'],
  [31, 'Q4_0_4_4, removed from the format in 2024'],
  [32, 'Q4_0_4_8, removed from the format in 2024'],
  [33, 'Q4_0_8_8, removed from the format in 2024'],
  [36, 'IQ4_NL_4_4, removed from the format in 2024'],
  [37, 'IQ4_NL_4_8, removed from the format in 2024'],
  [38, 'IQ4_NL_8_8, removed from the format in 2024'],
  [40, 'NVFP4'],
]);

/** The layout of a type id, or undefined where this reader does not know it. */
export function ggmlTypeById(id: number): GgmlTypeLayout | undefined {
  return BY_ID.get(id);
}

/** The layout of a type by its name. */
export function ggmlTypeByName(name: GgmlTypeName): GgmlTypeLayout {
  return BY_NAME.get(name)!;
}

/** All layouts, in the order of their ids. */
export function ggmlTypes(): readonly GgmlTypeLayout[] {
  return LAYOUTS;
}

/** What to call a type id in a message: "type 40 (NVFP4)", or "type 77". */
export function describeTypeId(id: number): string {
  const name = BY_ID.get(id)?.name ?? FOREIGN_NAMES.get(id);
  return name === undefined ? `type ${id}` : `type ${id} (${name})`;
}
