import type { ChatMessage, GrammarSource, TemplateInputs } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import { chatMessages, isContinued, withSystemPrompt } from './chat-messages.ts';
import { chatPrompt } from './chat-prompt.ts';
import type {
  Answer,
  AnswerPart,
  CompletionFormat,
  CompletionRunner,
  CompletionStream,
  PreparedPrompt,
} from './completion-runner.ts';
import { extrasOf } from './generation.ts';
import { loadRequestExtras } from './load-request-extras.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionRequest,
  ChatFinishReason,
  RequestOptions,
  TokenCountRequest,
} from './openai-types.ts';
import { checkOptions, SIGNAL } from './options.ts';
import { CHAT_FIELDS, checkFields } from './request-fields.ts';
import type { PartialValues } from './structured-output/index.ts';
import type { LazyTasks } from './tasks/index.ts';
import type {
  ChatCompletionToolCall,
  RunToolsOptions,
  RunToolsRequest,
  RunToolsResult,
  ToolUse,
} from './tools/index.ts';

/** `sotto.chat.completions`: answers to conversations, in the shape of the OpenAI chat API. */
export class ChatCompletions {
  readonly #runner: CompletionRunner;
  readonly #flows: () => LazyTasks['flows'];

  constructor(runner: CompletionRunner, flows: () => LazyTasks['flows']) {
    this.#runner = runner;
    this.#flows = flows;
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
    return this.#create(request, options, this.#runner.era);
  }

  async #create(
    request: ChatCompletionRequest,
    options: RequestOptions,
    era: number,
  ): Promise<CompletionStream<ChatCompletionChunk> | ChatCompletion> {
    checkFields(request, CHAT_FIELDS);
    checkOptions(options, SIGNAL);
    if (String(request.model).startsWith('flow:')) {
      const { answerThroughFlow } = await import('./flow-models/index.ts');
      return answerThroughFlow(this.#flows(), request, options);
    }
    if (request.tools) await this.#runner.workers.permit('tools');
    const thinks = await reasoningOf(request);
    const messages = chatMessages(request.messages);
    const format = chatFormat(this.#runner, messages, request, {
      values: await valuesOf(request, messages),
      thinks,
      inputs: await inputsOf(request, thinks(Number.MAX_SAFE_INTEGER) !== 0),
      use: await toolsOf(request),
      text: await grammarOf(request.response_format),
      logs: request.logprobs ? await loadRequestExtras() : undefined,
    });
    return request.stream
      ? this.#runner.stream(request, format, { ...options, era })
      : this.#runner.whole(request, format, { ...options, era });
  }

  /**
   * Lets the model call tools that the page runs, until it has an answer. Every call is put to `options.approve` first;
   * without one, to the person.
   */
  async runTools(request: RunToolsRequest, options?: RunToolsOptions): Promise<RunToolsResult> {
    const { era } = this.#runner;
    // Loaded when it is first needed, as few pages have tools of their own.
    const { runTools } = await import('./tools/run-tools.ts');
    return runTools((asked, more) => this.#create(asked, more, era) as Promise<ChatCompletion>, request, options);
  }

  /** Tokens that a conversation takes, the model's own system prompt and the template's parts included. */
  async countTokens(
    request: TokenCountRequest,
    options: RequestOptions = {},
  ): Promise<{ readonly total_tokens: number }> {
    checkFields(request, CHAT_FIELDS);
    checkOptions(options, SIGNAL);
    const { model: modelId, messages } = request;
    const thinks = await reasoningOf(request);
    const inputs = await inputsOf(request, thinks(Number.MAX_SAFE_INTEGER) !== 0);
    const { signal } = options;
    const { workers } = this.#runner;
    const conversation = chatMessages(messages);
    const { model, defaults } = await this.#runner.ready(modelId, signal);
    const prompt = await chatPrompt(
      workers,
      model,
      { messages: withSystemPrompt(conversation, defaults.systemPrompt), inputs, use: await toolsOf(request) },
      signal,
    );
    return { total_tokens: await this.#runner.countTokens(model.id, prompt.pieces, signal) };
  }
}

/** What a request says beside its messages and numbers, read by code that comes where a request says so. */
interface AnswerRules {
  /** Tokens that may be thought of so many; undefined: as the model likes. */
  readonly thinks: (answerTokens: number) => number | undefined;
  readonly inputs: TemplateInputs;
  readonly use: ToolUse | undefined;
  readonly text: GrammarSource | undefined;
  /** What the answers hold so far, where they are JSON. */
  readonly values: PartialValues | undefined;
  readonly logs: Pick<typeof import('./request-extras.ts'), 'chatLogprobs'> | undefined;
}

async function reasoningOf(request: ChatCompletionRequest): Promise<AnswerRules['thinks']> {
  if ((request.reasoning ?? request.reasoning_effort ?? null) === null) return () => undefined;
  const { thinkingTokens } = await loadRequestExtras();
  return (answerTokens) => thinkingTokens(request, answerTokens);
}

async function inputsOf(request: ChatCompletionRequest, mayThink: boolean): Promise<TemplateInputs> {
  if (mayThink && (request.documents ?? request.chat_template_kwargs ?? null) === null) return {};
  return (await loadRequestExtras()).templateInputs(request, { mayThink });
}

async function valuesOf(
  { response_format: format }: ChatCompletionRequest,
  messages: readonly ChatMessage[],
): Promise<PartialValues | undefined> {
  if (format?.type !== 'json_object' && format?.type !== 'json_schema') return undefined;
  const { PartialValues } = await loadRequestExtras();
  return new PartialValues(isContinued(messages) ? (messages.at(-1)?.content ?? '') : '');
}

async function grammarOf(format: ChatCompletionRequest['response_format']): Promise<GrammarSource | undefined> {
  if (format === undefined || format === null) return undefined;
  return (await import('./structured-output/response-format.ts')).responseGrammar(format);
}

/** What a request says of tools, checked by code that is loaded where one says anything. */
async function toolsOf(
  request: Pick<ChatCompletionRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'>,
): Promise<ToolUse | undefined> {
  const fields = [request.tools, request.tool_choice, request.parallel_tool_calls];
  if (fields.every((field) => field === undefined || field === null)) return undefined;
  return (await import('./tools/index.ts')).checkTools(request);
}

function chatFormat(
  runner: CompletionRunner,
  messages: readonly ChatMessage[],
  request: ChatCompletionRequest,
  { thinks, inputs, use, text, values, logs }: AnswerRules,
): CompletionFormat<ChatCompletionChunk, ChatCompletion> {
  const { workers } = runner;
  const { reasoning_format: reasoningFormat = null } = request;
  const policy = request.context_policy ?? 'error';
  if (policy !== 'error' && policy !== 'truncate-middle' && policy !== 'shift') {
    throw new SottoError('invalid-option', '"context_policy" must be error, truncate-middle or shift.', {
      details: { option: 'context_policy' },
    });
  }
  if (reasoningFormat !== null && reasoningFormat !== 'separate' && reasoningFormat !== 'inline') {
    throw new SottoError('invalid-option', '"reasoning_format" must be separate or inline.', {
      details: { option: 'reasoning_format' },
    });
  }
  return {
    idPrefix: 'chatcmpl',
    prompts: async (model, { systemPrompt, maxTokens }, signal) => {
      const render = (some: readonly ChatMessage[]) =>
        chatPrompt(workers, model, { messages: some, inputs, use, text }, signal);
      const shortened = async (all: readonly ChatMessage[]) => {
        const { fitMessages, promptRoom } = await loadRequestExtras();
        return fitMessages(all, promptRoom(request, maxTokens, model.contextLength), async (some) => {
          const { pieces } = await render(some);
          return runner.countTokens(model.id, pieces, signal);
        });
      };
      const all = withSystemPrompt(messages, systemPrompt);
      const fitted = policy === 'error' ? { messages: all, dropped: undefined } : await shortened(all);
      const rendered = await render(fitted.messages);
      const limited = withLimit(rendered, thinks(maxTokens));
      const form = policy === 'shift' ? { ...limited.form, shiftsContext: true } : limited.form;
      const prompt = { ...limited, form, dropped: fitted.dropped };
      return [reasoningFormat === 'inline' ? { ...prompt, thinking: undefined } : prompt];
    },
    delta: (part, { index, isFirst, logprobs, dropped }, base) => ({
      ...base,
      object: 'chat.completion.chunk',
      choices: [
        {
          index,
          delta: { ...(isFirst ? { role: 'assistant' as const } : {}), ...deltaOf(part) },
          finish_reason: null,
          logprobs: logs?.chatLogprobs(logprobs) ?? null,
          ...(values && part.kind === 'content' ? { partial: values.after(index, part.text) } : {}),
        },
      ],
      ...(dropped && { dropped }),
    }),
    finish: (answer, usage, base) => ({
      ...base,
      object: 'chat.completion.chunk',
      choices: [{ index: answer.index, delta: {}, finish_reason: finishReason(answer), logprobs: null }],
      ...(usage ? { usage } : {}),
      timings: answer.result.timings,
      sotto: extrasOf(answer),
    }),
    usage: (usage, base) => ({ ...base, object: 'chat.completion.chunk', choices: [], usage }),
    whole: (answers, usage, base) => ({
      ...base,
      object: 'chat.completion',
      choices: answers.map((answer) => ({
        index: answer.index,
        message: {
          ...messageOf(answer),
          ...(values ? { parsed: values.finished(answer.content) } : {}),
        },
        finish_reason: finishReason(answer),
        logprobs: logs?.chatLogprobs(answer.result.logprobs) ?? null,
      })),
      usage,
      ...firstOf(answers),
    }),
  };
}

/** A prompt whose answer may think only so much. */
function withLimit(prompt: PreparedPrompt, tokens: number | undefined): PreparedPrompt {
  if (tokens === undefined || prompt.thinking === undefined) return prompt;
  const { tags, startsInThinking: isOpen } = prompt.thinking;
  return { ...prompt, form: { ...prompt.form, thinking: { tokens, isOpen, ...tags } } };
}

function deltaOf(part: AnswerPart): ChatCompletionChunk['choices'][number]['delta'] {
  if (part.kind === 'call') return { tool_calls: [part.delta] };
  return part.kind === 'content' ? { content: part.text } : { reasoning_content: part.text };
}

/** An answer that called tools ended with them, unless it was cut: also by a stop text within the arguments. */
function finishReason({ calls, result }: Answer): ChatFinishReason {
  const isCall = calls.length > 0 && result.finishReason === 'stop' && calls.every(isWhole);
  return isCall ? 'tool_calls' : result.finishReason;
}

function isWhole({ function: { arguments: given } }: ChatCompletionToolCall): boolean {
  try {
    JSON.parse(given);
    return true;
  } catch {
    return false;
  }
}

function messageOf({ content, reasoning, calls }: Answer): ChatCompletion['choices'][number]['message'] {
  return {
    role: 'assistant',
    content,
    refusal: null,
    ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function firstOf(answers: readonly Answer[]): Pick<ChatCompletion, 'timings' | 'sotto'> {
  const first = answers[0];
  if (first === undefined) throw new RangeError('A request has at least one answer.');
  return { timings: first.result.timings, sotto: extrasOf(first) };
}
