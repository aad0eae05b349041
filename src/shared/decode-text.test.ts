import { describe, expect, it } from 'vitest';
import { decodeText } from './decode-text.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const wide = (text: string) => new Uint8Array(Uint16Array.from(text, (letter) => letter.charCodeAt(0)).buffer);

describe('the text of bytes', () => {
  it.each([
    ['UTF-8', new TextEncoder().encode('Tür'), 'Tür', 'utf-8'],
    ['UTF-8 with its mark', bytes(0xef, 0xbb, 0xbf, 0x61), 'a', 'utf-8'],
    ['UTF-16 with its mark', bytes(0xff, 0xfe, 0x54, 0, 0xfc, 0), 'Tü', 'utf-16'],
    ['UTF-16 the other way round', bytes(0xfe, 0xff, 0, 0x54, 0, 0xfc), 'Tü', 'utf-16'],
    ['UTF-16 without a mark', wide('name;city'), 'name;city', 'utf-16'],
    ['the old western code page', bytes(0x54, 0xfc, 0x72), 'Tür', 'windows-1252'],
    ['nothing', bytes(), '', 'utf-8'],
  ])('is read from %s', (_, from, text, encoding) => {
    expect(decodeText(from)).toEqual({ text, encoding });
  });

  it('is none where there are zeros or mostly control characters', () => {
    expect(decodeText(bytes(0x50, 0x4b, 3, 4, 0, 0, 1, 200))).toBeNull();
    expect(
      decodeText(Uint8Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 0x81 + (index % 9) : 1))),
    ).toBeNull();
  });

  it('may end in the middle of a character where the file was cut', () => {
    expect(decodeText(bytes(0x61, 0xc3), { isCut: true })).toEqual({ text: 'a', encoding: 'utf-8' });
    expect(decodeText(bytes(0x61, 0xc3))).toEqual({ text: 'aÃ', encoding: 'windows-1252' });
  });
});
