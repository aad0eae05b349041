import { type GgmlTypeName, ggmlTypeByName } from '../../../formats/gguf/index.ts';
import { SottoError } from '../../../shared/index.ts';
import type { BlockReader } from './block-reader.ts';
import { readIq4Nl, readIq4Xs, readMxfp4, readQ1_0, readTq1_0, readTq2_0 } from './few-bit-blocks.ts';
import { readQ2_K, readQ3_K, readQ4_K, readQ5_K, readQ6_K } from './k-quants.ts';
import { readBf16, readF16, readF32, readQ4_0, readQ4_1, readQ5_0, readQ5_1, readQ8_0 } from './plain-blocks.ts';

const READERS: ReadonlyMap<GgmlTypeName, BlockReader> = new Map<GgmlTypeName, BlockReader>([
  ['F32', readF32],
  ['F16', readF16],
  ['BF16', readBf16],
  ['Q4_0', readQ4_0],
  ['Q4_1', readQ4_1],
  ['Q5_0', readQ5_0],
  ['Q5_1', readQ5_1],
  ['Q8_0', readQ8_0],
  ['Q2_K', readQ2_K],
  ['Q3_K', readQ3_K],
  ['Q4_K', readQ4_K],
  ['Q5_K', readQ5_K],
  ['Q6_K', readQ6_K],
  ['IQ4_NL', readIq4Nl],
  ['IQ4_XS', readIq4Xs],
  ['MXFP4', readMxfp4],
  ['Q1_0', readQ1_0],
  ['TQ1_0', readTq1_0],
  ['TQ2_0', readTq2_0],
]);

/** Whether the values of a block type are known here. */
export function isReadable(type: GgmlTypeName): boolean {
  return READERS.has(type);
}

/** The readable types, for messages. */
export function readableTypes(): string {
  return [...READERS.keys()].join(', ');
}

/**
 * The values of whole blocks as f32, exactly as the format defines them (up to the rounding of f32), into `out` if given.
 * Throws `model-unsupported` for a type without a reader.
 */
export function dequantise(type: GgmlTypeName, bytes: Uint8Array, out?: Float32Array): Float32Array {
  const read = READERS.get(type);
  if (read === undefined) {
    throw new SottoError('model-unsupported', `Blocks of ${type} cannot be read here; these can: ${readableTypes()}.`, {
      details: { type },
    });
  }
  const { blockLength, blockBytes } = ggmlTypeByName(type);
  const blocks = Math.floor(bytes.byteLength / blockBytes);
  const values = out ?? new Float32Array(blocks * blockLength);
  for (let b = 0; b < blocks; b++) read(bytes, b * blockBytes, values, b * blockLength);
  return values;
}
