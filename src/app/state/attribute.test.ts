import { describe, expect, it } from 'vitest';
import { attributeSentences } from './attribute.ts';

const citation = (passage: string) => ({ documentId: 'd', documentName: 'a.md', chunk: 0, page: null, passage });
const LIGHTHOUSE = citation('The lighthouse of Kermorvan was built in 1849 of grey granite and stands 20 metres tall.');
const FERRY = citation('Ferries to Molène leave the harbour at 9:45 every morning except on Mondays.');
const sources = [LIGHTHOUSE, FERRY];

describe('attributeSentences', () => {
  it('names the passage a sentence comes from, sentence by sentence', () => {
    expect(
      attributeSentences(
        'The lighthouse was built in 1849 of grey granite. Ferries leave the harbour at 9:45 every morning.',
        sources,
      ),
    ).toBe(
      'The lighthouse was built in 1849 of grey granite. [1] Ferries leave the harbour at 9:45 every morning. [2]',
    );
  });

  it('names none for what no passage says, and for what says too little', () => {
    const text = 'Elephants enjoy watermelon during summer afternoons.\n\nYes.';
    expect(attributeSentences(text, sources)).toBe(text);
  });

  it.each(['Built in 1849 of grey granite [1].', 'Built in 1849 of grey granite [1, 2].'])(
    'leaves an answer alone that names its passages: %s',
    (text) => {
      expect(attributeSentences(text, sources)).toBe(text);
    },
  );

  it('leaves code, tables and headings alone', () => {
    const text =
      '# The lighthouse built in 1849\n\n```\nlighthouse built 1849 granite.\n```\n| lighthouse | built | 1849 |';
    expect(attributeSentences(text, sources)).toBe(text);
  });

  it('traces scripts without spaces', () => {
    expect(
      attributeSentences('灯台は1849年に建てられた。', [citation('ケルモルヴァンの灯台は1849年に建てられた。')]),
    ).toBe('灯台は1849年に建てられた。 [1]');
  });

  it('keeps a list a list', () => {
    expect(attributeSentences('- built in 1849 of grey granite\n- nothing', sources)).toBe(
      '- built in 1849 of grey granite [1]\n- nothing',
    );
  });
});
