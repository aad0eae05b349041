import { type DecodedText, decodeText } from '../../shared/index.ts';

/** More than this is not looked at: some 5,000 rows of 400 characters each. */
export const MOST_CHARACTERS = 2_000_000;

/** Bytes that hold as many characters, in whatever encoding. */
const MOST_BYTES = 4 * MOST_CHARACTERS;

export interface ReadText extends DecodedText {
  /** It was longer: the lines behind were left out. */
  readonly isCut: boolean;
}

/** The text of a file, or null where it is none. A huge file is never read whole. */
export async function readText(file: Blob): Promise<ReadText | null> {
  const bytes = new Uint8Array(await file.slice(0, MOST_BYTES).arrayBuffer());
  const decoded = decodeText(bytes, { isCut: file.size > MOST_BYTES });
  if (decoded === null) return null;
  const { text, isCut } = cutText(decoded.text);
  return { text, encoding: decoded.encoding, isCut: isCut || file.size > MOST_BYTES };
}

/** The same limit for what is pasted; only whole lines stay. */
export function cutText(text: string): { readonly text: string; readonly isCut: boolean } {
  if (text.length <= MOST_CHARACTERS) return { text, isCut: false };
  const end = text.lastIndexOf('\n', MOST_CHARACTERS);
  return { text: text.slice(0, end > 0 ? end : MOST_CHARACTERS), isCut: true };
}
