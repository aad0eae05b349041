import type { GgmlTypeName, GgufFile } from '../formats/index.ts';

/**
 * Bytes that 32 weights take while a model is loaded, of the block types that the engine on the processor does not hold as
 * the file has them: with their scales multiplied out, or with room for their bits that kernels reach in one step.
 */
const HELD: Readonly<Partial<Record<GgmlTypeName, number>>> = {
  Q2_K: 13,
  Q3_K: 18.5,
  Q4_K: 20,
  Q5_K: 24,
  Q6_K: 26.5,
  IQ4_XS: 18,
  MXFP4: 18,
  TQ1_0: 13,
  TQ2_0: 13,
  IQ1_S: 20,
  IQ1_M: 26.5,
  IQ3_XXS: 26.5,
  IQ3_S: 20,
};
/** Without a kernel of their own: as Q8_0. */
const REQUANTISED = 34;
const AS_THEY_ARE: readonly GgmlTypeName[] = [
  'F32',
  'F16',
  'BF16',
  'Q4_0',
  'Q4_1',
  'Q5_0',
  'Q5_1',
  'Q8_0',
  'Q1_0',
  'IQ4_NL',
];

/** Bytes of 32 weights of a type once they are loaded; undefined: as many as in the file. */
export function heldBytes(type: GgmlTypeName): number | undefined {
  return AS_THEY_ARE.includes(type) ? undefined : (HELD[type] ?? REQUANTISED);
}

/** What loading adds to the bytes of a file: matrices only, vectors are small. */
export function bytesOnTop({ tensors }: GgufFile): number {
  let bytes = 0;
  for (const { type, dimensions, byteLength } of tensors.values()) {
    const held = dimensions.length > 1 ? heldBytes(type) : undefined;
    if (held === undefined) continue;
    bytes += (dimensions.reduce((size, dimension) => size * dimension, 1) / 32) * held - byteLength;
  }
  return Math.max(0, Math.round(bytes));
}

/** Rows from which a head stands in memory in outline too, and the bytes of 32 weights above which it does (`outline-place.ts`). */
const OUTLINED_ROWS = 4_096;
const OUTLINED_BYTES = 24;
/** Bytes of 32 weights of an outline. */
const OUTLINE_BYTES = 18;

/** What the engine on the processor holds of the head besides: four bits of each weight, from which it finds likely tokens. */
export function outlineBytes({ tensors }: GgufFile): number {
  const head = tensors.get('output.weight') ?? tensors.get('token_embd.weight');
  if (head === undefined) return 0;
  const [columns = 1, rows = 1] = head.dimensions;
  const blocks = (columns / 32) * rows;
  const held = heldBytes(head.type) ?? head.byteLength / blocks;
  if (rows < OUTLINED_ROWS || held <= OUTLINED_BYTES) return 0;
  return Math.ceil(blocks * OUTLINE_BYTES + rows * 5.25);
}
