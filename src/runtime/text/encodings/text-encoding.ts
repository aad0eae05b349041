/** How one family of tokenizers turns ordinary text into tokens, and a token into bytes. */
export interface TextEncoding {
  /**
   * The tokens of a stretch of text, some at a time. `isFirst`: it opens the prompt or follows a special token, where
   * some families write a space of their own.
   */
  encode(text: string, isFirst: boolean): Iterable<readonly number[]>;
  /** The bytes of an ordinary token. */
  bytesOf(token: string): Uint8Array;
  /** Whether the space a first token begins with was written by the encoding, not by the writer. */
  readonly addsSpacePrefix: boolean;
}

const encoder = new TextEncoder();

/** The space of SentencePiece, U+2581. */
export const SPACE = '\u2581';

export function escapeSpaces(text: string): string {
  return text.replaceAll(' ', SPACE);
}

export function unescapedBytes(token: string): Uint8Array {
  return encoder.encode(token.replaceAll(SPACE, ' '));
}

/** How byte tokens are written: "<0x0A>". */
export function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}
