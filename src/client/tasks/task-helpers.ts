import type { Embeddings } from '../embeddings.ts';
import type { Lazy } from '../lazily.ts';
import type { LazyLibrary } from '../library/index.ts';
import type { Models } from '../models.ts';
import type {
  ChatCompletion,
  ChatCompletionRequest,
  Completion,
  CompletionRequest,
  RequestOptions,
} from '../openai-types.ts';

/** Whole answers to conversations. */
interface Completions {
  create(
    request: ChatCompletionRequest & { readonly stream?: false },
    options?: RequestOptions,
  ): Promise<ChatCompletion>;
}

/** What answers the questions that the tasks worker asks of other threads. */
export interface TaskHelpers {
  readonly models: Models & Pick<LazyLibrary, 'known'>;
  readonly chat: { readonly completions: Completions };
  readonly completions: {
    create(request: CompletionRequest & { readonly stream?: false }, options?: RequestOptions): Promise<Completion>;
  };
  readonly embeddings: Lazy<Embeddings>;
}
