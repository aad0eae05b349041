import { invalid, type Vocabulary } from '../vocabulary/index.ts';
import { BackwardUnigramEncoding } from './backward-unigram.ts';
import { BytePairEncoding } from './byte-pair.ts';
import { preTokenizerByName } from './pre-tokenizers.ts';
import { SentencePieceEncoding } from './sentence-piece.ts';
import type { TextEncoding } from './text-encoding.ts';
import { UnigramEncoding } from './unigram.ts';
import { WordPieceEncoding } from './word-piece.ts';

/** Which special tokens stand around a text where the file does not say (source: llama-vocab.cpp of llama.cpp). */
export interface Frame {
  readonly addsBegin: boolean;
  readonly addsEnd: boolean;
  readonly addsSeparator: boolean;
}

/** The encoding a vocabulary was made for, and the frame that is usual with it. */
export function createEncoding(vocabulary: Vocabulary): { readonly encoding: TextEncoding; readonly frame: Frame } {
  const frame = (usual: Partial<Frame>): Frame => ({
    addsBegin: vocabulary.addsBegin ?? usual.addsBegin ?? false,
    addsEnd: vocabulary.addsEnd ?? usual.addsEnd ?? false,
    // The reference engine closes with a separator in BERT's own kind only, whatever `add_sep_token` says elsewhere.
    addsSeparator: false,
  });
  switch (vocabulary.encoding) {
    case 'byte-pair': {
      const preTokenizer = preTokenizerByName(preTokenizerName(vocabulary));
      const { addsBegin, alwaysAddsBegin } = preTokenizer;
      const usual = frame({ addsBegin: addsBegin ?? false });
      return {
        encoding: new BytePairEncoding(vocabulary, preTokenizer),
        frame: alwaysAddsBegin ? { ...usual, addsBegin: true } : usual,
      };
    }
    case 'sentence-piece':
      return { encoding: new SentencePieceEncoding(vocabulary), frame: frame({ addsBegin: true }) };
    case 'unigram':
      return { encoding: new UnigramEncoding(vocabulary), frame: frame({ addsEnd: true }) };
    case 'backward-unigram':
      // The reference engine puts nothing around a text here, though files ask for it.
      return {
        encoding: new BackwardUnigramEncoding(vocabulary),
        frame: { addsBegin: false, addsEnd: false, addsSeparator: false },
      };
    case 'word-piece':
      // BERT's frame is part of the model, whatever the file says.
      return {
        encoding: new WordPieceEncoding(vocabulary),
        frame: { addsBegin: true, addsEnd: false, addsSeparator: true },
      };
  }
}

function preTokenizerName({ fields }: Vocabulary): string {
  if (fields.get('model') === 'gemma4') return 'gemma4';
  const name = fields.get('pre') ?? 'default';
  if (typeof name !== 'string') throw invalid('pre', 'is not a string');
  return name === '' ? 'default' : name;
}
