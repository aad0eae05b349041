/** A text and how its bytes were understood. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: 'utf-8' | 'utf-16' | 'windows-1252';
}

/**
 * The text of a file's bytes: UTF-16 by its mark or by every second byte being zero; else UTF-8; else the old western code page.
 * Null where they are no text. `isCut`: the file goes on behind them, perhaps in the middle of a character.
 */
export function decodeText(bytes: Uint8Array, { isCut = false } = {}): DecodedText | null {
  const wide = wideEncoding(bytes);
  if (wide !== null) return { text: new TextDecoder(wide).decode(bytes, { stream: isCut }), encoding: 'utf-16' };
  if (bytes.subarray(0, 65_536).includes(0)) return null;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut }), encoding: 'utf-8' };
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
