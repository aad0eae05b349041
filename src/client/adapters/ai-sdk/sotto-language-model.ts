import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider';
import { abortError } from '../../../shared/index.ts';
import type { ChatCompletions } from '../../chat-completions.ts';
import type { Embeddings } from '../../embeddings.ts';
import { requestOf } from './request.ts';
import { finishReason, isWhole, streamParts, usageOf } from './stream-parts.ts';

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
    const request = { ...requestOf(this.modelId, options), stream: false as const };
    const { id, created, model, choices, usage } = await this.#engine.chat.completions.create(request, {
      signal: options.abortSignal,
    });
    const choice = choices[0];
    // The SDK knows no half answers: whoever stopped it does not want it.
    if (choice === undefined || choice.finish_reason === 'abort') throw abortError();
    const { content, reasoning_content: reasoning, tool_calls: calls = [] } = choice.message;
    return {
      content: [
        ...(reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
        ...(content === '' && calls.length > 0 ? [] : [{ type: 'text' as const, text: content }]),
        ...calls
          .map((call) => ({ toolCallId: call.id, toolName: call.function.name, input: call.function.arguments }))
          .filter(({ input }) => isWhole(input))
          .map((call) => ({ type: 'tool-call' as const, ...call })),
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
    const parts = streamParts(chunks, options.includeRawChunks === true);
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
