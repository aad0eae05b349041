import type { ChatMessage, GenerateResult, PromptPiece } from '../protocol/index.ts';
import { abortError, SottoError } from '../shared/index.ts';
import { AsyncQueue } from './async-queue.ts';
import { extrasOf, generate, renderPrompt, usageOf } from './generation.ts';
import type { Models, ReadyModel } from './models.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionMessage,
  ChatCompletionRequest,
  Completion,
  CompletionChunk,
  CompletionRequest,
  RequestOptions,
  SamplingParameters,
} from './openai-types.ts';
import {
  type GenerationDefaults,
  type GenerationParameters,
  generationParameters,
  type RequestInput,
} from './sampling-parameters.ts';
import type { Workers } from './workers.ts';

/** A streamed answer. Leaving the loop early stops the generation. */
export type CompletionStream<Chunk> = AsyncIterableIterator<Chunk>;

type Streaming<Request> = Request & { readonly stream: true };
type Whole<Request> = Request & { readonly stream?: false | null | undefined };

/** How one kind of completion makes its prompt and writes its results. */
interface Format<Chunk, Result> {
  readonly prefix: string;
  readonly input: RequestInput;
  readonly prompt: (
    model: ReadyModel,
    defaults: GenerationDefaults,
    signal?: AbortSignal,
  ) => Promise<readonly PromptPiece[]>;
  readonly delta: (text: string, isFirst: boolean, base: Base) => Chunk;
  readonly last: (result: GenerateResult, parameters: GenerationParameters, base: Base) => Chunk;
  readonly whole: (result: GenerateResult, parameters: GenerationParameters, base: Base) => Result;
}

interface Base {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** What runs a request of either kind: prompt, generation, stream. */
export class CompletionRunner {
  readonly #workers: Workers;
  readonly #models: Models;

  constructor(workers: Workers, models: Models) {
    this.#workers = workers;
    this.#models = models;
  }

  get workers(): Workers {
    return this.#workers;
  }

  async whole<Chunk, Result>(
    request: SamplingParameters & { readonly model: string },
    format: Format<Chunk, Result>,
    { signal }: RequestOptions,
  ): Promise<Result> {
    const { base, parameters, prompt } = await this.#prepare(request, format, signal);
    const result = await generate(this.#workers, prompt, parameters, () => {}, signal);
    return format.whole(result, parameters, base);
  }

  async stream<Chunk, Result>(
    request: SamplingParameters & { readonly model: string },
    format: Format<Chunk, Result>,
    { signal }: RequestOptions,
  ): Promise<CompletionStream<Chunk>> {
    const { base, parameters, prompt } = await this.#prepare(request, format, signal);
    const abandoned = new AbortController();
    const queue = new AsyncQueue<Chunk>(() => abandoned.abort());
    let written = 0;
    const write = (text: string) => {
      if (text === '') return;
      queue.push(format.delta(text, written === 0, base));
      written += text.length;
    };
    const anySignal = signal ? AbortSignal.any([signal, abandoned.signal]) : abandoned.signal;
    generate(this.#workers, prompt, parameters, write, anySignal).then(
      (result) => {
        // Deltas travel through a port of their own and may arrive after the result: the rest is taken from the result.
        write(result.text.slice(written));
        queue.push(format.last(result, parameters, base));
        queue.close();
      },
      (error: unknown) => queue.fail(error),
    );
    return queue;
  }

  async #prepare<Chunk, Result>(
    request: SamplingParameters & { readonly model: string },
    format: Format<Chunk, Result>,
    signal: AbortSignal | undefined,
  ) {
    if (signal?.aborted) throw abortError();
    const { model, defaults } = await this.#models.ready(request.model, signal);
    const parameters = generationParameters(request, defaults, format.input);
    const prompt = await format.prompt(model, defaults, signal);
    const base = {
      id: `${format.prefix}-${crypto.randomUUID()}`,
      created: Math.floor(Date.now() / 1000),
      model: model.id,
    };
    return { base, parameters, prompt };
  }
}

/** `sotto.chat.completions`: answers to conversations, in the shape of the OpenAI chat API. */
export class ChatCompletions {
  readonly #runner: CompletionRunner;

  constructor(runner: CompletionRunner) {
    this.#runner = runner;
  }

  create(
    request: Streaming<ChatCompletionRequest>,
    options?: RequestOptions,
  ): Promise<CompletionStream<ChatCompletionChunk>>;
  create(request: Whole<ChatCompletionRequest>, options?: RequestOptions): Promise<ChatCompletion>;
  async create(
    request: ChatCompletionRequest,
    options: RequestOptions = {},
  ): Promise<CompletionStream<ChatCompletionChunk> | ChatCompletion> {
    const messages = chatMessages(request.messages);
    const format: Format<ChatCompletionChunk, ChatCompletion> = {
      prefix: 'chatcmpl',
      input: 'messages',
      prompt: (model, defaults, signal) =>
        renderPrompt(this.#runner.workers, model, withSystemPrompt(messages, defaults.systemPrompt), signal),
      delta: (content, isFirst, base) => ({
        ...base,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: isFirst ? { role: 'assistant', content } : { content }, finish_reason: null }],
      }),
      last: (result, parameters, base) => ({
        ...base,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: {}, finish_reason: result.finishReason }],
        ...finished(result, parameters),
      }),
      whole: (result, parameters, base) => ({
        ...base,
        object: 'chat.completion',
        choices: [
          { index: 0, message: { role: 'assistant', content: result.text }, finish_reason: result.finishReason },
        ],
        ...finished(result, parameters),
      }),
    };
    return request.stream
      ? this.#runner.stream(request, format, options)
      : this.#runner.whole(request, format, options);
  }
}

/** `sotto.completions`: text continued as it stands, without a chat template. */
export class Completions {
  readonly #runner: CompletionRunner;

  constructor(runner: CompletionRunner) {
    this.#runner = runner;
  }

  create(request: Streaming<CompletionRequest>, options?: RequestOptions): Promise<CompletionStream<CompletionChunk>>;
  create(request: Whole<CompletionRequest>, options?: RequestOptions): Promise<Completion>;
  async create(
    request: CompletionRequest,
    options: RequestOptions = {},
  ): Promise<CompletionStream<CompletionChunk> | Completion> {
    if (typeof request.prompt !== 'string') throw new SottoError('invalid-option', '"prompt" must be a text.');
    const format: Format<CompletionChunk, Completion> = {
      prefix: 'cmpl',
      input: 'prompt',
      // A raw prompt is the caller's own: control tokens in it are meant.
      prompt: async () => [{ kind: 'template', text: request.prompt }],
      delta: (text, _isFirst, base) => ({
        ...base,
        object: 'text_completion',
        choices: [{ index: 0, text, finish_reason: null }],
      }),
      last: (result, parameters, base) => ({
        ...base,
        object: 'text_completion',
        choices: [{ index: 0, text: '', finish_reason: result.finishReason }],
        ...finished(result, parameters),
      }),
      whole: (result, parameters, base) => ({
        ...base,
        object: 'text_completion',
        choices: [{ index: 0, text: result.text, finish_reason: result.finishReason }],
        ...finished(result, parameters),
      }),
    };
    return request.stream
      ? this.#runner.stream(request, format, options)
      : this.#runner.whole(request, format, options);
  }
}

function finished(result: GenerateResult, parameters: GenerationParameters) {
  return { usage: usageOf(result), timings: result.timings, sotto: extrasOf(result, parameters) };
}

function withSystemPrompt(messages: readonly ChatMessage[], systemPrompt: string | null): readonly ChatMessage[] {
  const hasOwn = messages.some((message) => message.role === 'system');
  return hasOwn || systemPrompt === null ? messages : [{ role: 'system', content: systemPrompt }, ...messages];
}

const ROLES: ReadonlySet<string> = new Set(['system', 'user', 'assistant']);

function chatMessages(messages: readonly ChatCompletionMessage[]): readonly ChatMessage[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new SottoError('empty-prompt', '"messages" must hold at least one message.');
  }
  const texts = messages.map((message: ChatCompletionMessage, index) => {
    if (!ROLES.has(message?.role)) {
      throw new SottoError('invalid-option', `"messages[${index}].role" must be system, user or assistant.`);
    }
    return { role: message.role, content: textOf(message.content, index) };
  });
  const last = texts.at(-1);
  if (last?.role === 'assistant') {
    throw new SottoError(
      'unsupported-option',
      'The last message must not be the assistant’s: it cannot be continued yet.',
    );
  }
  if (last?.content.trim() === '') throw new SottoError('empty-prompt', 'The last message is empty.');
  return texts;
}

function textOf(content: ChatCompletionMessage['content'], index: number): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content : [undefined];
  return parts
    .map((part) => {
      if (part?.type === 'text' && typeof part.text === 'string') return part.text;
      throw new SottoError('unsupported-option', `"messages[${index}].content" must be text.`);
    })
    .join('');
}
