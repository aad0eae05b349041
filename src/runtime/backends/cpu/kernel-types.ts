import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { isReadable, readableTypes } from '../blocks/index.ts';
import {
  TYPE_BF16,
  TYPE_F16,
  TYPE_F32,
  TYPE_IQ4_NL,
  TYPE_IQ4_XS,
  TYPE_MXFP4,
  TYPE_Q1_0,
  TYPE_Q2_K,
  TYPE_Q3_K,
  TYPE_Q4_0,
  TYPE_Q4_1,
  TYPE_Q4_K,
  TYPE_Q5_0,
  TYPE_Q5_1,
  TYPE_Q5_K,
  TYPE_Q6_K,
  TYPE_Q8_0,
  TYPE_TQ1_0,
  TYPE_TQ2_0,
} from './plan-fields.ts';

/** What the loader must know of a block type; what to compute with it is in assembly/kernels/table.ts. */
export interface KernelType {
  /** The type that is repacked: the file's own, or what it is requantised to while it is loaded. */
  readonly heldAs: GgmlTypeName;
  /** A TYPE_ number of plan-fields.ts: `heldAs`. */
  readonly repack: number;
  /** A TYPE_ number of plan-fields.ts: the kernel that computes with what repacking makes. */
  readonly kernel: number;
  /** Bytes of 32 values of one row as `heldAs` has them in a file, part of a byte where blocks are longer. */
  readonly fileBytes: number;
  /** Bytes of 32 values of 8 rows after repacking. */
  readonly groupBytes: number;
}

const OWN_KERNELS: readonly KernelType[] = [
  { heldAs: 'F32', repack: TYPE_F32, kernel: TYPE_F32, fileBytes: 128, groupBytes: 1024 },
  { heldAs: 'F16', repack: TYPE_F16, kernel: TYPE_F16, fileBytes: 64, groupBytes: 512 },
  { heldAs: 'BF16', repack: TYPE_BF16, kernel: TYPE_BF16, fileBytes: 64, groupBytes: 512 },
  { heldAs: 'Q4_0', repack: TYPE_Q4_0, kernel: TYPE_Q4_0, fileBytes: 18, groupBytes: 144 },
  { heldAs: 'Q4_1', repack: TYPE_Q4_1, kernel: TYPE_Q4_1, fileBytes: 20, groupBytes: 160 },
  { heldAs: 'Q5_0', repack: TYPE_Q5_0, kernel: TYPE_Q5_0, fileBytes: 22, groupBytes: 176 },
  { heldAs: 'Q5_1', repack: TYPE_Q5_1, kernel: TYPE_Q5_1, fileBytes: 24, groupBytes: 192 },
  { heldAs: 'Q8_0', repack: TYPE_Q8_0, kernel: TYPE_Q8_0, fileBytes: 34, groupBytes: 272 },
  { heldAs: 'Q1_0', repack: TYPE_Q1_0, kernel: TYPE_Q1_0, fileBytes: 4.5, groupBytes: 36 },
  { heldAs: 'Q2_K', repack: TYPE_Q2_K, kernel: TYPE_Q2_K, fileBytes: 10.5, groupBytes: 104 },
  { heldAs: 'Q3_K', repack: TYPE_Q3_K, kernel: TYPE_Q3_K, fileBytes: 13.75, groupBytes: 148 },
  { heldAs: 'Q4_K', repack: TYPE_Q4_K, kernel: TYPE_Q4_1, fileBytes: 18, groupBytes: 160 },
  { heldAs: 'Q5_K', repack: TYPE_Q5_K, kernel: TYPE_Q5_1, fileBytes: 22, groupBytes: 192 },
  { heldAs: 'Q6_K', repack: TYPE_Q6_K, kernel: TYPE_Q6_K, fileBytes: 26.25, groupBytes: 212 },
  { heldAs: 'IQ4_NL', repack: TYPE_IQ4_NL, kernel: TYPE_IQ4_NL, fileBytes: 18, groupBytes: 144 },
  { heldAs: 'IQ4_XS', repack: TYPE_IQ4_XS, kernel: TYPE_IQ4_NL, fileBytes: 17, groupBytes: 144 },
  { heldAs: 'MXFP4', repack: TYPE_MXFP4, kernel: TYPE_MXFP4, fileBytes: 17, groupBytes: 144 },
  { heldAs: 'TQ1_0', repack: TYPE_TQ1_0, kernel: TYPE_Q2_K, fileBytes: 6.75, groupBytes: 104 },
  { heldAs: 'TQ2_0', repack: TYPE_TQ2_0, kernel: TYPE_Q2_K, fileBytes: 8.25, groupBytes: 104 },
];
const BY_TYPE: ReadonlyMap<GgmlTypeName, KernelType> = new Map(OWN_KERNELS.map((type) => [type.heldAs, type]));

/**
 * The kernel that runs a block type: its own, else that of Q8_0, to which its values come nearest; undefined where the
 * type cannot be read at all.
 */
export function kernelTypeOf(type: GgmlTypeName): KernelType | undefined {
  return BY_TYPE.get(type) ?? (isReadable(type) ? BY_TYPE.get('Q8_0') : undefined);
}

/** Block types with a kernel of their own. */
export function typesWithKernel(): readonly GgmlTypeName[] {
  return [...BY_TYPE.keys()];
}

/** Block types that run, for messages. */
export function supportedTypes(): string {
  return readableTypes();
}
