import { SottoError } from '../../shared/index.ts';

/** How a text is cut into the words that byte-pair merges never cross. */
export interface PreTokenizer {
  /** Applied one after the other; each cuts the pieces the one before left, matches and gaps alike. */
  readonly patterns: readonly RegExp[];
  /** A word that is in the vocabulary as a whole is taken as it is, whatever the merges say. */
  readonly ignoreMerges: boolean;
  /** Whether a prompt starts with the begin token when the file does not say. */
  readonly addBosToken: boolean;
}

/**
 * Unicode's White_Space, as the reference engines understand `\s`. JavaScript's own `\s` leaves out U+0085 and takes in
 * U+FEFF, which would split differently.
 */
function pattern(source: string): RegExp {
  return new RegExp(source.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}'), 'gu');
}

const CONTRACTION = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
const SPACES = '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const TITLE = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';

const gpt2 = pattern("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

const plain = { ignoreMerges: false, addBosToken: false };

const STYLES = {
  default: {
    ...plain,
    patterns: [pattern('[\\p{P}$+<=>^~|]+'), gpt2, pattern('\\p{N}+'), pattern('[0-9][0-9][0-9]')],
  },
  gpt2: { ...plain, patterns: [gpt2] },
  digits: { ...plain, patterns: [pattern('\\p{N}'), gpt2] },
  qwen2: {
    ...plain,
    patterns: [pattern(`${CONTRACTION}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${SPACES}`)],
  },
  llama3: {
    ignoreMerges: true,
    addBosToken: true,
    patterns: [
      pattern(`${CONTRACTION}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${SPACES}`),
    ],
  },
  tekken: {
    ignoreMerges: true,
    addBosToken: true,
    patterns: [
      pattern(
        `[^\\r\\n\\p{L}\\p{N}]?${TITLE}*${LOWER}+|[^\\r\\n\\p{L}\\p{N}]?${TITLE}+${LOWER}*` +
          `|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${SPACES}`,
      ),
    ],
  },
  gpt4o: {
    ...plain,
    patterns: [
      pattern(
        `[^\\r\\n\\p{L}\\p{N}]?${TITLE}*${LOWER}+${CONTRACTION}?|[^\\r\\n\\p{L}\\p{N}]?${TITLE}+${LOWER}*${CONTRACTION}?` +
          `|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${SPACES}`,
      ),
    ],
  },
} as const satisfies Record<string, PreTokenizer>;

/** The names GGUF files give in `tokenizer.ggml.pre`, by the split they mean (source: llama-vocab.cpp of llama.cpp). */
const NAMES: Readonly<Record<keyof typeof STYLES, readonly string[]>> = {
  default: ['default'],
  gpt2: ['gpt-2', 'phi-2', 'mpt', 'olmo', 'jais', 'trillion', 'granite-docling'],
  digits: ['smollm', 'starcoder', 'refact', 'command-r', 'codeshell', 'exaone', 'minerva-7b'],
  qwen2: ['qwen2', 'stablelm2', 'deepseek-r1-qwen', 'megrez'],
  llama3: ['llama3', 'llama-v3', 'llama-bpe', 'falcon3', 'falcon-h1', 'pixtral', 'midm-2.0', 'lfm2'],
  tekken: ['tekken'],
  gpt4o: ['gpt-4o', 'llama4'],
};

const BY_NAME = new Map<string, PreTokenizer>(
  Object.entries(NAMES).flatMap(([style, names]) =>
    names.map((name) => [name, STYLES[style as keyof typeof STYLES]] as const),
  ),
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
export function splitWords(text: string, { patterns }: PreTokenizer): Iterable<string> {
  return patterns.reduce<Iterable<string>>(splitEach, [text]);
}

function* splitEach(pieces: Iterable<string>, expression: RegExp): Generator<string> {
  for (const piece of pieces) {
    let end = 0;
    for (const match of piece.matchAll(expression)) {
      if (match.index > end) yield piece.slice(end, match.index);
      yield match[0];
      end = match.index + match[0].length;
    }
    if (end < piece.length) yield piece.slice(end);
  }
}
