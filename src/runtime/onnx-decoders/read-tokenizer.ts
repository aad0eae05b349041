import type { GgufValue } from '../../formats/gguf/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { Metadata } from '../conversion/fields.ts';
import { ModelConfig } from '../conversion/model-config.ts';
import { templatesIn } from '../conversion/model-folder.ts';
import { writeTokenizer } from '../conversion/tokenizer-fields.ts';
import type { ModelFiles } from '../tasks/onnx/index.ts';
import { createTokenizer, type Tokenizer } from '../text/index.ts';

/** What the settings files of a decoder say of it. */
export interface DecoderSettings {
  readonly config: ModelConfig;
  /** Rows of its table of tokens; tokens that the tokenizer does not name are among them. */
  readonly vocabularySize: number;
  readonly tokenizer: Tokenizer;
  /** As a GGUF file would carry it: the tokenizer, and the chat template where there is one. */
  readonly metadata: ReadonlyMap<string, GgufValue>;
}

/** The largest vocabularies have some 260,000 tokens. */
const MOST_TOKENS = 2 ** 21;

/**
 * Reads config.json, tokenizer.json and what may lie beside them.
 * Rejects with `model-config-invalid`, `model-files-missing`, or `tokenizer-unsupported`.
 */
export async function readSettings(files: ModelFiles): Promise<DecoderSettings> {
  const text = async (name: string) => {
    const bytes = await files.get(name)?.read();
    return bytes && new TextDecoder().decode(bytes);
  };
  const json = async (name: string) => {
    const content = await text(name);
    return content === undefined ? undefined : new ModelConfig(parse(content, name), name);
  };
  const config = (await json('config.json'))?.flattened('text_config');
  const tokenizer = await json('tokenizer.json');
  if (config === undefined || tokenizer === undefined) {
    const file = config === undefined ? 'config.json' : 'tokenizer.json';
    throw new SottoError('model-files-missing', `${file} is missing.`, { details: { file } });
  }
  const tokenizerConfig = await json('tokenizer_config.json');
  const generationConfig = await json('generation_config.json');
  const vocabularySize = config.integer('vocab_size', 1, MOST_TOKENS);
  const fields: Metadata = new Map();
  writeTokenizer(fields, { tokenizer, tokenizerConfig, config, generationConfig }, vocabularySize);
  const metadata = new Map<string, GgufValue>([...fields].map(([key, { value }]) => [key, value as GgufValue]));
  const template = (await text('chat_template.jinja')) ?? templatesIn(tokenizerConfig).get('default');
  if (template !== undefined) metadata.set('tokenizer.chat_template', template);
  return { config, vocabularySize, tokenizer: createTokenizer({ metadata }), metadata };
}

function parse(content: string, name: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new SottoError('model-config-invalid', `${name} is not JSON.`, { cause, details: { file: name } });
  }
}
