import { SottoError } from '../../shared/index.ts';
import { flag, type Metadata, text, uint } from './fields.ts';
import { ModelConfig } from './model-config.ts';
import { preTokenizerName } from './pre-tokenizer-names.ts';
import { stepsOf } from './tokenizer-steps.ts';
import { writeUnigram } from './unigram-fields.ts';

/** Kinds of tokens, by the numbers GGUF files give (source: enum llama_token_type of llama.h). */
const KIND = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** Files beside tokenizer.json that may say something of the tokenizer, or nothing. */
export interface TokenizerFiles {
  readonly tokenizer: ModelConfig;
  readonly tokenizerConfig: ModelConfig | undefined;
  readonly config: ModelConfig;
  readonly generationConfig: ModelConfig | undefined;
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

/**
 * Writes the `tokenizer.ggml.*` fields for a tokenizer.json: byte-level BPE, BPE with byte fallback (SentencePiece's kind),
 * SentencePiece's unigram model or WordPiece.
 * @param rows Rows of the embedding: tokens the tokenizer does not name are filled up as unused.
 * Throws `tokenizer-unsupported`, or `model-config-invalid`.
 */
export function writeTokenizer(metadata: Metadata, files: TokenizerFiles, rows: number): void {
  const { tokenizer } = files;
  const model = tokenizer.object('model');
  if (model === undefined) throw damaged('has no model');
  // Files from before 2021 leave the kind out.
  const kind = model.text('type') ?? (model.has('merges') ? 'BPE' : 'WordPiece');
  if (kind === 'BPE') checkNormalizer(tokenizer);
  const added = readAddedTokens(tokenizer);
  const { tokens, kinds } = listTokens(model, added, rows);
  const write = (name: string, value: Parameters<Metadata['set']>[1]) => metadata.set(`tokenizer.ggml.${name}`, value);

  if (kind === 'WordPiece') {
    write('model', text('bert'));
    write('pre', text('default'));
    markUnknown(model, tokens, kinds);
    write('tokens', { type: 'array', of: 'string', value: tokens.map((token, id) => wordPiece(token, kinds[id]!)) });
    write('token_type', { type: 'array', of: 'int32', value: kinds });
  } else if (kind === 'BPE' && model.flag('byte_fallback', false)) {
    write('model', text('llama'));
    write('pre', text('default'));
    markUnknown(model, tokens, kinds);
    for (const [id, token] of tokens.entries()) if (/^<0x[0-9A-F]{2}>$/.test(token)) kinds[id] = KIND.byte;
    write('tokens', { type: 'array', of: 'string', value: tokens });
    write('scores', { type: 'array', of: 'float32', value: scoresFromMerges(model, tokens) });
    write('token_type', { type: 'array', of: 'int32', value: kinds });
    write('add_space_prefix', flag(addsSpacePrefix(tokenizer)));
  } else if (kind === 'BPE') {
    write('model', text('gpt2'));
    write('pre', text(preTokenizerName(tokenizer.raw('pre_tokenizer'), model.flag('ignore_merges', false))));
    write('tokens', { type: 'array', of: 'string', value: tokens });
    write('token_type', { type: 'array', of: 'int32', value: kinds });
    write('merges', { type: 'array', of: 'string', value: readMerges(model).map((pair) => pair.join(' ')) });
  } else if (kind === 'Unigram') {
    write('tokens', { type: 'array', of: 'string', value: tokens });
    write('token_type', { type: 'array', of: 'int32', value: kinds });
    writeUnigram(write, tokenizer, kinds);
    write('add_space_prefix', flag(addsSpacePrefix(tokenizer)));
  } else {
    throw new SottoError('tokenizer-unsupported', `A tokenizer of the kind "${kind}" cannot be converted.`, {
      details: { kind },
    });
  }
  writeRoles(metadata, files, new Map(tokens.map((token, id) => [token, id])), added);
}

/** Changes of a text before it is cut that GGUF files have no field for, but for those that leave nearly every text as it is. */
function checkNormalizer(tokenizer: ModelConfig): void {
  for (const step of stepsOf(tokenizer, 'normalizer')) {
    const type = step.text('type') ?? '';
    const isSpaces = type === 'Replace' && step.object('pattern')?.text('String') === ' ';
    if (isSpaces || ['NFC', 'NFD', 'NFKC', 'NFKD', 'Prepend'].includes(type)) continue;
    throw new SottoError('tokenizer-unsupported', `The normalizer "${type}" of this tokenizer cannot be converted.`, {
      details: { normalizer: type },
    });
  }
}

function readAddedTokens(tokenizer: ModelConfig): readonly AddedToken[] {
  const list = tokenizer.raw('added_tokens') ?? [];
  if (!Array.isArray(list)) throw damaged('added_tokens is not a list');
  return list.map((entry) => {
    const { id, content, special } = entry as Record<string, unknown>;
    if (!Number.isSafeInteger(id) || typeof content !== 'string') throw damaged('an added token has no id or text');
    return { id: id as number, content, special: special === true };
  });
}

function listTokens(model: ModelConfig, added: readonly AddedToken[], rows: number) {
  const vocabulary = model.raw('vocab');
  if (typeof vocabulary !== 'object') throw damaged('vocab is missing');
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const kinds = new Array<number>(rows).fill(KIND.unused);
  const put = (id: unknown, content: string, kind: number) => {
    if (!Number.isSafeInteger(id) || (id as number) < 0) throw damaged(`${JSON.stringify(content)} has no id`);
    if ((id as number) >= rows) throw damaged(`${JSON.stringify(content)} has the id ${id}; the model has ${rows}`);
    tokens[id as number] = content;
    kinds[id as number] = kind;
  };
  // The unigram model's is a list of pairs: token and score.
  const named: readonly (readonly [string, unknown])[] = Array.isArray(vocabulary)
    ? vocabulary.map((pair: unknown, id) => [String((pair as readonly unknown[])?.[0]), id])
    : Object.entries(vocabulary as object);
  for (const [content, id] of named) put(id, content, KIND.normal);
  for (const { id, content, special } of added) put(id, content, special ? KIND.control : KIND.userDefined);
  return { tokens, kinds };
}

function markUnknown(model: ModelConfig, tokens: readonly string[], kinds: number[]): void {
  const id = tokens.indexOf(model.text('unk_token') ?? '<unk>');
  if (id >= 0) kinds[id] = KIND.unknown;
}

function readMerges(model: ModelConfig): readonly (readonly [string, string])[] {
  const merges = model.raw('merges');
  if (!Array.isArray(merges)) throw damaged('merges is missing');
  return merges.map((merge: unknown) => {
    const pair = typeof merge === 'string' ? splitOnce(merge) : merge;
    const isPair = Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string');
    if (!isPair) throw damaged(`the merge ${JSON.stringify(merge)} is not a pair`);
    return pair as [string, string];
  });
}

const splitOnce = (merge: string) => {
  const at = merge.indexOf(' ', 1);
  return [merge.slice(0, at), merge.slice(at + 1)];
};

/**
 * SentencePiece merges the pair whose result scores best; the merges of such a file are listed in that order. So the first
 * merge that makes a token gives its score. What no merge makes is never the result of one.
 */
function scoresFromMerges(model: ModelConfig, tokens: readonly string[]): Float32Array {
  const ranks = new Map<string, number>();
  for (const [rank, [left, right]] of readMerges(model).entries()) {
    const made = left + right;
    if (!ranks.has(made)) ranks.set(made, rank);
  }
  return Float32Array.from(tokens, (token) => -(ranks.get(token) ?? ranks.size + 1));
}

function addsSpacePrefix(tokenizer: ModelConfig): boolean {
  const prepends = stepsOf(tokenizer, 'normalizer').some((step) => step.text('type') === 'Prepend');
  const metaspace = stepsOf(tokenizer, 'pre_tokenizer').find((step) => step.text('type') === 'Metaspace');
  const scheme = metaspace?.text('prepend_scheme') ?? (metaspace?.flag('add_prefix_space', true) ? 'always' : 'never');
  return prepends || (metaspace !== undefined && scheme !== 'never');
}

/** BERT's pieces as GGUF has them: the start of a word is marked, not its continuation. */
function wordPiece(token: string, kind: number): string {
  if (kind !== KIND.normal) return token;
  return token.startsWith('##') ? token.slice(2) : `\u2581${token}`;
}

/** Roles a token may have: its name in GGUF, in tokenizer_config.json, and the field of its id in config.json. */
const ROLES = [
  ['bos', 'bos_token'],
  ['eos', 'eos_token'],
  ['unknown', 'unk_token'],
  ['padding', 'pad_token'],
  ['seperator', 'sep_token'],
  ['cls', 'cls_token'],
  ['mask', 'mask_token'],
] as const;

function writeRoles(
  metadata: Metadata,
  { tokenizer, tokenizerConfig, config, generationConfig }: TokenizerFiles,
  ids: ReadonlyMap<string, number>,
  added: readonly AddedToken[],
): void {
  const idIn = (settings: ModelConfig | undefined, name: string): readonly number[] => {
    const value = settings?.raw(`${name}_id`);
    const list = Array.isArray(value) ? value : [value];
    return list.filter((id): id is number => Number.isSafeInteger(id) && id >= 0 && id < ids.size);
  };
  const roles = new Map<string, number>();
  for (const [role, name] of ROLES) {
    const named = tokenizerConfig?.raw(name);
    const content = typeof named === 'string' ? named : tokenizerConfig?.object(name)?.text('content');
    const id = (content === undefined ? undefined : ids.get(content)) ?? idIn(config, name)[0];
    if (id === undefined) continue;
    roles.set(role, id);
    metadata.set(`tokenizer.ggml.${role}_token_id`, uint(id));
  }
  // Chat models often end a turn with another token than a text; the settings for generation name both.
  const ends = [...idIn(generationConfig, 'eos_token'), ...idIn(config, 'eos_token')];
  const turn = ends.find((id) => id !== roles.get('eos'));
  if (turn !== undefined) metadata.set('tokenizer.ggml.eot_token_id', uint(turn));

  const frame = frameOf(tokenizer, added);
  // XGLM begins its texts with the token that ends them.
  if (frame?.first !== undefined && metadata.get('tokenizer.ggml.model')?.value === 't5') {
    roles.set('bos', frame.first);
    metadata.set('tokenizer.ggml.bos_token_id', uint(frame.first));
  }
  const says = (name: string) => (tokenizerConfig?.has(name) ? tokenizerConfig.flag(name, false) : undefined);
  const begins = frame ? frame.first === roles.get('bos') : says('add_bos_token');
  if (begins !== undefined) metadata.set('tokenizer.ggml.add_bos_token', flag(begins));
  const ends_ = frame ? frame.last !== undefined && frame.last === roles.get('eos') : says('add_eos_token');
  if (ends_ !== undefined) metadata.set('tokenizer.ggml.add_eos_token', flag(ends_));
}

/** The tokens that tokenizer.json puts around a text; undefined where it says nothing of any. */
function frameOf(tokenizer: ModelConfig, added: readonly AddedToken[]) {
  const processor = tokenizer.object('post_processor');
  const list = processor?.raw('processors');
  const steps = Array.isArray(list) ? list.map((step) => new ModelConfig(step, 'post_processor')) : [processor];
  const template = steps.find((step) => step?.text('type') === 'TemplateProcessing')?.raw('single');
  if (!Array.isArray(template)) return undefined;
  const idOf = (piece: unknown) => {
    const name = (piece as { SpecialToken?: { id?: unknown } })?.SpecialToken?.id;
    return added.find(({ content }) => content === name)?.id;
  };
  return { first: idOf(template[0]), last: template.length > 1 ? idOf(template.at(-1)) : undefined };
}

function damaged(problem: string): SottoError {
  return new SottoError('model-config-invalid', `tokenizer.json: ${problem}.`);
}
