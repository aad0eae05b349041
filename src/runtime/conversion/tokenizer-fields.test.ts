import { describe, expect, it } from 'vitest';
import type { GgufValue } from '../../formats/gguf/index.ts';
import { createTokenizer } from '../text/index.ts';
import type { Metadata } from './fields.ts';
import { ModelConfig } from './model-config.ts';
import { readConversionGoldens } from './testing/golden-folder.ts';
import { writeTokenizer } from './tokenizer-fields.ts';

const goldens = readConversionGoldens();

describe.each(goldens.tokenizers.map((golden) => [golden.name, golden] as const))(
  'the tokenizer %s',
  (name, golden) => {
    const metadata: Metadata = new Map();
    const vocabulary = golden.tokenizer.model['vocab'] as object;
    writeTokenizer(
      metadata,
      {
        tokenizer: new ModelConfig(golden.tokenizer, 'tokenizer.json'),
        tokenizerConfig: new ModelConfig(golden.settings, 'tokenizer_config.json'),
        config: new ModelConfig({}, 'config.json'),
        generationConfig: undefined,
      },
      Object.keys(vocabulary).length + 10,
    );
    const values = new Map([...metadata].map(([key, { value }]) => [key, value as GgufValue]));
    const tokenizer = createTokenizer({ metadata: values });

    it.each(goldens.texts.map((text, index) => [JSON.stringify(text), text, golden.ids[index]!] as const))(
      'reads %s as the tokenizers library does',
      (_, text, ids) => {
        const read =
          name === 'word-piece' || name === 'unigram'
            ? tokenizer.encodeDocument(text)
            : tokenizer.encode([{ kind: 'template', text }]);
        expect(read).toEqual(ids);
      },
    );

    it('has a filled-up vocabulary', () => {
      expect(tokenizer.vocabularySize).toBe(Object.keys(vocabulary).length + 10);
    });
  },
);

describe('a normalizer', () => {
  const byteLevel = goldens.tokenizers.find(({ tokenizer }) => !tokenizer.model['byte_fallback'])!;
  const converted = (normalizer: object) => () =>
    writeTokenizer(
      new Map(),
      {
        tokenizer: new ModelConfig({ ...byteLevel.tokenizer, normalizer }, 'tokenizer.json'),
        tokenizerConfig: undefined,
        config: new ModelConfig({}, 'config.json'),
        generationConfig: undefined,
      },
      1000,
    );

  it('that changes letters is refused by name: the model would read other tokens than in training', () => {
    const steps = [{ type: 'NFC' }, { type: 'Lowercase' }];
    const refused = expect.objectContaining({
      code: 'tokenizer-unsupported',
      message: expect.stringMatching(/Lowerc/),
    });
    expect(converted({ type: 'Lowercase' })).toThrow(refused);
    expect(converted({ type: 'Sequence', normalizers: steps })).toThrow(refused);
  });

  it('that only composes characters is passed over, as in GGUF files of these models', () => {
    expect(converted({ type: 'NFC' })).not.toThrow();
  });
});
