// A byte order mark is an ordinary token in some vocabularies; the decoder's default would swallow it.
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Above this, the built-in decoder is quicker than a loop. */
const SHORT_BYTES = 32;

const codeUnits: number[] = [];

/**
 * Text of the bytes from `start` up to `end`, exactly as `TextDecoder` gives it.
 * A vocabulary is a quarter of a million tokens of a few bytes each: for those the built-in decoder spends its time on being
 * called. Valid sequences of up to three bytes are decoded here; everything else is left to it.
 */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT_BYTES) return UTF8.decode(bytes.subarray(start, end));
  let count = 0;
  for (let at = start; at < end; ) {
    const unit = bytes[at]!;
    if (unit < 0x80) {
      codeUnits[count++] = unit;
      at += 1;
      continue;
    }
    const second = at + 1 < end ? bytes[at + 1]! ^ 0x80 : 0xff;
    if (unit >= 0xc2 && unit <= 0xdf && second < 0x40) {
      codeUnits[count++] = ((unit & 0x1f) << 6) | second;
      at += 2;
      continue;
    }
    const third = at + 2 < end ? bytes[at + 2]! ^ 0x80 : 0xff;
    const value = ((unit & 0x0f) << 12) | (second << 6) | third;
    const isPlain = value >= 0x800 && (value < 0xd800 || value > 0xdfff);
    if (unit < 0xe0 || unit > 0xef || second >= 0x40 || third >= 0x40 || !isPlain) {
      return UTF8.decode(bytes.subarray(start, end));
    }
    codeUnits[count++] = value;
    at += 3;
  }
  codeUnits.length = count;
  return String.fromCharCode.apply(null, codeUnits);
}
