import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Document, EMPTY_DOCUMENT, readDocument } from './blocks.ts';

function blocks({ settled, open }: Document) {
  return [...settled, ...open].map(({ raw, token }) => [token?.type ?? null, raw]);
}

const SAMPLES = [
  '# Title\n\nA paragraph\nwith two lines.\n\n- one\n- two\n\n  more of two\n\n1. a\n2. b\n\nEnd.',
  'Text\n\n```js\nconst a = `\n\n# not a heading\n```\n\nAfter the fence.\n\n> quote\n> goes on\n\nand ends',
  'Heading by underline\n===\n\nnext\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nafter',
  '- list\n\n- loose\n\n    indented in the list\n\nparagraph\n\n    indented code\n\n* another\n* list\n\n\n\nend\n',
  'a\r\nb\r\n\r\nc\r\n\r\n- d\r\n- e',
  '<div>\n\ntext\n\n</div>\n\nmore text\n\n***\n\nlast',
];

describe('readDocument', () => {
  it.each(SAMPLES)('comes out the same in one piece and letter by letter: %j', (sample) => {
    let document = EMPTY_DOCUMENT;
    for (let end = 1; end <= sample.length; end++) document = readDocument(document, sample.slice(0, end));
    expect(blocks(document)).toEqual(blocks(readDocument(EMPTY_DOCUMENT, sample)));
  });

  it('comes out the same wherever the pieces are cut', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), fc.array(fc.nat(200), { maxLength: 12 }), (sample, cuts) => {
        const ends = [...cuts.filter((cut) => cut < sample.length).sort((a, b) => a - b), sample.length];
        const document = ends.reduce((so_far, end) => readDocument(so_far, sample.slice(0, end)), EMPTY_DOCUMENT);
        expect(blocks(document)).toEqual(blocks(readDocument(EMPTY_DOCUMENT, sample)));
      }),
    );
  });

  it('keeps settled blocks as the same objects while the text grows', () => {
    const first = readDocument(EMPTY_DOCUMENT, 'a\n\nb\n\nc\n\nd');
    const second = readDocument(first, 'a\n\nb\n\nc\n\nd and more');
    expect(first.settled.length).toBeGreaterThan(0);
    for (const [index, block] of first.settled.entries()) expect(second.settled[index]).toBe(block);
  });

  it('loses no text, whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('\n', '\n\n', '- ', '> ', '```\n', '[a]: b\n', '|'))),
        (parts) => {
          const text = parts.join('').replace(/\r\n?/g, '\n');
          let document = EMPTY_DOCUMENT;
          for (let end = 1; end <= text.length; end += 3) document = readDocument(document, text.slice(0, end));
          document = readDocument(document, text);
          const raw = [...document.settled, ...document.open].map((block) => block.raw).join('');
          expect(raw.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        },
      ),
    );
  });

  it('begins anew with a text that is not a continuation', () => {
    const before = readDocument(EMPTY_DOCUMENT, '# one\n\ntwo\n\nthree\n\nfour');
    expect(blocks(readDocument(before, 'other'))).toEqual([['paragraph', 'other']]);
    expect(blocks(readDocument(before, ''))).toEqual([]);
  });
});
