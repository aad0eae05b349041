import { SottoError } from '../../../shared/index.ts';

/** Cuts a piece into smaller ones, in order and without loss. */
export type Cut = (piece: string) => Iterable<string>;

/** How a text is cut into the words that byte-pair merges never cross. */
export interface PreTokenizer {
  /** Applied one after the other; each cuts the pieces the one before left. */
  readonly cuts: readonly Cut[];
  /** A word that is in the vocabulary as a whole is taken as it is, whatever the merges say. */
  readonly ignoreMerges?: boolean;
  /** Whether a prompt starts with the begin token when the file does not say. */
  readonly addsBegin?: boolean;
  /** Whether a prompt starts with the begin token whatever the file says. */
  readonly alwaysAddsBegin?: boolean;
  /** Words are written as they are, with U+2581 for spaces, not in the byte-level alphabet. */
  readonly writesPlainText?: boolean;
}

/**
 * Unicode's White_Space, as the reference engines understand `\s`. JavaScript's own `\s` leaves out U+0085 and takes in
 * U+FEFF, which would split differently.
 */
function pattern(source: string): Cut {
  const expression = new RegExp(
    source.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}'),
    'gu',
  );
  return function* cut(piece) {
    let end = 0;
    for (const match of piece.matchAll(expression)) {
      if (match.index > end) yield piece.slice(end, match.index);
      if (match[0] !== '') yield match[0];
      end = match.index + match[0].length;
    }
    if (end < piece.length) yield piece.slice(end);
  };
}

/** Digits in threes, counted from the right, as numbers are read. */
function* threesFromTheRight(piece: string): Generator<string> {
  let pending = '';
  for (const part of piece.match(/\p{N}+|\P{N}+/gu) ?? []) {
    if (!/^\p{N}/u.test(part)) {
      pending += part;
      continue;
    }
    const digits = [...part];
    const first = digits.length % 3;
    // What comes before the digits stays with the first, shorter group, as in the reference engine.
    if (first > 0) {
      yield pending + digits.slice(0, first).join('');
      pending = '';
    }
    for (let index = first; index < digits.length; index += 3) {
      yield pending + digits.slice(index, index + 3).join('');
      pending = '';
    }
  }
  if (pending !== '') yield pending;
}

const CONTRACTION = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
const LINE_ENDS = '\\s*[\\r\\n]+';
const SPACES = `${LINE_ENDS}|\\s+(?!\\S)|\\s+`;
/** Runs of spaces, the last of which goes with the word after it, in pieces whose lengths are powers of two. */
const SPACES_IN_POWERS_OF_TWO = `${[512, 256, 128, 64, 32, 16, 8, 4, '1,2'].map((count) => `\\s{${count}}(?!\\S)`).join('|')}|\\s`;
const WORD = '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+';
const SIGNS = ' ?[^\\s\\p{L}\\p{N}]+';
// Letters that are not a–z, then letters that are not A–Z: the reference engine's reading of "upper case, lower case".
const TITLE = '(?:(?=\\p{L})[^a-z])';
const LOWER = '(?:(?=\\p{L})[^A-Z])';
const TITLE_OR_MARK = '(?:(?=[\\p{L}\\p{M}])[^a-z])';
const LOWER_OR_MARK = '(?:(?=[\\p{L}\\p{M}])[^A-Z])';
const IDEOGRAPHS_AND_KANA = '[\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-\\u30ff]+';
const ASCII_SIGNS = '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]\\^_`\\{\\|\\}~]';
const CAMEL_OPENER = '[^\\r\\n\\p{L}\\p{N}]?';

function words(digits: string, spaces = SPACES): Cut {
  return pattern(`${CONTRACTION}|${WORD}|${digits}|${SIGNS}[\\r\\n]*|${spaces}`);
}

/** Words in camel case, cut where a capital follows; `ending` belongs to the word before it. */
function camelWords(title: string, lower: string, digits: string, ending: string): Cut {
  const first = `${CAMEL_OPENER}${title}*${lower}+${ending}`;
  const second = `${CAMEL_OPENER}${title}+${lower}*${ending}`;
  return pattern(`${first}|${second}|${digits}|${SIGNS}[\\r\\n/]*|${SPACES}`);
}

function deepSeekWords(rest: string): Cut {
  return pattern(
    `${ASCII_SIGNS}[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+${rest}|\\s+(?!\\S)|\\s+`,
  );
}

const gpt2 = pattern("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");
const lines = pattern('[^\\n]+|\\n+');
const qwen2 = words('\\p{N}');
const llama3 = words('\\p{N}{1,3}');
const deepSeek3 = [pattern('\\p{N}{1,3}'), pattern(IDEOGRAPHS_AND_KANA), deepSeekWords('[\\r\\n]*|\\s*[\\r\\n]+')];
const LATIN_AND_KIN =
  '[A-Za-z\\u00b5\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u01ba\\u01bc-\\u01bf\\u01c4-\\u0293\\u0295-' +
  '\\u02af\\u0370-\\u0373\\u0376\\u0377\\u037b-\\u037d\\u037f\\u0386\\u0388-\\u038a\\u038c\\u038e-' +
  '\\u03a1\\u03a3-\\u03f5\\u03f7-\\u0481\\u048a-\\u052f\\u0531-\\u0556\\u10a0-\\u10c5\\u13a0-\\u13f5' +
  '\\u13f8-\\u13fd\\u1c90-\\u1cba\\u1cbd-\\u1cbf\\u1d00-\\u1d2b\\u1d6b-\\u1d77\\u1d79-\\u1d9a\\u1e00-' +
  '\\u1f15\\u1f18-\\u1f1d\\u1f20-\\u1f45\\u1f48-\\u1f4d\\u1f50-\\u1f57\\u1f59\\u1f5b\\u1f5d\\u1f5f-' +
  '\\u1f7d\\u1f80-\\u1fb4\\u1fb6-\\u1fbc\\u1fbe\\u1fc2-\\u1fc4\\u1fc6-\\u1fcc\\u1fd0-\\u1fd3\\u1fd6-' +
  '\\u1fdb\\u1fe0-\\u1fec\\u1ff2-\\u1ff4\\u1ff6-\\u1ffc\\u2102\\u2107\\u210a-\\u2113\\u2115\\u2119-' +
  '\\u211d\\u2124\\u2126\\u2128\\u212a-\\u212d\\u212f-\\u2134\\u2139\\u213c-\\u213f\\u2145-\\u2149' +
  '\\u214e\\u2183\\u2184\\u2c00-\\u2c7b\\u2c7e-\\u2ce4\\u2ceb-\\u2cee\\u2cf2\\u2cf3\\ua640-\\ua66d' +
  '\\ua680-\\ua69b\\ua722-\\ua76f\\ua771-\\ua787\\ua78b-\\ua78e\\uab70-\\uabbf\\ufb00-\\ufb06\\ufb13-' +
  '\\ufb17\\uff21-\\uff3a\\uff41-\\uff5a\\u{10400}-\\u{1044f}\\u{104b0}-\\u{104d3}\\u{104d8}-\\u{104fb}' +
  '\\u{10c80}-\\u{10cb2}\\u{10cc0}-\\u{10cf2}\\u{118a0}-\\u{118df}\\u{1e900}-\\u{1e943}]+';
/** Han, kana, Thai and its neighbours, Hangul. */
const SCRIPTS_WITHOUT_SPACES =
  '[\\u4e00-\\u9fff\\u3400-\\u4dbf\\u8c48-\\ufaff\\u3040-\\u309f\\u30a0-\\u30ff\\uff65-\\uff9f\\u2f00-' +
  '\\u2fdf\\u0e40-\\u0e7f\\u0e80-\\u0eff\\u1780-\\u17ff\\u1000-\\u109f\\uaa60-\\uaa7f\\ua9e0-\\ua9ff' +
  '\\uac00-\\ud7af\\u1100-\\u11ff]+';
/** Hangul, East Asian punctuation, Bopomofo, Han and kana, each by itself. */
const EAST_ASIAN_RUNS =
  '[\\uac00-\\ud7a3\\u3131-\\u318e]+|[\\uff01\\u2026\\u201c\\u201d\\u2018\\u2019\\u2014\\uff1a\\uff1b' +
  '\\uff0c\\u3001-\\u303f\\ufe30-\\ufe4f]+|[\\u3105-\\u312f]+|[\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-' +
  '\\u30ff]+';
// The ranges hold rare spaces, which are not meant.
const EAST_ASIAN = '(?:(?=\\S)[\\u4e00-\\u9fa5\\u0800-\\u4e00\\uac00-\\ud7ff])+';
const bloom = pattern(' ?[^(\\s|.,!?\\u2026\\u3002\\uff0c\\u3001\\u0964\\u06d4\\u060c)]+');

/** The names GGUF files give in `tokenizer.ggml.pre`, by the split they mean (source: llama-vocab.cpp of llama.cpp). */
const FAMILIES: readonly (readonly [names: string, style: PreTokenizer])[] = [
  ['default', { cuts: [pattern('[\\p{P}$+<=>\\^~\\|]+'), gpt2, pattern('\\p{N}+'), pattern('[0-9][0-9][0-9]')] }],
  [
    'gpt-2 phi-2 mpt olmo jais trillion granite-docling exaone4 gigachat jina-es jina-de jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert jina-v1-en jina-v2-code roberta-bpe',
    { cuts: [gpt2] },
  ],
  ['smollm starcoder refact command-r codeshell exaone minerva-7b mellum2', { cuts: [pattern('\\p{N}'), gpt2] }],
  ['falcon', { cuts: [pattern('[\\p{P}$+<=>\\^~\\|`]+'), gpt2, pattern('[0-9][0-9][0-9]')] }],
  ['qwen2 stablelm2 deepseek-r1-qwen megrez kormo f2llmv2 hunyuan solar-open grok-2', { cuts: [qwen2] }],
  ['laguna', { cuts: [lines, qwen2] }],
  ['ufakzeka', { cuts: [pattern(`${WORD}|\\p{N}|${SIGNS}[\\r\\n]*|${SPACES}`)] }],
  [
    'qwen35',
    {
      cuts: [
        pattern(
          `${CONTRACTION}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|${SPACES}`,
        ),
      ],
    },
  ],
  [
    'llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano',
    { cuts: [llama3], ignoreMerges: true, addsBegin: true },
  ],
  ['jais-2', { cuts: [words('\\p{N}{1,3}', `${LINE_ENDS}|${SPACES_IN_POWERS_OF_TWO}`)] }],
  ['dbrx smaug-bpe chatglm-bpe', { cuts: [llama3] }],
  ['glm4 glm5', { cuts: [llama3], ignoreMerges: true }],
  ['minicpm5', { cuts: [pattern('\\p{N}{1,3}'), words('\\p{N}+')], ignoreMerges: true }],
  ['seed-coder', { cuts: [pattern(`${CONTRACTION}|${WORD}|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|${SPACES}`)] }],
  [
    'bailingmoe bailingmoe2 llada-moe',
    {
      cuts: [
        pattern(
          `'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|${WORD}|\\p{N}|${SIGNS}[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+`,
        ),
      ],
    },
  ],
  [
    'exaone-moe',
    {
      cuts: [
        pattern(
          `${CONTRACTION}|[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}|${SIGNS}[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+`,
        ),
      ],
    },
  ],
  ['tekken', { cuts: [camelWords(TITLE, LOWER, '\\p{N}', '')], ignoreMerges: true, addsBegin: true }],
  ['gpt-4o llama4 kanana2 talkie minimax-m2', { cuts: [camelWords(TITLE, LOWER, '\\p{N}{1,3}', `${CONTRACTION}?`)] }],
  [
    'granite-embed-multi-97m',
    {
      cuts: [camelWords(TITLE_OR_MARK, LOWER_OR_MARK, '\\p{N}{1,3}', `${CONTRACTION}?`)],
      ignoreMerges: true,
    },
  ],
  [
    'tiny_aya cohere2moe',
    {
      cuts: [threesFromTheRight, camelWords('[\\p{L}\\p{M}]', '[\\p{L}\\p{M}]', '\\p{N}{1,3}', `${CONTRACTION}?`)],
    },
  ],
  [
    'deepseek-llm',
    {
      cuts: [
        pattern('[\\r\\n]'),
        pattern(`\\s?${LATIN_AND_KIN}`),
        pattern('\\s?[!-/:-~\\uff01-\\uff0f\\uff1a-\\uff5e\\u2018-\\u201f\\u3001-\\u3002]+'),
        pattern('\\s+$'),
        pattern(EAST_ASIAN),
        pattern('\\p{N}+'),
      ],
    },
  ],
  [
    'deepseek-coder',
    {
      cuts: [
        pattern('[\\r\\n]'),
        pattern('\\s?\\p{L}+'),
        pattern('\\s?\\p{P}+'),
        pattern(EAST_ASIAN),
        pattern('\\p{N}'),
      ],
    },
  ],
  ['deepseek-v3 hunyuan-dense joyai-llm hy_v4', { cuts: deepSeek3 }],
  [
    'spark2_5',
    {
      cuts: [pattern('\\p{N}{1,3}'), pattern(IDEOGRAPHS_AND_KANA), deepSeekWords('|[\\r\\n]'), pattern('\\p{N}')],
    },
  ],
  [
    'afmoe',
    {
      cuts: [threesFromTheRight, pattern(SCRIPTS_WITHOUT_SPACES), deepSeekWords('[\\r\\n]*|\\s*[\\r\\n]+')],
    },
  ],
  [
    'youtu',
    {
      cuts: [pattern(EAST_ASIAN_RUNS), camelWords('[\\p{L}\\p{M}]', '[\\p{L}\\p{M}]', '\\p{N}', `${CONTRACTION}?`)],
      ignoreMerges: true,
    },
  ],
  ['bloom poro-chat gpt3-finnish', { cuts: [bloom] }],
  ['viking', { cuts: [bloom, pattern('\\p{N}')] }],
  ['superbpe', { cuts: [pattern('\\p{N}+'), pattern('(?=(?:[0-9]{3})+(?![0-9]))')] }],
  ['gemma4 granite-embed-multi-311m', { cuts: [lines], writesPlainText: true, alwaysAddsBegin: true }],
  ['sarvam-moe', { cuts: [lines], writesPlainText: true }],
];

const BY_NAME = new Map<string, PreTokenizer>(
  FAMILIES.flatMap(([names, style]) => names.split(' ').map((name) => [name, style] as const)),
);

/** The split a file asks for by name; an unknown name is `tokenizer-unsupported`, because a wrong split ruins every answer. */
export function preTokenizerByName(name: string): PreTokenizer {
  const found = BY_NAME.get(name);
  if (found) return found;
  const known = [...BY_NAME.keys()].join(', ');
  throw new SottoError('tokenizer-unsupported', `The pre-tokenizer "${name}" is not known. Known: ${known}.`, {
    details: { preTokenizer: name },
  });
}

/** The words of a text, in order and without loss: their concatenation is the text. */
export function splitWords(text: string, { cuts }: PreTokenizer): Iterable<string> {
  return cuts.reduce<Iterable<string>>(cutEach, [text]);
}

function* cutEach(pieces: Iterable<string>, cut: Cut): Generator<string> {
  for (const piece of pieces) yield* cut(piece);
}
