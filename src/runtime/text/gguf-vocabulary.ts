import type { GgufFile } from '../../formats/gguf/index.ts';
import { SottoError } from '../../shared/index.ts';
import { type PreTokenizer, preTokenizerByName } from './pre-tokenizers.ts';

/** Kinds of token, by their numbers in the file (source: `llama_token_type` in llama.h). */
const CONTROL = 3;
const USER_DEFINED = 4;

/**
 * Texts that end a turn in the common model families. Files often name only one end token, and some forget to mark these
 * as control tokens (source: the same list in llama-vocab.cpp of llama.cpp).
 */
const END_TOKEN_TEXTS: ReadonlySet<string> = new Set([
  '<|eot_id|>',
  '<|im_end|>',
  '<|end|>',
  '<|return|>',
  '<|call|>',
  '<end_of_turn>',
  '<|endoftext|>',
  '<|eom_id|>',
  '<EOT>',
  '_<EOT>',
  '<|end_of_text|>',
  '<end_of_utterance>',
  // Padding, repository and file marks of fill-in-the-middle training: what follows them is another document.
  '<|fim_pad|>',
  '<fim-pad>',
  '<fim_pad>',
  '<PAD>',
  '<|fim_repo|>',
  '<|repo_name|>',
  '<fim-repo>',
  '<REPO>',
  '<reponame>',
  '<|file_sep|>',
]);

const END_TOKEN_KEYS = ['eos', 'eot', 'eom', 'fim_pad', 'fim_rep', 'fim_sep'].map(
  (name) => `tokenizer.ggml.${name}_token_id`,
);

/** What a GGUF file says of its tokenizer, checked. */
export interface GgufVocabulary {
  /** Byte-level texts, by token id. */
  readonly tokens: readonly string[];
  /** Pairs to join, best first. */
  readonly merges: readonly (readonly [string, string])[];
  readonly preTokenizer: PreTokenizer;
  /** Ids of tokens that steer the model and have no text of their own. */
  readonly controlIds: ReadonlySet<number>;
  /** Ids of tokens that are matched as they stand in any text, before it is cut into words. */
  readonly userDefinedIds: ReadonlySet<number>;
  /** Ids that end a generation. */
  readonly endIds: ReadonlySet<number>;
  readonly beginId: number | undefined;
  readonly endId: number | undefined;
  readonly addBeginToken: boolean;
}

/** Reads the tokenizer of a file. Anything but byte-level BPE is `tokenizer-unsupported`; contradictions are `gguf-invalid`. */
export function readGgufVocabulary({ metadata }: Pick<GgufFile, 'metadata'>): GgufVocabulary {
  const model = metadata.get('tokenizer.ggml.model');
  if (model !== 'gpt2') {
    const message = `The tokenizer kind ${JSON.stringify(model ?? null)} is not supported; byte-level BPE ("gpt2") is.`;
    throw new SottoError('tokenizer-unsupported', message);
  }
  const tokens = stringList(metadata, 'tokenizer.ggml.tokens');
  const merges = stringList(metadata, 'tokenizer.ggml.merges').map(splitMerge);
  const pre = metadata.get('tokenizer.ggml.pre') ?? 'default';
  if (typeof pre !== 'string') throw invalid('tokenizer.ggml.pre', 'is not a string');
  const preTokenizer = preTokenizerByName(pre);

  const controlIds = new Set<number>();
  const userDefinedIds = new Set<number>();
  const endIds = new Set<number>();
  const types = tokenTypes(metadata, tokens.length);
  for (const [id, token] of tokens.entries()) {
    const isEnd = END_TOKEN_TEXTS.has(token);
    if (isEnd) endIds.add(id);
    if (isEnd || types?.[id] === CONTROL) controlIds.add(id);
    else if (types?.[id] === USER_DEFINED && token !== '') userDefinedIds.add(id);
  }
  for (const key of END_TOKEN_KEYS) {
    const id = tokenId(metadata, key, tokens.length);
    if (id !== undefined) endIds.add(id);
  }
  const addBegin = metadata.get('tokenizer.ggml.add_bos_token') ?? preTokenizer.addBosToken;
  const beginId = tokenId(metadata, 'tokenizer.ggml.bos_token_id', tokens.length);
  return {
    tokens,
    merges,
    preTokenizer,
    controlIds,
    userDefinedIds,
    endIds,
    beginId,
    endId: tokenId(metadata, 'tokenizer.ggml.eos_token_id', tokens.length),
    addBeginToken: addBegin === true && beginId !== undefined,
  };
}

type Metadata = GgufFile['metadata'];

function invalid(key: string, problem: string): SottoError {
  return new SottoError('gguf-invalid', `The tokenizer of this file is damaged: ${key} ${problem}.`, {
    details: { key },
  });
}

function stringList(metadata: Metadata, key: string): readonly string[] {
  const value = metadata.get(key);
  if (value === undefined) throw invalid(key, 'is missing');
  if (!Array.isArray(value) || value.length === 0 || !value.every((item): item is string => typeof item === 'string')) {
    throw invalid(key, 'is not a list of strings');
  }
  return value;
}

function splitMerge(merge: string): readonly [string, string] {
  const space = merge.indexOf(' ', 1);
  if (space === -1) throw invalid('tokenizer.ggml.merges', `holds ${JSON.stringify(merge)}, which is not a pair`);
  return [merge.slice(0, space), merge.slice(space + 1)];
}

function tokenTypes(metadata: Metadata, count: number): ArrayLike<unknown> | undefined {
  const key = 'tokenizer.ggml.token_type';
  const value = metadata.get(key);
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value.length !== count) throw invalid(key, 'does not match the vocabulary');
  return value;
}

function tokenId(metadata: Metadata, key: string, count: number): number | undefined {
  const value = metadata.get(key);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= count) {
    throw invalid(key, `is ${String(value)}, outside the vocabulary of ${count}`);
  }
  return value;
}
