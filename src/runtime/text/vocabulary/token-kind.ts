/** What a token is, as bits of one byte. A file gives each token one; llama.cpp's rules for known texts add others. */
export const TOKEN = {
  normal: 1,
  /** Stands for text the vocabulary cannot write. */
  unknown: 2,
  /** Steers the model and has no text of its own. */
  control: 4,
  /** Matched as it stands in any text, before the text is cut into words. */
  userDefined: 8,
  unused: 16,
  /** One byte, written "<0x0A>". */
  byte: 32,
  /** Takes the white space before it, or after it, with it. */
  stripsLeft: 64,
  stripsRight: 128,
} as const;

/** Kinds by their numbers in the file; others have no text (source: `llama_token_type` in llama.h). */
export const KIND_BY_NUMBER: readonly number[] = [
  0,
  TOKEN.normal,
  TOKEN.unknown,
  TOKEN.control,
  TOKEN.userDefined,
  TOKEN.unused,
  TOKEN.byte,
];
