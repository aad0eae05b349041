import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import type { BaseLanguageModelInput, StructuredOutputMethodOptions } from '@langchain/core/language_models/base';
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BaseChatModelParams,
  type BindToolsInput,
} from '@langchain/core/language_models/chat_models';
import { AIMessage, AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import type { Runnable } from '@langchain/core/runnables';
import { convertToOpenAITool } from '@langchain/core/utils/function_calling';
import { abortError, SottoError } from '../../../shared/index.ts';
import type { ChatCompletions } from '../../chat-completions.ts';
import type {
  ChatCompletionChunk,
  ChatCompletionRequest,
  CompletionUsage,
  ResponseFormat,
} from '../../openai-types.ts';
import { checkOptions, type OptionTable } from '../../options.ts';
import { CHAT_FIELDS } from '../../request-fields.ts';
import type { ChatCompletionTool, ToolChoice } from '../../tools/tool-types.ts';
import { chatMessagesOf } from './chat-messages.ts';
import { callValue, describeSchema, type OutputSchema, pipeline, textValue, valueParser } from './structured-output.ts';

/** Sampling options, by the names of the OpenAI API; those of a call go before those of the model. */
export type ChatSottoSettings = Omit<ChatCompletionRequest, 'model' | 'messages' | 'stream' | 'stream_options' | 'n'>;

export interface ChatSottoFields extends BaseChatModelParams {
  readonly sotto: { readonly chat: { readonly completions: Pick<ChatCompletions, 'create'> } };
  /** The id of a loaded model. */
  readonly model: string;
  readonly settings?: ChatSottoSettings;
}

export interface ChatSottoCallOptions extends BaseChatModelCallOptions {
  readonly settings?: ChatSottoSettings;
  readonly tools?: readonly BindToolsInput[];
  /** Whether an answer may call several tools; true where absent. */
  readonly parallel_tool_calls?: boolean;
  readonly response_format?: ResponseFormat;
}

/**
 * What LangChain itself reads of a model, and ours. All else is refused by name: `temperature` and its like belong into
 * `settings`, where they are honoured.
 */
const FIELDS: OptionTable<ChatSottoFields> = {
  sotto: 'any',
  model: 'text',
  settings: 'any',
  verbose: 'any',
  callbacks: 'any',
  tags: 'any',
  metadata: 'any',
  maxConcurrency: 'any',
  maxRetries: 'any',
  onFailedAttempt: 'function',
  callbackManager: 'any',
  cache: 'any',
  disableStreaming: 'any',
  outputVersion: 'any',
};

/** Of a call LangChain, its agents and its graphs keep much for themselves; what would be a field of the request is refused. */
const OWN_CALL_OPTIONS: ReadonlySet<string> = new Set([
  'stop',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'metadata',
  'store',
]);

function checkCall(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const field = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (value === undefined || value === null || OWN_CALL_OPTIONS.has(name) || !Object.hasOwn(CHAT_FIELDS, field))
      continue;
    const message = `"${name}" belongs into "settings": { settings: { ${field}: … } }.`;
    throw new SottoError('unsupported-option', message, { details: { option: name } });
  }
}

/** A model of a Sotto as LangChain calls it. */
export class ChatSotto extends BaseChatModel<ChatSottoCallOptions> {
  readonly model: string;
  readonly #completions: Pick<ChatCompletions, 'create'>;
  readonly #settings: ChatSottoSettings;

  static override lc_name(): string {
    return 'ChatSotto';
  }

  constructor(fields: ChatSottoFields) {
    checkOptions(fields, FIELDS);
    const { sotto, model, settings = {}, ...parameters } = fields;
    super(parameters);
    this.model = model;
    this.#completions = sotto.chat.completions;
    this.#settings = settings;
  }

  override _llmType(): string {
    return 'sotto';
  }

  /** A model that may call these tools: LangChain's own, or described as in the API. */
  override bindTools(
    tools: BindToolsInput[],
    options: Partial<ChatSottoCallOptions> = {},
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, ChatSottoCallOptions> {
    return this.withConfig({ ...options, tools });
  }

  /**
   * Answers as values of a schema, always valid (`method`: `jsonSchema`, the default; `functionCalling`; `jsonMode` where only
   * JSON is asked for). Rejects with OutputParserException where an answer was cut; with `includeRaw` `parsed` is null then.
   */
  override readonly withStructuredOutput = ((
    given: OutputSchema,
    { name, method = 'jsonSchema', includeRaw }: StructuredOutputMethodOptions<boolean> = {},
  ) => {
    const { name: known, schema } = describeSchema(given, name);
    if (method === 'functionCalling') {
      const tool = { type: 'function', function: { name: known, parameters: schema } };
      return pipeline(this.bindTools([tool], { tool_choice: known }), valueParser(given, callValue(known)), includeRaw);
    }
    const format: ResponseFormat =
      method === 'jsonMode' ? { type: 'json_object' } : { type: 'json_schema', json_schema: { name: known, schema } };
    return pipeline(this.withConfig({ response_format: format }), valueParser(given, textValue), includeRaw);
  }) as BaseChatModel<ChatSottoCallOptions>['withStructuredOutput'];

  override async _generate(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    let whole: ChatGenerationChunk | undefined;
    for await (const chunk of this._streamResponseChunks(messages, options, runManager)) {
      whole = whole?.concat(chunk) ?? chunk;
    }
    const message = whole?.message;
    const text = whole?.text ?? '';
    const usage = message instanceof AIMessageChunk ? message.usage_metadata : undefined;
    const generationInfo = whole?.generationInfo ?? {};
    const { tool_calls: calls, invalid_tool_calls: cut } = message instanceof AIMessageChunk ? message : {};
    const answer = new AIMessage({
      content: text,
      ...(calls ? { tool_calls: calls } : {}),
      ...(cut ? { invalid_tool_calls: cut } : {}),
      ...(usage === undefined ? {} : { usage_metadata: usage }),
      additional_kwargs: message?.additional_kwargs ?? {},
      response_metadata: generationInfo,
    });
    return { generations: [{ text, message: answer, generationInfo }], llmOutput: { tokenUsage: usage } };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    checkCall(options);
    const request = {
      ...this.#settings,
      ...options.settings,
      ...(options.stop === undefined ? {} : { stop: options.stop }),
      ...(options.response_format === undefined ? {} : { response_format: options.response_format }),
      ...toolFields(options),
      model: this.model,
      messages: chatMessagesOf(messages),
      stream: true as const,
    };
    const chunks = await this.#completions.create(request, { signal: options.signal });
    for await (const { choices, usage } of chunks) {
      const choice = choices[0];
      if (choice?.finish_reason === 'abort') throw abortError();
      const text = choice?.delta.content ?? '';
      const reasoning = choice?.delta.reasoning_content;
      const kwargs: Record<string, unknown> = reasoning === undefined ? {} : { reasoning_content: reasoning };
      const tool_call_chunks = callChunks(choice?.delta.tool_calls);
      const message = new AIMessageChunk({ content: text, additional_kwargs: kwargs, tool_call_chunks });
      // `never`: the package's types (1.4) infer no type at all for this field under exactOptionalPropertyTypes.
      if (usage !== undefined) message.usage_metadata = usageMetadata(usage) as never;
      const reason = choice?.finish_reason ?? null;
      const generationInfo = reason === null ? {} : { finish_reason: reason };
      const chunk = new ChatGenerationChunk({ text, message, generationInfo });
      yield chunk;
      if (text !== '') await runManager?.handleLLMNewToken(text, undefined, undefined, undefined, undefined, { chunk });
    }
  }
}

function toolFields({
  tools,
  tool_choice: choice,
  parallel_tool_calls: parallel,
}: Pick<ChatSottoCallOptions, 'tools' | 'tool_choice' | 'parallel_tool_calls'>) {
  if (tools === undefined || tools.length === 0) return {};
  const described = tools.map((tool) => convertToOpenAITool(tool) as ChatCompletionTool);
  return {
    tools: described,
    ...(choice === undefined ? {} : { tool_choice: toolChoice(choice) }),
    ...(parallel === undefined ? {} : { parallel_tool_calls: parallel }),
  };
}

/** `any` is LangChain's word for `required`; any other text is the name of a tool. */
function toolChoice(choice: NonNullable<ChatSottoCallOptions['tool_choice']>): ToolChoice {
  if (typeof choice !== 'string') return choice as ToolChoice;
  if (choice === 'any') return 'required';
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  return { type: 'function', function: { name: choice } };
}

function callChunks(calls: ChatCompletionChunk['choices'][number]['delta']['tool_calls'] = []) {
  return calls.map(({ index, id, function: { name, arguments: args } }) => ({
    type: 'tool_call_chunk' as const,
    index,
    args,
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
  }));
}

function usageMetadata(usage: CompletionUsage) {
  return {
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    total_tokens: usage.total_tokens,
    input_token_details: { cache_read: usage.prompt_tokens_details.cached_tokens },
  };
}
