import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider';
import { abortError, SottoError } from '../../../shared/index.ts';
import type { ChatCompletions } from '../../chat-completions.ts';
import type { Embeddings } from '../../embeddings.ts';
import type { ChatCompletionRequest, ResponseFormat } from '../../openai-types.ts';
import { promptMessages } from './prompt-messages.ts';
import { finishReason, streamParts, usageOf } from './stream-parts.ts';

/** What the adapter needs of Sotto. */
export interface AiSdkEngine {
  readonly chat: { readonly completions: Pick<ChatCompletions, 'create'> };
  readonly embeddings: Pick<Embeddings, 'create'>;
}

/** One model of a Sotto as the AI SDK calls it. The model must be loaded. */
export class SottoLanguageModel implements LanguageModelV4 {
  readonly specificationVersion = 'v4';
  readonly provider = 'sotto';
  readonly modelId: string;
  /** None: nothing is ever fetched on behalf of a prompt. */
  readonly supportedUrls = {};
  readonly #engine: AiSdkEngine;

  constructor(engine: AiSdkEngine, modelId: string) {
    this.#engine = engine;
    this.modelId = modelId;
  }

  async doGenerate(options: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    const request = requestOf(this.modelId, options);
    const { id, created, model, choices, usage } = await this.#engine.chat.completions.create(request, {
      signal: options.abortSignal,
    });
    const choice = choices[0];
    // The SDK knows no half answers: whoever stopped it does not want it.
    if (choice === undefined || choice.finish_reason === 'abort') throw abortError();
    const { content, reasoning_content: reasoning } = choice.message;
    return {
      content: [
        ...(reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
        { type: 'text', text: content },
      ],
      finishReason: finishReason(choice.finish_reason),
      usage: usageOf(usage),
      response: { id, modelId: model, timestamp: new Date(created * 1000) },
      warnings: [],
    };
  }

  async doStream(options: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    const request = { ...requestOf(this.modelId, options), stream: true as const };
    const chunks = await this.#engine.chat.completions.create(request, { signal: options.abortSignal });
    const parts = streamParts(chunks);
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        // Leaving the loop over the chunks is what stops the model.
        await parts.return(undefined);
      },
    });
    return { stream };
  }
}

function requestOf(model: string, options: LanguageModelV4CallOptions): ChatCompletionRequest & { stream?: false } {
  if (options.tools !== undefined && options.tools.length > 0) {
    throw new SottoError('unsupported-option', '"tools" are not supported by this adapter.', {
      details: { option: 'tools' },
    });
  }
  return {
    model,
    messages: promptMessages(options.prompt),
    max_tokens: options.maxOutputTokens,
    temperature: options.temperature,
    top_p: options.topP,
    top_k: options.topK,
    presence_penalty: options.presencePenalty,
    frequency_penalty: options.frequencyPenalty,
    stop: options.stopSequences,
    seed: options.seed,
    response_format: responseFormat(options.responseFormat),
  };
}

function responseFormat(format: LanguageModelV4CallOptions['responseFormat']): ResponseFormat | undefined {
  if (format === undefined || format.type === 'text') return undefined;
  const { schema, name = 'response', description } = format;
  if (schema === undefined) return { type: 'json_object' };
  const plain = schema as Readonly<Record<string, unknown>>;
  return { type: 'json_schema', json_schema: { name, schema: plain, description, strict: true } };
}
