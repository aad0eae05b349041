import type { ChatMessage, TemplateInputs } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import { chatMessages, cutAtMark, isContinued, markEnd, withSystemPrompt } from './chat-messages.ts';
import type {
  Answer,
  CompletionFormat,
  CompletionRunner,
  CompletionStream,
  PreparedPrompt,
} from './completion-runner.ts';
import { extrasOf, renderPrompt } from './generation.ts';
import { chatLogprobs } from './log-probabilities.ts';
import type { ReadyModel } from './models.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionRequest,
  RequestOptions,
  TokenCountRequest,
} from './openai-types.ts';
import { CHAT_FIELDS, checkFields } from './request-fields.ts';
import { templateInputs } from './template-inputs.ts';
import { canThink, endsInThinking } from './thinking.ts';
import type { Workers } from './workers.ts';

/** `sotto.chat.completions`: answers to conversations, in the shape of the OpenAI chat API. */
export class ChatCompletions {
  readonly #runner: CompletionRunner;

  constructor(runner: CompletionRunner) {
    this.#runner = runner;
  }

  create(
    request: ChatCompletionRequest & { readonly stream: true },
    options?: RequestOptions,
  ): Promise<CompletionStream<ChatCompletionChunk>>;
  create(
    request: ChatCompletionRequest & { readonly stream?: false | null | undefined },
    options?: RequestOptions,
  ): Promise<ChatCompletion>;
  create(
    request: ChatCompletionRequest,
    options?: RequestOptions,
  ): Promise<CompletionStream<ChatCompletionChunk> | ChatCompletion>;
  async create(
    request: ChatCompletionRequest,
    options: RequestOptions = {},
  ): Promise<CompletionStream<ChatCompletionChunk> | ChatCompletion> {
    checkFields(request, CHAT_FIELDS);
    const messages = chatMessages(request.messages);
    const inputs = templateInputs(request);
    const format = chatFormat(this.#runner.workers, messages, request.reasoning_format ?? null, inputs);
    return request.stream
      ? this.#runner.stream(request, format, options)
      : this.#runner.whole(request, format, options);
  }

  /** Tokens that a conversation takes, the model's own system prompt and the template's parts included. */
  async countTokens(
    { model: modelId, messages }: TokenCountRequest,
    { signal }: RequestOptions = {},
  ): Promise<{ readonly total_tokens: number }> {
    const { workers } = this.#runner;
    const conversation = chatMessages(messages);
    const { model, defaults } = await this.#runner.ready(modelId, signal);
    const prompt = await chatPrompt(workers, model, withSystemPrompt(conversation, defaults.systemPrompt), signal);
    const count = await workers.inference.call(({ port }) => port.countTokens(prompt.pieces), { signal });
    return { total_tokens: count };
  }
}

function chatFormat(
  workers: Workers,
  messages: readonly ChatMessage[],
  reasoningFormat: ChatCompletionRequest['reasoning_format'] | null,
  inputs: TemplateInputs,
): CompletionFormat<ChatCompletionChunk, ChatCompletion> {
  if (reasoningFormat !== null && reasoningFormat !== 'separate' && reasoningFormat !== 'inline') {
    throw new SottoError('invalid-option', '"reasoning_format" must be separate or inline.', {
      details: { option: 'reasoning_format' },
    });
  }
  return {
    idPrefix: 'chatcmpl',
    prompts: async (model, { systemPrompt }, signal) => {
      const prompt = await chatPrompt(workers, model, withSystemPrompt(messages, systemPrompt), signal, inputs);
      return [reasoningFormat === 'inline' ? { pieces: prompt.pieces } : prompt];
    },
    delta: ({ kind, text }, { index, isFirst, logprobs }, base) => ({
      ...base,
      object: 'chat.completion.chunk',
      choices: [
        {
          index,
          delta: {
            ...(isFirst ? { role: 'assistant' as const } : {}),
            ...(kind === 'content' ? { content: text } : { reasoning_content: text }),
          },
          finish_reason: null,
          logprobs: chatLogprobs(logprobs),
        },
      ],
    }),
    finish: (answer, usage, base) => ({
      ...base,
      object: 'chat.completion.chunk',
      choices: [{ index: answer.index, delta: {}, finish_reason: answer.result.finishReason, logprobs: null }],
      ...(usage ? { usage } : {}),
      timings: answer.result.timings,
      sotto: extrasOf(answer.result, answer.parameters),
    }),
    usage: (usage, base) => ({ ...base, object: 'chat.completion.chunk', choices: [], usage }),
    whole: (answers, usage, base) => ({
      ...base,
      object: 'chat.completion',
      choices: answers.map((answer) => ({
        index: answer.index,
        message: messageOf(answer),
        finish_reason: answer.result.finishReason,
        logprobs: chatLogprobs(answer.result.logprobs),
      })),
      usage,
      ...firstOf(answers),
    }),
  };
}

function messageOf({ content, reasoning }: Answer): ChatCompletion['choices'][number]['message'] {
  const message = { role: 'assistant' as const, content, refusal: null };
  return reasoning === undefined ? message : { ...message, reasoning_content: reasoning };
}

function firstOf(answers: readonly Answer[]): Pick<ChatCompletion, 'timings' | 'sotto'> {
  const first = answers[0];
  if (first === undefined) throw new RangeError('A request has at least one answer.');
  return { timings: first.result.timings, sotto: extrasOf(first.result, first.parameters) };
}

/** Messages → prompt; one that ends in the assistant's own words goes on where they end. */
async function chatPrompt(
  workers: Workers,
  model: ReadyModel,
  messages: readonly ChatMessage[],
  signal: AbortSignal | undefined,
  inputs: TemplateInputs = {},
): Promise<PreparedPrompt> {
  if (!isContinued(messages)) {
    const pieces = await renderPrompt(workers, model, messages, signal, inputs);
    const end = pieces.at(-1)?.text ?? '';
    return { pieces, thinking: canThink(model.chatTemplate) ? { startsInThinking: endsInThinking(end) } : undefined };
  }
  const { marked, mark } = markEnd(messages, model.chatTemplate ?? '');
  const rendered = await renderPrompt(workers, model, marked, signal, { ...inputs, addGenerationPrompt: false });
  // What the caller began is an answer already, not thinking.
  return { pieces: cutAtMark(rendered, mark) };
}
