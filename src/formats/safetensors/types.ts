/** Bytes of one value, by the format's name of its type (source: the safetensors format description). */
export const SAFETENSORS_TYPES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type SafetensorsType = keyof typeof SAFETENSORS_TYPES;

/** One tensor of a file. */
export interface SafetensorsTensor {
  readonly name: string;
  readonly type: SafetensorsType;
  /** Sizes, slowest-varying first: `[rows, columns]`. Empty for a single number. */
  readonly shape: readonly number[];
  /** Absolute position of the first byte in the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** The header of a safetensors file: everything but the values. */
export interface SafetensorsFile {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
}
