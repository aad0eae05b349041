import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BaseChatModelParams,
} from '@langchain/core/language_models/chat_models';
import { AIMessage, AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';
import { abortError } from '../../../shared/index.ts';
import type { ChatCompletions } from '../../chat-completions.ts';
import type { ChatCompletionRequest, CompletionUsage } from '../../openai-types.ts';
import { chatMessagesOf } from './chat-messages.ts';

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
}

/** A model of a Sotto as LangChain calls it. */
export class ChatSotto extends BaseChatModel<ChatSottoCallOptions> {
  readonly model: string;
  readonly #completions: Pick<ChatCompletions, 'create'>;
  readonly #settings: ChatSottoSettings;

  static override lc_name(): string {
    return 'ChatSotto';
  }

  constructor({ sotto, model, settings = {}, ...parameters }: ChatSottoFields) {
    super(parameters);
    this.model = model;
    this.#completions = sotto.chat.completions;
    this.#settings = settings;
  }

  override _llmType(): string {
    return 'sotto';
  }

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
    const answer = new AIMessage({
      content: text,
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
    const request = {
      ...this.#settings,
      ...options.settings,
      ...(options.stop === undefined ? {} : { stop: options.stop }),
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
      const message = new AIMessageChunk({ content: text, additional_kwargs: kwargs });
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

function usageMetadata(usage: CompletionUsage) {
  return {
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    total_tokens: usage.total_tokens,
    input_token_details: { cache_read: usage.prompt_tokens_details.cached_tokens },
  };
}
