import type { Embeddings } from '../embeddings.ts';
import type { Models } from '../models.ts';
import type { ChatCompletion, ChatCompletionRequest, RequestOptions } from '../openai-types.ts';

/** Whole answers to conversations. */
interface Completions {
  create(
    request: ChatCompletionRequest & { readonly stream?: false },
    options?: RequestOptions,
  ): Promise<ChatCompletion>;
}

/** What answers the questions that the tasks worker asks of other threads. */
export interface TaskHelpers {
  readonly models: Models;
  readonly chat: { readonly completions: Completions };
  readonly embeddings: Embeddings;
}
