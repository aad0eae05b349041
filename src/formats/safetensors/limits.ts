/** What a safetensors header may ask for (the format's own limit is 100 MB; real headers have a few hundred kB). */
export const SAFETENSORS_LIMITS = {
  /** Bytes of the JSON header. CWE-770: allocation without limits. */
  headerBytes: 100_000_000,
  /** Tensors of one file. CWE-834: excessive iteration. */
  tensorCount: 2 ** 17,
  /** UTF-16 units of a name. CWE-1284: unvalidated quantity. */
  nameLength: 512,
  /** Dimensions of a tensor. CWE-1284. */
  dimensions: 8,
} as const;
