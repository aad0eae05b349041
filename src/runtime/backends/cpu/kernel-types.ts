import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { KERNEL_F16, KERNEL_F32, KERNEL_Q4_0, KERNEL_Q4_1, KERNEL_Q8_0 } from './plan-fields.ts';

/** What the loader must know of a block type; what to compute with it is in assembly/kernels/table.ts. */
export interface KernelType {
  /** A KERNEL_ number of plan-fields.ts. */
  readonly kernel: number;
  /** Bytes of 32 values of one row in the file. */
  readonly fileBytes: number;
  /** Bytes of 32 values of 8 rows after repacking. */
  readonly groupBytes: number;
}

const KERNEL_TYPES: ReadonlyMap<GgmlTypeName, KernelType> = new Map([
  ['F32', { kernel: KERNEL_F32, fileBytes: 128, groupBytes: 1024 }],
  ['F16', { kernel: KERNEL_F16, fileBytes: 64, groupBytes: 512 }],
  ['Q4_0', { kernel: KERNEL_Q4_0, fileBytes: 18, groupBytes: 144 }],
  ['Q4_1', { kernel: KERNEL_Q4_1, fileBytes: 20, groupBytes: 160 }],
  ['Q8_0', { kernel: KERNEL_Q8_0, fileBytes: 34, groupBytes: 272 }],
]);

/** The kernel of a block type, or undefined where there is none yet. */
export function kernelTypeOf(type: GgmlTypeName): KernelType | undefined {
  return KERNEL_TYPES.get(type);
}

/** Block types that run, for messages. */
export function supportedTypes(): string {
  return [...KERNEL_TYPES.keys()].join(', ');
}
