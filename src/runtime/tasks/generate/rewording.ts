import { SottoError } from '../../../shared/index.ts';
import type { LoadedPipeline } from '../onnx/index.ts';
import { chunksOf, detectLanguage } from '../text/index.ts';
import { type Generate, modelOf, type WritingOptions } from './generate.ts';

/** Tongues by the codes that callers write. */
const TONGUES: Readonly<Record<string, string>> = {
  ar: 'Arabic',
  de: 'German',
  en: 'English',
  es: 'Spanish',
  fr: 'French',
  it: 'Italian',
  ja: 'Japanese',
  nl: 'Dutch',
  pl: 'Polish',
  pt: 'Portuguese',
  ru: 'Russian',
  tr: 'Turkish',
  zh: 'Chinese',
};

/** UTF-16 units translated at once: translation models read some 500 tokens. */
const PART = 900;

/** By a translation model that is loaded, else by a chat model that is good enough; a long text part by part. */
export async function translateText(
  text: string,
  languages: { readonly from?: string | undefined; readonly to: string },
  tools: { readonly generate: Generate; readonly pipeline: LoadedPipeline | undefined; readonly signal: AbortSignal },
  options: WritingOptions,
) {
  const from = languages.from ?? detectLanguage(text).language;
  const parts = chunksOf(text, PART);
  const written: string[] = [];
  let model = tools.pipeline?.model ?? '';
  for (const part of parts) {
    if (tools.pipeline !== undefined) {
      // A model that finds no end would write on past the places it has.
      const parameters = { src_lang: from, tgt_lang: languages.to, max_new_tokens: roomFor(part.text) };
      const output = await tools.pipeline.run([part.text], parameters, tools.signal);
      written.push(translationIn(output));
      continue;
    }
    const result = await tools.generate({
      system: `You translate into ${tongue(languages.to)}. Write the translation alone.`,
      prompt: part.text,
      maxTokens: roomFor(part.text),
      ...modelOf(options),
    });
    model = result.model;
    written.push(result.text.trim());
  }
  const translated = written.join(text.includes('\n') ? '\n' : ' ');
  if (translated.trim() === '') throw new SottoError('flow-failed', `"${model}" wrote no translation.`);
  const seen = detectLanguage(translated);
  // Nonsense and untranslated text are told, not handed on as a translation.
  const isRight = seen.language === languages.to || translated.length < 40 || !(languages.to in TONGUES);
  return { text: translated, from, to: languages.to, isRight, parts: parts.length, model };
}

/** Tokens that a translation may have. */
const roomFor = (text: string) => Math.ceil(text.length / 2) + 40;

function translationIn(output: unknown): string {
  const [first] = Array.isArray(output) ? (output as unknown[]) : [output];
  const text = (first as { translation_text?: unknown; generated_text?: unknown } | undefined) ?? {};
  return String(text.translation_text ?? text.generated_text ?? '').trim();
}

function tongue(code: string): string {
  return TONGUES[code.toLowerCase().slice(0, 2)] ?? code;
}

/** Says the same as it is asked to; a long text paragraph by paragraph. */
export async function rewriteText(text: string, how: string, generate: Generate, options: WritingOptions) {
  const parts = chunksOf(text, 3_000);
  const written: string[] = [];
  let model = '';
  for (const part of parts) {
    const result = await generate({
      system: `Rewrite the text of the user: ${how}. Keep its meaning, names and numbers. Write the new text alone.`,
      prompt: part.text,
      maxTokens: Math.ceil(part.text.length / 2) + 80,
      ...modelOf(options),
    });
    model = result.model;
    written.push(result.text.trim());
  }
  const rewritten = written.join('\n\n');
  // What a reader would hold the writer to: figures that are gone, or new.
  const numbers = (value: string) => new Set(value.match(/\d+(?:[.,]\d+)*/g) ?? []);
  const [before, after] = [numbers(text), numbers(rewritten)];
  return {
    text: rewritten,
    lost: [...before].filter((number) => !after.has(number)),
    added: [...after].filter((number) => !before.has(number)),
    parts: parts.length,
    model,
  };
}

/** Ways a text may go on, the likeliest first, each to the end of its line. */
export async function continueText(
  text: string,
  { count, maxTokens }: { readonly count: number; readonly maxTokens: number },
  generate: Generate,
  options: WritingOptions,
) {
  const suggestions: string[] = [];
  let model = '';
  for (let index = 0; index < count; index++) {
    const result = await generate({
      prompt: text,
      maxTokens,
      continues: true,
      temperature: index === 0 ? 0 : 0.7,
      stop: ['\n'],
      ...modelOf({ ...options, seed: options.seed + index }),
    });
    model = result.model;
    if (result.text.trim() !== '' && !suggestions.includes(result.text)) suggestions.push(result.text);
  }
  return { suggestions, text: suggestions[0] ?? '', model };
}
