/**
 * The byte-level alphabet of GPT-2: every byte is written as one printable character, so that a vocabulary of strings
 * can hold any bytes. Bytes that are printable in Latin-1 stand for themselves, the others follow from U+0100 on in
 * ascending order (source: `bytes_to_unicode` in the published GPT-2 encoder).
 */
const BYTE_TO_CHARACTER: readonly string[] = buildAlphabet();
const CHARACTER_TO_BYTE: ReadonlyMap<string, number> = new Map(BYTE_TO_CHARACTER.map((text, byte) => [text, byte]));

const encoder = new TextEncoder();

function isPrintable(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
}

function buildAlphabet(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}

/** Text → its UTF-8 bytes, each written as a character of the alphabet. */
export function toByteLevel(text: string): string {
  let result = '';
  for (const byte of encoder.encode(text)) result += BYTE_TO_CHARACTER[byte];
  return result;
}

/** Byte-level text → bytes. A character outside the alphabet (an added token, written plainly) stands for its own UTF-8. */
export function fromByteLevel(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const byte = CHARACTER_TO_BYTE.get(character);
    if (byte === undefined) bytes.push(...encoder.encode(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
