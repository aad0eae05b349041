/** A metadata value. 64-bit integers are numbers when exact (≤ 2^53), else bigints; arrays of numbers may be typed arrays. */
export type GgufValue =
  | string
  | number
  | bigint
  | boolean
  | readonly string[]
  | readonly boolean[]
  | ArrayLike<number>
  | readonly bigint[];

/** Block types by their ggml names; the number is the id in the file (source: ggml.h of llama.cpp). */
export type GgmlTypeName =
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'Q4_0'
  | 'Q4_1'
  | 'Q5_0'
  | 'Q5_1'
  | 'Q8_0'
  | 'Q8_1'
  | 'Q2_K'
  | 'Q3_K'
  | 'Q4_K'
  | 'Q5_K'
  | 'Q6_K'
  | 'Q8_K'
  | 'IQ2_XXS'
  | 'IQ2_XS'
  | 'IQ3_XXS'
  | 'IQ1_S'
  | 'IQ4_NL'
  | 'IQ3_S'
  | 'IQ2_S'
  | 'IQ4_XS'
  | 'IQ1_M'
  | 'I8'
  | 'I16'
  | 'I32'
  | 'I64'
  | 'F64'
  | 'TQ1_0'
  | 'TQ2_0'
  | 'MXFP4'
  | 'Q1_0';

/** One row of the tensor table. */
export interface GgufTensor {
  readonly name: string;
  readonly type: GgmlTypeName;
  /** Sizes, fastest-varying first: a weight of `[in, out]` is stored as `out` rows of `in` values. */
  readonly dimensions: readonly number[];
  /** Absolute position of the first byte in the file. */
  readonly offset: number;
  /** Length in bytes of the tensor's blocks. */
  readonly byteLength: number;
}

/** The header of a GGUF file: everything but the weights. */
export interface GgufFile {
  readonly version: 2 | 3;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** Bytes before the first tensor. */
  readonly dataOffset: number;
  readonly alignment: number;
}
