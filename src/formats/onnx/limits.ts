/**
 * What no real small model exceeds. A file that does is refused before the runtime allocates for it.
 * A nested graph is a branch of If or the body of Loop; exporters nest two or three deep.
 */
export const ONNX_LIMITS = {
  nodes: 200_000,
  initialisers: 100_000,
  nesting: 16,
  nameLength: 4096,
  dimensions: 16,
  /** Bytes one tensor may declare. */
  tensorBytes: 4 * 2 ** 30,
  opset: 64,
} as const;
