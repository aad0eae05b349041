import { SottoError } from '../../shared/index.ts';

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const REST = '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const words = (digits: string) => `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}${REST}`;
const UPPER = '\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}';
const LOWER = '\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}';
const camelWords = (ending: string, digits: string) =>
  `[^\\r\\n\\p{L}\\p{N}]?[${UPPER}]*[${LOWER}]+${ending}|[^\\r\\n\\p{L}\\p{N}]?[${UPPER}]+[${LOWER}]*${ending}` +
  `|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
const QWEN35 =
  `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*` +
  '|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

/**
 * Names of GGUF files for the ways tokenizer.json files cut a text, by a description of their steps. Whole words that are
 * in the vocabulary are taken without merging where the file says so, and that has names of its own.
 */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['bytes+gpt2', 'gpt-2'],
  ['digits; bytes+gpt2', 'smollm'],
  [`split ${words('\\p{N}')}; bytes`, 'qwen2'],
  [`split ${words('\\p{N}{1,3}')}; bytes`, 'dbrx'],
  [`split ${words('\\p{N}{1,3}')}; bytes; whole words`, 'llama-bpe'],
  [`split ${camelWords(`${CONTRACTIONS}?`, '\\p{N}{1,3}')}; bytes`, 'gpt-4o'],
  [`split ${camelWords('', '\\p{N}')}; bytes; whole words`, 'tekken'],
  [`split ${QWEN35}; bytes`, 'qwen35'],
]);

/**
 * The name of a pre-tokenizer, found by what it does.
 * @param step `pre_tokenizer` of a tokenizer.json.
 * Throws `tokenizer-unsupported`: a text that is cut in another way than in training ruins every answer.
 */
export function preTokenizerName(step: unknown, takesWholeWords: boolean): string {
  const description = inWords(step);
  const whole = takesWholeWords ? '; whole words' : '';
  const name = NAMES.get(description + whole);
  if (name !== undefined) return name;
  const message = `The pre-tokenizer of this model is not known: ${(description + whole).slice(0, 300)}.`;
  throw new SottoError('tokenizer-unsupported', message);
}

function inWords(step: unknown): string {
  const {
    type,
    pretokenizers,
    pattern,
    use_regex: usesPattern = true,
    add_prefix_space: addsSpace,
    individual_digits: isEachAlone,
  } = (step ?? {}) as Record<string, unknown>;
  switch (type) {
    case 'Sequence':
      return Array.isArray(pretokenizers) ? pretokenizers.map(inWords).join('; ') : 'nothing';
    case 'ByteLevel':
      return `${addsSpace === true ? 'space + ' : ''}${usesPattern ? 'bytes+gpt2' : 'bytes'}`;
    case 'Digits':
      return isEachAlone === true ? 'digits' : 'runs of digits';
    case 'Split':
      return `split ${(pattern as { Regex?: string })?.Regex ?? JSON.stringify(pattern)}`;
    default:
      return String(type ?? 'nothing');
  }
}
