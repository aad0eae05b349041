import type { EmbeddingModelV4, EmbeddingModelV4CallOptions, EmbeddingModelV4Result } from '@ai-sdk/provider';
import type { Embeddings } from '../../embeddings.ts';
import { ownOptions } from './request.ts';

/** As many as the OpenAI API takes: one call is one batch of the engine. */
const MOST_VALUES = 2048;

/** An encoder of a Sotto as the AI SDK calls it; it is loaded when it is first asked. */
export class SottoEmbeddingModel implements EmbeddingModelV4 {
  readonly specificationVersion = 'v4';
  readonly provider = 'sotto';
  readonly modelId: string;
  readonly maxEmbeddingsPerCall = MOST_VALUES;
  readonly supportsParallelCalls = false;
  readonly #embeddings: Pick<Embeddings, 'create'>;

  constructor(embeddings: Pick<Embeddings, 'create'>, modelId: string) {
    this.#embeddings = embeddings;
    this.modelId = modelId;
  }

  async doEmbed({
    values,
    abortSignal,
    providerOptions,
  }: EmbeddingModelV4CallOptions): Promise<EmbeddingModelV4Result> {
    // `dimensions` and `truncate` come as options of this provider; anything else is refused by name.
    const own = ownOptions(providerOptions);
    const request = { ...own, model: this.modelId, input: values, encoding_format: 'float' as const };
    const { data, usage } = await this.#embeddings.create(request, { signal: abortSignal });
    return {
      embeddings: data.map(({ embedding }) => [...(embedding as readonly number[])]),
      usage: { tokens: usage.prompt_tokens },
      warnings: [],
    };
  }
}
