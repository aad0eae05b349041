import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText } from './decode-text.ts';

const reference = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
const decode = (bytes: Uint8Array) => decodeText(bytes, 0, bytes.length);

describe('decodeText says what TextDecoder says', () => {
  it('of every code point', () => {
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += codePoint < 0x3000 ? 1 : 61) {
      if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
      const text = `a${String.fromCodePoint(codePoint)}b`;
      if (decode(new TextEncoder().encode(text)) !== text) expect.fail(`U+${codePoint.toString(16)}`);
    }
  });

  it('of every pair of bytes, valid or not, also where it is cut off', () => {
    const bytes = new Uint8Array(4);
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        bytes.set([first, second, 0x80, 0xbf]);
        for (const length of [1, 2, 3, 4]) {
          const part = bytes.subarray(0, length);
          if (decode(part) !== reference(part)) expect.fail(`bytes ${part}`);
        }
      }
    }
  });

  it('of texts and of random bytes, short and long, anywhere in a window', () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 20 }).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(pieces, fc.nat(9), (bytes, before) => {
        const window = new Uint8Array(before + bytes.length + 5).fill(0x80);
        window.set(bytes, before);
        expect(decodeText(window, before, before + bytes.length)).toBe(reference(bytes));
      }),
      { numRuns: 3000 },
    );
  });
});
