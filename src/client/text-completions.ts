import { SottoError } from '../shared/index.ts';
import type { Answer, CompletionFormat, CompletionRunner, CompletionStream } from './completion-runner.ts';
import { extrasOf } from './generation.ts';
import { textLogprobs } from './log-probabilities.ts';
import type { Completion, CompletionChunk, CompletionRequest, RequestOptions } from './openai-types.ts';
import { checkOptions, SIGNAL } from './options.ts';
import { checkFields, TEXT_FIELDS } from './request-fields.ts';

/** Prompts of one request: as many as the OpenAI API takes answers. */
const MOST_PROMPTS = 128;

/** `sotto.completions`: text continued as it stands, without a chat template. */
export class Completions {
  readonly #runner: CompletionRunner;

  constructor(runner: CompletionRunner) {
    this.#runner = runner;
  }

  create(
    request: CompletionRequest & { readonly stream: true },
    options?: RequestOptions,
  ): Promise<CompletionStream<CompletionChunk>>;
  create(
    request: CompletionRequest & { readonly stream?: false | null | undefined },
    options?: RequestOptions,
  ): Promise<Completion>;
  create(request: CompletionRequest, options?: RequestOptions): Promise<CompletionStream<CompletionChunk> | Completion>;
  async create(
    request: CompletionRequest,
    options: RequestOptions = {},
  ): Promise<CompletionStream<CompletionChunk> | Completion> {
    checkFields(request, TEXT_FIELDS);
    checkOptions(options, SIGNAL);
    const format = textFormat(promptsOf(request.prompt), request.echo ?? false);
    const asked = { ...options, era: this.#runner.era };
    return request.stream ? this.#runner.stream(request, format, asked) : this.#runner.whole(request, format, asked);
  }
}

function promptsOf(prompt: CompletionRequest['prompt']): readonly string[] {
  const prompts: readonly unknown[] = Array.isArray(prompt) ? prompt : [prompt];
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (prompts.length === 0 || prompts.length > MOST_PROMPTS || !prompts.every(isText)) {
    throw new SottoError('invalid-option', `"prompt" must be a text, or a list of up to ${MOST_PROMPTS} texts.`, {
      details: { option: 'prompt' },
    });
  }
  return prompts;
}

function textFormat(prompts: readonly string[], hasEcho: boolean): CompletionFormat<CompletionChunk, Completion> {
  return {
    idPrefix: 'cmpl',
    // A raw prompt is the caller's own: control tokens in it are meant.
    prompts: async () =>
      prompts.map((text) => ({ pieces: [{ kind: 'template', text }], ...(hasEcho ? { echo: text } : {}) })),
    delta: ({ text }, { index, offset, logprobs }, base) => ({
      ...base,
      object: 'text_completion',
      choices: [{ index, text, finish_reason: null, logprobs: textLogprobs(logprobs, offset) }],
    }),
    finish: (answer, usage, base) => ({
      ...base,
      object: 'text_completion',
      choices: [{ index: answer.index, text: '', finish_reason: answer.result.finishReason, logprobs: null }],
      ...(usage ? { usage } : {}),
      timings: answer.result.timings,
      sotto: extrasOf(answer),
    }),
    usage: (usage, base) => ({ ...base, object: 'text_completion', choices: [], usage }),
    whole: (answers, usage, base) => {
      const first = answers[0];
      if (first === undefined) throw new RangeError('A request has at least one answer.');
      const { timings } = first.result;
      const choices = answers.map(choiceOf);
      return {
        ...base,
        object: 'text_completion',
        choices,
        usage,
        timings,
        sotto: extrasOf(first),
      };
    },
  };
}

function choiceOf({ index, content, result }: Answer): Completion['choices'][number] {
  // The answer's own tokens; those of an echoed prompt were read, not weighed.
  const logprobs = textLogprobs(result.logprobs, content.length - result.text.length);
  return { index, text: content, finish_reason: result.finishReason, logprobs };
}
