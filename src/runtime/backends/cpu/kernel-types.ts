import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { isReadable, readableTypes } from '../blocks/index.ts';
import { KERNEL_F16, KERNEL_F32, KERNEL_Q4_0, KERNEL_Q4_1, KERNEL_Q8_0 } from './plan-fields.ts';

/** What the loader must know of a block type; what to compute with it is in assembly/kernels/table.ts. */
export interface KernelType {
  /** The type that is repacked and computed with: the file's own, or what it is requantised to while it is loaded. */
  readonly heldAs: GgmlTypeName;
  /** A KERNEL_ number of plan-fields.ts. */
  readonly kernel: number;
  /** Bytes of 32 values of one row as `heldAs` has them in a file. */
  readonly fileBytes: number;
  /** Bytes of 32 values of 8 rows after repacking. */
  readonly groupBytes: number;
}

const OWN_KERNELS: readonly KernelType[] = [
  { heldAs: 'F32', kernel: KERNEL_F32, fileBytes: 128, groupBytes: 1024 },
  { heldAs: 'F16', kernel: KERNEL_F16, fileBytes: 64, groupBytes: 512 },
  { heldAs: 'Q4_0', kernel: KERNEL_Q4_0, fileBytes: 18, groupBytes: 144 },
  { heldAs: 'Q4_1', kernel: KERNEL_Q4_1, fileBytes: 20, groupBytes: 160 },
  { heldAs: 'Q8_0', kernel: KERNEL_Q8_0, fileBytes: 34, groupBytes: 272 },
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
