import type { GgufFile } from '../../../formats/gguf/index.ts';
import { SottoError } from '../../../shared/index.ts';
import { TokenizerFields } from './metadata-fields.ts';
import { KIND_BY_NUMBER, TOKEN } from './token-kind.ts';
import { assignRoles, assignStripping } from './token-roles.ts';

/** How a vocabulary's texts were learnt, by the names files give (`tokenizer.ggml.model`). */
const ENCODINGS = {
  gpt2: 'byte-pair',
  gemma4: 'byte-pair',
  llama: 'sentence-piece',
  t5: 'unigram',
  plamo2: 'backward-unigram',
  bert: 'word-piece',
} as const;

export type EncodingName = (typeof ENCODINGS)[keyof typeof ENCODINGS];

const FIRST_IDS = { bos: 1, eos: 2, unknown: 0 };

/** Ids of roles where a file does not name them (source: the defaults in llama-vocab.cpp of llama.cpp). */
const DEFAULT_IDS: Readonly<Record<EncodingName, Readonly<Record<string, number>>>> = {
  'byte-pair': {},
  'sentence-piece': FIRST_IDS,
  unigram: { eos: 1, unknown: 2 },
  'backward-unigram': FIRST_IDS,
  'word-piece': { bos: 101, unknown: 100, seperator: 102 },
};

/** What a GGUF file says of its tokenizer, checked. */
export interface Vocabulary {
  readonly encoding: EncodingName;
  readonly fields: TokenizerFields;
  /** Texts by token id, as the encoding writes them. */
  readonly tokens: readonly string[];
  /** Bits of `TOKEN`, by token id. */
  readonly kinds: Uint8Array;
  /** Ids by text, of all tokens that ordinary text may become: none that steers the model. */
  readonly textIds: ReadonlyMap<string, number>;
  /** Ids that end a generation. */
  readonly endIds: ReadonlySet<number>;
  /** Control tokens whose text is shown all the same. */
  readonly shownIds: ReadonlySet<number>;
  readonly beginId: number | undefined;
  readonly endId: number | undefined;
  readonly separatorId: number | undefined;
  readonly unknownId: number | undefined;
  /** What the file says of the begin token and of the token that ends a document; undefined where it is silent. */
  readonly addsBegin: boolean | undefined;
  readonly addsEnd: boolean | undefined;
}

/** Reads the tokenizer of a file. Unknown kinds are `tokenizer-unsupported`; contradictions are `gguf-invalid`. */
export function readVocabulary({ metadata }: Pick<GgufFile, 'metadata'>): Vocabulary {
  const fields = new TokenizerFields(metadata);
  const model = fields.get('model');
  const encoding = Object.entries(ENCODINGS).find(([name]) => name === model)?.[1];
  if (encoding === undefined) {
    const known = Object.keys(ENCODINGS).join(', ');
    const message = `The tokenizer kind ${JSON.stringify(model ?? null)} is not supported. Supported: ${known}.`;
    throw new SottoError('tokenizer-unsupported', message);
  }
  // A token without a text gets one that nobody writes, as llama.cpp does.
  const tokens = fields.texts('tokens').map((token, id) => (token === '' ? `[EMPTY_${id}]` : token));
  const types = fields.numbers('token_type', tokens.length);
  const kinds = Uint8Array.from(tokens, (_, id) => (types ? (KIND_BY_NUMBER[types[id] ?? 0] ?? 0) : TOKEN.normal));
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const { endIds, shownIds } = assignRoles(fields, ids, kinds);
  assignStripping(fields, ids, kinds);

  const roleId = (role: string) => {
    const fallback = DEFAULT_IDS[encoding][role];
    const inRange = fallback !== undefined && fallback < tokens.length ? fallback : undefined;
    return fields.tokenId(role, tokens.length) ?? inRange;
  };
  const endId = roleId('eos');
  for (const [text, id] of ids) if (!isOrdinary(kinds, id)) ids.delete(text);
  return {
    encoding,
    fields,
    tokens,
    kinds,
    textIds: ids,
    endIds: endId === undefined ? endIds : new Set([...endIds, endId]),
    shownIds,
    // Files of BERT's kin name their begin token "cls" as well.
    beginId: fields.tokenId('bos', tokens.length) ?? fields.tokenId('cls', tokens.length) ?? roleId('bos'),
    endId,
    separatorId: roleId('seperator'),
    unknownId: roleId('unknown'),
    addsBegin: fields.flag('add_bos_token'),
    addsEnd: fields.flag('add_eos_token'),
  };
}

function isOrdinary(kinds: Uint8Array, id: number): boolean {
  return ((kinds[id] ?? 0) & (TOKEN.control | TOKEN.unknown)) === 0;
}
