import { SottoError } from '../../../shared/index.ts';
import { moderate, verifyClaims } from '../../tasks/evidence/index.ts';
import { continueText, rewriteText, summariseByModel, translateText } from '../../tasks/generate/index.ts';
import { chooseSentences, sentencesOf, tellingSentences } from '../../tasks/text/index.ts';
import type { OperationContext, Operations, Settings } from '../operation.ts';
import { GOOD_ENOUGH, numberIn, oneOf, textOf, textsOf, writingOptions } from './settings.ts';

/** What is said anew: summaries, translations, other wordings, continuations; and what should not be said. */
export const WRITING_OPERATIONS: Operations = {
  'task.summarise': {
    arguments: { text: { type: 'any' }, focus: { type: 'text', isOptional: true } },
    result: {
      text: 'text',
      bullets: 'text[]',
      sentences: 'record[]',
      unsupported: 'text[]',
      parts: 'number',
      model: 'text',
    },
    check: (settings) =>
      oneOf('by', ['sentences', 'model', 'auto'])(settings) ?? oneOf('style', ['short', 'bullets'])(settings),
    run: async ({ text, focus }, settings, context) => {
      const { by } = settings;
      const asked = typeof focus === 'string' ? focus : undefined;
      if (by !== 'model' && by !== 'auto') return chosenSentences(textsOf(text, 'text'), asked, settings, context);
      try {
        return await writtenSummary(textsOf(text, 'text').join('\n\n'), settings, context);
      } catch (error) {
        if (by === 'model' || !SottoError.isInstance(error) || error.code !== 'task-unavailable') throw error;
        return chosenSentences(textsOf(text, 'text'), asked, settings, context);
      }
    },
  },
  'task.translate': {
    arguments: { text: { type: 'text' } },
    result: { text: 'text', from: 'text', to: 'text', isRight: 'boolean', parts: 'number', model: 'text' },
    check: ({ to }) => (typeof to === 'string' && to !== '' ? undefined : 'It needs "to", a language: "de".'),
    run: async ({ text }, settings, { generate, pipeline, signal, seed }) => {
      const { from, to, model } = settings;
      const loaded = typeof model === 'string' ? undefined : pipeline?.('translation');
      return translateText(
        textOf(text, 'text'),
        { from: typeof from === 'string' ? from : undefined, to: String(to) },
        { generate, pipeline: loaded, signal },
        writingOptions(settings, seed, GOOD_ENOUGH.translate),
      );
    },
  },
  'task.rewrite': {
    arguments: { text: { type: 'text' } },
    result: { text: 'text', lost: 'text[]', added: 'text[]', parts: 'number', model: 'text' },
    check: ({ how }) => (typeof how === 'string' && how !== '' ? undefined : 'It needs "how": "shorter, friendly".'),
    run: async ({ text }, settings, { generate, seed }) =>
      rewriteText(
        textOf(text, 'text'),
        String(settings['how']),
        generate,
        writingOptions(settings, seed, GOOD_ENOUGH.rewrite),
      ),
  },
  'task.autocomplete': {
    arguments: { text: { type: 'text' } },
    result: { text: 'text', suggestions: 'text[]', model: 'text' },
    run: async ({ text }, settings, { generate, seed }) =>
      continueText(
        textOf(text, 'text'),
        {
          count: Math.max(1, Math.min(5, numberIn(settings, 'count', 1))),
          maxTokens: Math.max(1, Math.min(200, numberIn(settings, 'maxTokens', 16))),
        },
        generate,
        writingOptions(settings, seed, GOOD_ENOUGH.autocomplete),
      ),
  },
  'task.moderate': {
    arguments: { text: { type: 'text' } },
    result: { isFine: 'boolean', score: 'number', findings: 'record[]', kinds: 'text[]', model: 'text' },
    run: async ({ text }) => ({ ...moderate(textOf(text, 'text')), model: 'rules' }),
  },
};

/** What a model wrote, and which of its sentences the text does not support. */
async function writtenSummary(
  text: string,
  settings: Settings,
  { generate, embedder, seed, signal }: OperationContext,
) {
  const style = settings['style'] === 'bullets' ? 'bullets' : 'short';
  const most = numberIn(settings, 'sentences', 3);
  const options = writingOptions(settings, seed, GOOD_ENOUGH.summarise);
  const written = await summariseByModel(text, style, most, generate, options);
  const claims = written.bullets
    .flatMap((line) => sentencesOf(line).map((sentence) => sentence.text))
    .slice(0, MOST_CHECKED);
  const checked = await verifyClaims(claims, [{ id: 'text', title: '', text }], await embedder(), signal);
  const unsupported = checked.filter(({ verdict }) => verdict !== 'supported').map((claim) => claim.text);
  return { ...written, sentences: [], unsupported };
}

/** A summary is a few sentences; what is longer is none. */
const MOST_CHECKED = 12;

async function chosenSentences(
  texts: readonly string[],
  focus: string | undefined,
  settings: Settings,
  { embedder, signal }: OperationContext,
) {
  const model = await embedder();
  const most = numberIn(settings, 'sentences', 3);
  // A long text is summarised part by part, and then the parts together.
  let sentences = texts.flatMap((part) => tellingSentences(part));
  let parts = 1;
  for (const limit = 200; sentences.length > limit; ) {
    const cut = Array.from({ length: Math.ceil(sentences.length / limit) }, (_, index) =>
      sentences.slice(index * limit, (index + 1) * limit),
    );
    parts = Math.max(parts, cut.length);
    const chosen = [];
    for (const part of cut) {
      const vectors = await model.embed(
        part.map((sentence) => sentence.text),
        signal,
      );
      chosen.push(...chooseSentences(part, vectors, Math.max(most, Math.floor(limit / 5))));
    }
    sentences = chosen;
  }
  const vectors = await model.embed(
    sentences.map((sentence) => sentence.text),
    signal,
  );
  const [point] = focus === undefined ? [] : await model.embed([focus], signal);
  const chosen = chooseSentences(sentences, vectors, most, point);
  const bullets = chosen.map((sentence) => sentence.text);
  const text = settings['style'] === 'bullets' ? bullets.map((line) => `- ${line}`).join('\n') : bullets.join(' ');
  return { text, bullets, sentences: chosen, parts, model: model.modelId };
}
