/**
 * What a GGUF header may ask for. Each limit is far above the largest published model and far below what would hurt the page;
 * the CWE names the weakness that an unlimited field has led to in GGUF readers (CVE-2024-21802, CVE-2025-53630 and their kin).
 */
export const GGUF_LIMITS = {
  /** Bytes before the first tensor. CWE-770: allocation without limits. The largest vocabularies need about 20 MiB. */
  headerBytes: 256 * 2 ** 20,
  /** Key-value pairs. CWE-834: excessive iteration. */
  metadataCount: 2 ** 16,
  /** Rows of the tensor table. CWE-834. Unmerged mixtures of experts come near 50,000. */
  tensorCount: 2 ** 17,
  /** Bytes of a key: the format's own limit. CWE-1284: unvalidated quantity. */
  keyBytes: 2 ** 16 - 1,
  /** Bytes of a tensor name; the format says 64, some writers use 128. CWE-1284. */
  tensorNameBytes: 128,
  /** Bytes of a string value; an embedded tokenizer.json can reach 20 MiB. CWE-770. */
  stringBytes: 64 * 2 ** 20,
  /** Elements of an array; the largest merges list has about 520,000. CWE-770. */
  arrayLength: 2 ** 22,
  /** Arrays in arrays: none. CWE-674: uncontrolled recursion. The reference reader refuses them too. */
  arrayNesting: 1,
  /** Dimensions of a tensor, as in the reference reader. CWE-1284. */
  dimensions: 4,
  /** Elements, and bytes, of one tensor: what a number holds exactly. CWE-190: integer overflow. */
  tensorElements: Number.MAX_SAFE_INTEGER,
  /** Bytes; also must be a power of two. CWE-1284. */
  alignment: 2 ** 16,
} as const;

/** Bytes asked of the source at a time. Most headers are 1 to 8 MiB; the weights behind them are never read. */
export const HEADER_STEP_BYTES = 2 ** 20;

/** Alignment of tensor data where the file names none. */
export const DEFAULT_ALIGNMENT = 32;
