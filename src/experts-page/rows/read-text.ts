/** More than this is not looked at: some 5,000 rows of 400 characters each. */
export const MOST_CHARACTERS = 2_000_000;

/** Bytes that hold as many characters, in whatever encoding. */
const MOST_BYTES = 4 * MOST_CHARACTERS;

export interface ReadText {
  readonly text: string;
  /** It was longer: the lines behind were left out. */
  readonly isCut: boolean;
  /** How the bytes were understood. */
  readonly encoding: 'utf-8' | 'utf-16' | 'windows-1252';
}

/** The text of a file, or null where it is none. A huge file is never read whole. */
export async function readText(file: Blob): Promise<ReadText | null> {
  const bytes = new Uint8Array(await file.slice(0, MOST_BYTES).arrayBuffer());
  const decoded = decode(bytes);
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

/** UTF-8; else UTF-16 by its mark or by every second byte being zero; else the old western code page. Null: a binary file. */
function decode(bytes: Uint8Array): Omit<ReadText, 'isCut'> | null {
  const wide = wideEncoding(bytes);
  if (wide !== null) return { text: new TextDecoder(wide).decode(bytes), encoding: 'utf-16' };
  if (bytes.subarray(0, 65_536).includes(0)) return null;
  try {
    // A file that was cut may end in the middle of a character.
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true }), encoding: 'utf-8' };
  } catch {
    const text = new TextDecoder('windows-1252').decode(bytes);
    return isStrange(text) ? null : { text, encoding: 'windows-1252' };
  }
}

function wideEncoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const beginning = bytes.subarray(0, 512);
  if (beginning.length < 8) return null;
  const zeros = [0, 1].map((odd) => beginning.filter((byte, at) => at % 2 === odd && byte === 0).length);
  const half = beginning.length / 2;
  if ((zeros[1] ?? 0) > half * 0.8 && zeros[0] === 0) return 'utf-16le';
  if ((zeros[0] ?? 0) > half * 0.8 && zeros[1] === 0) return 'utf-16be';
  return null;
}

/** Control characters, of which a text has next to none. */
function isStrange(text: string): boolean {
  const beginning = text.slice(0, 10_000);
  const strange = beginning.match(/(?!\s)\p{Cc}/gu)?.length ?? 0;
  return strange > 4 && strange > beginning.length / 50;
}
