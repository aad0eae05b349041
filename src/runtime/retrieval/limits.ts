/** A document is a file from a stranger: every bound of its reading is here (CWE-400, CWE-409). */
export const LIMITS = {
  /** Bytes of a file. */
  fileBytes: 100 * 2 ** 20,
  /** Bytes that an archive (DOCX) may unpack to. */
  unpackedBytes: 200 * 2 ** 20,
  /** Characters of text that are kept of one document. */
  characters: 10_000_000,
  pages: 2_000,
  /** Milliseconds for one document; what was read by then is kept. */
  readMs: 120_000,
  /** Rows of a table. */
  rows: 200_000,
  /** Levels of nesting of markup. */
  depth: 512,
} as const;
