import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamingDetokenizer } from './streaming-detokenizer.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('StreamingDetokenizer', () => {
  it('holds half a character until the rest has come', () => {
    const detokenizer = new StreamingDetokenizer();
    const parts = [...bytesOf('a😀b')].map((byte) => detokenizer.push(Uint8Array.of(byte)));
    expect(parts).toEqual(['a', '', '', '', '😀', 'b']);
    expect(detokenizer.flush()).toBe('');
  });

  it('turns an unfinished character into U+FFFD at the end', () => {
    const detokenizer = new StreamingDetokenizer();
    expect(detokenizer.push(bytesOf('é').subarray(0, 1))).toBe('');
    expect(detokenizer.flush()).toBe('\ufffd');
  });

  it('turns bytes that cannot be UTF-8 into U+FFFD and goes on', () => {
    const detokenizer = new StreamingDetokenizer();
    expect(detokenizer.push(Uint8Array.of(0x61, 0xff, 0x62)) + detokenizer.flush()).toBe('a\ufffdb');
  });

  it('keeps a byte order mark: it is text like any other', () => {
    expect(new StreamingDetokenizer().push(bytesOf('\ufeffa'))).toBe('\ufeffa');
  });

  it('gives back any text, whole characters at a time, however its bytes are cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(12)), (text, cuts) => {
        const detokenizer = new StreamingDetokenizer();
        const bytes = bytesOf(text);
        const parts: string[] = [];
        let start = 0;
        for (const length of [...cuts, bytes.length]) {
          parts.push(detokenizer.push(bytes.subarray(start, start + length)));
          start += length;
        }
        for (const part of parts) expect(part).not.toMatch(/\p{Surrogate}|\ufffd/u);
        expect(parts.join('') + detokenizer.flush()).toBe(text);
      }),
    );
  });
});
